import { $, $$, el, icon, keep, kept } from './dom';

/** Opens on Ctrl/⌘ K; arrows choose, Enter opens, Ctrl/⌘ Enter opens beside. Results come by htmx. */
export function palette(): void {
  const dialog = $<HTMLDialogElement>('#palette');
  const input = dialog && $<HTMLInputElement>('input', dialog);
  if (!dialog || !input) return;
  const mac = /Mac|iP/.test(navigator.platform);
  for (const hint of $$('[data-mod]')) hint.textContent = mac ? '⌘K' : 'Ctrl K';

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    input.dispatchEvent(new CustomEvent('palette-open'));
  };
  document.addEventListener('keydown', (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
      if (event.defaultPrevented) return;
      event.preventDefault();
      open();
    }
  });
  document.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest('[data-palette]');
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); choose(dialog, event.key === 'ArrowDown' ? 1 : -1); }
    if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = $('[aria-selected="true"]', dialog) ?? $(OPTIONS, dialog);
      if (chosen) { if (chosen instanceof HTMLAnchorElement && (event.metaKey || event.ctrlKey)) window.open(chosen.href, '_blank', 'noopener'); else chosen.click(); }
    }
  });
  const results = $('#palette-results', dialog);
  if (!results) return;
  const watch = new MutationObserver(() => {
    watch.disconnect();
    if (!input.value) lastFive(results);
    choose(dialog, 0);
    watch.observe(results, { childList: true });
  });
  watch.observe(results, { childList: true });
}

const OPTIONS = ':is(a, button)[role="option"]';
const LAST = 'freehold.last';

/** Pages that were open, the last one first; kept on this device until somebody signs in or out. */
export function remember(): void {
  if (!$('.app')) { keep(LAST, null); return; }
  if ($('.code-line, .ask') || location.pathname === '/admin/search') return;
  const site = $('.switch-site .t')?.textContent ?? '';
  const here = { title: document.title.replace(/ · Freehold$/, ''), href: location.pathname, site };
  const before = last().filter((page) => page.href !== here.href);
  keep(LAST, JSON.stringify([here, ...before].slice(0, 6)));
}

interface Page { title: string; href: string; site?: string }

function last(): Page[] {
  try { return JSON.parse(kept(LAST) ?? '[]') as Page[]; } catch { return []; }
}

/** Before anything is typed, the last five pages stand on top. */
function lastFive(results: HTMLElement): void {
  const pages = last().filter((page) => page.href.startsWith('/admin') && page.href !== location.pathname).slice(0, 5);
  if (!pages.length) return;
  const links = pages.map((page) => el('a', { role: 'option', href: page.href }, icon('history'), el('span', { class: 'm trunc' }, page.title), el('span', { class: 'mut3 xs trunc' }, page.site ?? '')));
  results.prepend(el('div', { role: 'group', 'aria-label': 'Last' }, el('div', { class: 'sect', 'aria-hidden': 'true' }, 'Last'), ...links));
}

/** Moves the choice by `step`; 0 chooses the first. */
function choose(dialog: HTMLElement, step: number): void {
  const options = $$(OPTIONS, dialog);
  const input = $('input', dialog);
  const at = step === 0 ? 0 : options.findIndex((o) => o.ariaSelected === 'true') + step;
  options.forEach((option, n) => {
    const on = n === (at + options.length) % options.length;
    option.setAttribute('aria-selected', String(on));
    option.id = `palette-option-${n}`;
    if (on) { input?.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
  });
}
