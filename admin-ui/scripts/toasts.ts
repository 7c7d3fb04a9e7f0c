import { $, $$, el, icon } from './dom';

const STAY_MS = 8000;

/** Toasts that came with the page leave by themselves; hover and focus hold them. */
export function toasts(): void {
  for (const toast of $$('[data-toast]')) arm(toast);
}

/** Shows a result. `undo` is the address that a POST takes it back with. */
export function toast(text: string, tone: 'good' | 'warn' | 'bad' = 'good', undo?: string): void {
  const close = el('button', { class: 'btn s sq', type: 'button', 'data-dismiss': true, 'aria-label': 'Close' }, icon('x', 's'));
  const box = el('div', { class: `toast ${tone}` }, icon(tone === 'good' ? 'circle-check' : 'triangle-alert'), el('span', {}, text));
  if (undo) box.append(el('form', { method: 'post', action: undo }, el('button', { class: 'btn s' }, 'Undo')));
  box.append(close);
  $('#toasts')?.append(box);
  arm(box);
}

function arm(box: HTMLElement): void {
  let timer = window.setTimeout(() => box.remove(), STAY_MS);
  const hold = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = window.setTimeout(() => box.remove(), STAY_MS); };
  box.addEventListener('pointerenter', hold);
  box.addEventListener('pointerleave', go);
  box.addEventListener('focusin', hold);
  box.addEventListener('focusout', go);
  $('[data-dismiss]', box)?.addEventListener('click', () => box.remove());
}
