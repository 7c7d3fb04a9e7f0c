import { $, $$ } from './dom';

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
      const chosen = $<HTMLAnchorElement>('[aria-selected="true"]', dialog) ?? $<HTMLAnchorElement>('a[role="option"]', dialog);
      if (chosen) { if (event.metaKey || event.ctrlKey) window.open(chosen.href, '_blank', 'noopener'); else chosen.click(); }
    }
  });
  const results = $('#palette-results', dialog);
  if (results) new MutationObserver(() => choose(dialog, 0)).observe(results, { childList: true });
}

/** Moves the choice by `step`; 0 chooses the first. */
function choose(dialog: HTMLElement, step: number): void {
  const options = $$<HTMLAnchorElement>('a[role="option"]', dialog);
  const input = $('input', dialog);
  const at = step === 0 ? 0 : options.findIndex((o) => o.ariaSelected === 'true') + step;
  options.forEach((option, n) => {
    const on = n === (at + options.length) % options.length;
    option.setAttribute('aria-selected', String(on));
    option.id = `palette-option-${n}`;
    if (on) { input?.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
  });
}
