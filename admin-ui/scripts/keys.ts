import { $, $$, keep, kept, typing } from './dom';

const OFF = 'freehold.keys-off';
/** G, then one of these, goes to the menu entry whose address ends so. */
const GO: Record<string, string> = { p: 'posts', a: 'pages', m: 'media', c: 'comments', s: 'settings', d: 'domains', f: 'files' };

/** Single-letter keys; they never act in a field and can be turned off (WCAG 2.1.4). */
export function keys(): void {
  const off = $<HTMLInputElement>('[data-keys-off]');
  if (off) {
    off.checked = kept(OFF) === '1';
    off.addEventListener('change', () => keep(OFF, off.checked ? '1' : null));
  }
  let after = '';
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (kept(OFF) === '1' || $('dialog[open]')) return;
    const key = event.key;
    const act = after === 'g' ? go(key) : single(key, event.target as HTMLElement);
    after = key === 'g' && after !== 'g' ? 'g' : '';
    if (act) event.preventDefault();
  });
}

function go(key: string): boolean {
  const links = $$<HTMLAnchorElement>('.side .nav a');
  const link = key === 'h' ? links[0] : links.find((a) => GO[key] && new URL(a.href).pathname.endsWith(`/${GO[key]}`));
  if (link) { link.click(); return true; }
  // Pages without the side menu say where the site is.
  const base = $('[data-base]')?.dataset.base;
  const page = key === 'h' ? '' : GO[key];
  if (!base || page === undefined) return false;
  location.href = page ? `${base}/${page}` : base;
  return true;
}

function single(key: string, target: HTMLElement): boolean {
  switch (key) {
    case '?': $<HTMLDialogElement>('#keys')?.showModal(); return true;
    case '/': $('[data-find]')?.focus(); return Boolean($('[data-find]'));
    case 'n': $<HTMLAnchorElement>('[data-key="n"]')?.click(); return true;
    case 'F2': { const link = $<HTMLAnchorElement>('tr.at [data-open], tr:focus-within [data-open]'); if (link) location.href = `${link.href}#title`; return Boolean(link); }
    case 'Delete': { const button = $<HTMLButtonElement>('tr.at [data-trash], tr:focus-within [data-trash]'); button?.click(); return Boolean(button); }
    case 'j': case 'k': return walk(key === 'j' ? 1 : -1);
    case 'x': { const box = $<HTMLInputElement>('tr.at .pick input'); box?.click(); return Boolean(box); }
    case 'Enter': if (target.closest('a, button, summary')) return false; $<HTMLAnchorElement>('tr.at [data-open]')?.click(); return Boolean($('tr.at'));
    default: return false;
  }
}

/** Moves the mark in a list of rows. */
export function walk(step: number): boolean {
  const rows = $$('[data-rows] tbody tr');
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains('at'));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  rows[at]?.classList.remove('at');
  next?.classList.add('at');
  $<HTMLElement>('[data-open]', next)?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
  return true;
}
