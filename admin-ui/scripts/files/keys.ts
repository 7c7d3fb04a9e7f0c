import { $, el, kept, typing } from '../dom';
import { walk } from '../keys';
import { chosen, here, row, send } from './here';

/** Keys of the list. They come before those of the whole panel, which mean entries. */
export function keys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event.target) || $('dialog[open]') || !here()) return;
    const target = event.target as HTMLElement;
    const named = /^(F2|Delete|ArrowDown|ArrowUp)$/.test(event.key);
    if (!named && kept('freehold.keys-off') === '1') return;
    if (act(event.key, target)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('[data-rename]');
    const line = link?.closest('tr');
    if (!line) return;
    event.preventDefault();
    event.stopPropagation();
    link?.closest('details')?.removeAttribute('open');
    rename(line);
  }, true);
}

function act(key: string, target: HTMLElement): boolean {
  const line = row();
  const free = !target.closest('button, summary, input, .menu, .fm-tree');
  switch (key) {
    case 'F2': if (line) rename(line); return Boolean(line);
    case 'Delete': return toTrash();
    case ' ': if (!line || !free) return false; $<HTMLAnchorElement>('[data-preview]', line)?.click(); return true;
    case 'ArrowDown': case 'ArrowUp': return free && !target.closest('.code, aside') && walk(key === 'ArrowDown' ? 1 : -1);
    case 'Escape': { const close = $<HTMLAnchorElement>('[data-close-file]'); if (!close || $('details.dd[open]')) return false; close.click(); return true; }
    default: return false;
  }
}

function toTrash(): boolean {
  const names = chosen();
  if (!names.length || !('upload' in (here()?.dataset ?? {}))) return false;
  send([['do', 'trash'], ...names.map((name): [string, string] => ['ids', name])]);
  return true;
}

/** The name becomes a field: Enter keeps the new one, Escape the old one. */
function rename(line: HTMLTableRowElement): void {
  const place = $('.lead .grow', line);
  const old = line.dataset.name ?? '';
  if (!place || $('.ren', line) || !('upload' in (here()?.dataset ?? {}))) return;
  const folder = old.slice(0, old.lastIndexOf('/') + 1);
  const name = old.slice(folder.length);
  const field = el('input', { value: name, 'aria-label': `New name of ${name}`, maxlength: '255', autocomplete: 'off', spellcheck: 'false' });
  const form = el('span', { class: 'ren' }, el('span', { class: 'in' }, field), el('span', { class: 'kbd', 'aria-hidden': 'true' }, '↵'));
  const back = () => { form.replaceWith(place); $<HTMLElement>('[data-open]', line)?.focus(); };
  const keep = () => {
    const to = field.value.trim();
    if (!to || to === name) back();
    else send([['do', 'rename'], ['name', old], ['to', to]]);
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') { event.preventDefault(); keep(); }
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); back(); }
  });
  place.replaceWith(form);
  field.focus();
  const dot = name.lastIndexOf('.');
  field.setSelectionRange(0, dot > 0 && !line.classList.contains('folder-row') ? dot : name.length);
}
