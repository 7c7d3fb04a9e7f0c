import { $, el, icon, typing } from '../dom';
import { toast } from '../toasts';
import { chosen, here, send } from './here';

/** What waits to be pasted. It is kept for the tab, so that it comes along into other folders. */
interface Clip { base: string; from: string; names: string[]; move: boolean }
const KEY = 'freehold.files.clip';

function held(): Clip | null {
  try {
    const clip = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Clip | null;
    return clip && clip.base === here()?.dataset.files ? clip : null;
  } catch { return null; }
}

function hold(clip: Clip | null): void {
  try { if (clip) sessionStorage.setItem(KEY, JSON.stringify(clip)); else sessionStorage.removeItem(KEY); } catch { /* not kept: this folder only */ }
  show();
}

/** Cut and copy by keys and buttons; the paste button stands in the bar as long as something waits. */
export function clipboard(): void {
  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    if (target.closest('[data-cut]')) take(true);
    else if (target.closest('[data-copy-files]')) take(false);
    else if (target.closest('[data-paste]')) paste();
    else if (target.closest('[data-forget]')) hold(null);
  });
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || typing(event.target) || $('dialog[open]') || !here()) return;
    const key = event.key.toLowerCase();
    if ((key === 'x' || key === 'c') && getSelection()?.isCollapsed !== false && chosen().length) { event.preventDefault(); take(key === 'x'); }
    else if (key === 'v' && held()) { event.preventDefault(); paste(); }
    else if (key === 'a' && $('[data-all]')) { event.preventDefault(); const all = $<HTMLInputElement>('[data-all]'); if (all && !all.checked) all.click(); }
  });
  document.addEventListener('freehold:shown', show);
  show();
}

function take(move: boolean): void {
  const manager = here();
  const names = chosen();
  if (!manager || !names.length || move && !('upload' in manager.dataset)) return;
  hold({ base: manager.dataset.files ?? '', from: manager.dataset.folder ?? '', names, move });
  toast(`${names.length === 1 ? names[0] : `${names.length} things`} ${move ? 'cut' : 'copied'}. Open a folder and paste.`);
}

function paste(): void {
  const clip = held();
  if (!clip) return;
  try { if (clip.move) sessionStorage.removeItem(KEY); } catch { /* nothing was kept */ }
  send([['do', clip.move ? 'move' : 'copy'], ['from', clip.from], ['into', here()?.dataset.folder ?? ''], ...clip.names.map((name): [string, string] => ['ids', name])]);
}

/** The button, and the rows that are about to go. */
function show(): void {
  const manager = here();
  const clip = held();
  document.querySelectorAll('[data-clip]').forEach((old) => old.remove());
  for (const line of document.querySelectorAll<HTMLElement>('[data-files] tr[data-name]')) {
    line.classList.toggle('cut', Boolean(clip?.move && clip.from === manager?.dataset.folder && clip.names.includes(line.dataset.name ?? '')));
  }
  if (!clip || !manager || !('upload' in manager.dataset)) return;
  const words = clip.names.length === 1 ? clip.names[0]?.split('/').pop() ?? '' : `${clip.names.length} things`;
  const bar = el('div', { class: 'row wrap fm-bar', 'data-clip': true, role: 'status' },
    el('button', { class: 'btn s', type: 'button', 'data-paste': true }, icon('clipboard-paste', 's'), clip.move ? 'Move here' : 'Copy here'),
    el('span', { class: 'sm mut trunc' }, words),
    el('button', { class: 'btn s quiet', type: 'button', 'data-forget': true }, 'Leave it'));
  $('.fm-top', manager)?.after(bar);
}
