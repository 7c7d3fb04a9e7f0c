import { $, $$ } from './dom';

/** Selecting rows: all of the page, ranges with shift, a count that is announced. */
export function bulk(): void {
  let last: HTMLInputElement | null = null;
  document.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const form = target.closest<HTMLFormElement>('form[data-bulk]');
    if (!form) return;
    const boxes = $$<HTMLInputElement>('.pick input[name="ids"]', form);
    if (target.matches('[data-all]')) boxes.forEach((box) => { box.checked = (target as HTMLInputElement).checked; });
    else if (target.closest('[data-none]')) boxes.forEach((box) => { box.checked = false; });
    else if (target instanceof HTMLInputElement && boxes.includes(target)) {
      if (event.shiftKey && last) range(boxes, last, target);
      last = target;
    } else return;
    show(form, boxes);
  });
  const recount = () => { for (const form of $$<HTMLFormElement>('form[data-bulk]')) show(form, $$<HTMLInputElement>('.pick input[name="ids"]', form)); };
  recount();
  document.addEventListener('freehold:shown', recount);
}

function range(boxes: HTMLInputElement[], from: HTMLInputElement, to: HTMLInputElement): void {
  const [a, b] = [boxes.indexOf(from), boxes.indexOf(to)].sort((x, y) => x - y);
  boxes.slice(a, (b ?? 0) + 1).forEach((box) => { box.checked = to.checked; });
}

function show(form: HTMLFormElement, boxes: HTMLInputElement[]): void {
  const count = boxes.filter((box) => box.checked).length;
  const all = $<HTMLInputElement>('[data-all]', form);
  if (all) { all.checked = count > 0 && count === boxes.length; all.indeterminate = count > 0 && count < boxes.length; }
  const place = $('[data-count]', form);
  if (place) place.textContent = String(count);
  // Whoever tells more about the rows that are picked tells it in the same moment.
  document.dispatchEvent(new CustomEvent('freehold:picked'));
}
