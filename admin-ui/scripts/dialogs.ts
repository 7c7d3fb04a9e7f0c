import { $, $$ } from './dom';

/** Dialogs, menus and copy buttons; delegated, so that swapped parts work too. */
export function dialogs(): void {
  document.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const opener = target.closest<HTMLElement>('[data-dialog]');
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog ?? '');
      if (dialog instanceof HTMLDialogElement) { event.preventDefault(); dialog.showModal(); return; }
    }
    // Back to a form as it was left; the link leads to a fresh one.
    if (target.closest('[data-back]') && history.length > 1) { event.preventDefault(); history.back(); return; }
    if (target.closest('[data-close]')) target.closest('dialog')?.close();
    if (target instanceof HTMLDialogElement && outside(target, event)) target.close();
    const copy = target.closest<HTMLElement>('[data-copy]');
    if (copy) void copyText(copy);
    for (const open of $$<HTMLDetailsElement>('details.dd[open]')) if (!open.contains(target)) open.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = $<HTMLDetailsElement>('details.dd[open]');
    if (!open) return;
    open.open = false;
    $('summary', open)?.focus();
  });
  // Arrow keys walk through an open menu.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const menu = (event.target as HTMLElement).closest?.('details.dd[open]');
    if (!menu || (event.target as HTMLElement).matches('select, input')) return;
    const items = $$('.menu :is(a, button)', menu);
    if (!items.length) return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
  });
}

/** A press on the backdrop counts as outside. */
function outside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

async function copyText(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset.copy ?? '');
  const before = button.getAttribute('aria-label') ?? '';
  button.setAttribute('aria-label', 'Copied');
  button.classList.add('on');
  setTimeout(() => { button.setAttribute('aria-label', before); button.classList.remove('on'); }, 1600);
}
