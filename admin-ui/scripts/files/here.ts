import { $, $$, el } from '../dom';

/** The file manager on this page, as it stands now. */
export function here(): HTMLElement | null { return $('[data-files]'); }

/** The address that acts of the open folder are sent to. */
export function action(): string { return here()?.dataset.action ?? ''; }

/** Sends a form of one act the plain way; the answer is a page. */
export function send(fields: [name: string, value: string][]): void {
  const form = el('form', { method: 'post', action: action(), hidden: true });
  for (const [name, value] of fields) form.append(el('input', { type: 'hidden', name, value }));
  document.body.append(form);
  form.submit();
}

/** The row that keys mean: the marked one, or the one that holds the focus. */
export function row(): HTMLTableRowElement | null {
  return $<HTMLTableRowElement>('[data-files] tr.at, [data-files] tbody tr:focus-within');
}

/** Names that are selected, or the one of the marked row. */
export function chosen(): string[] {
  const ticked = $$<HTMLInputElement>('[data-files] .pick input[name="ids"]:checked').map((box) => box.value);
  const at = row()?.dataset.name;
  return ticked.length ? ticked : at ? [at] : [];
}
