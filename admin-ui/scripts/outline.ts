import { $, $$ } from './dom';

/** Width of one level, as the style sheet indents it. */
const LEVEL = 26;
/** Levels of a menu. */
const LEVELS = 3;

/** Drags lines of a menu: up and down for the order, sideways for the level. The buttons do the same without script. */
export function outline(): void {
  const list = $('[data-outline]');
  const form = $<HTMLFormElement>('form[data-order]');
  if (!list || !form) return;
  let block: HTMLElement[] = [];
  let startX = 0;
  list.addEventListener('pointerdown', (event) => {
    const line = (event.target as HTMLElement).closest('.grip')?.closest('li');
    if (line) line.draggable = true;
  });
  list.addEventListener('dragstart', (event) => {
    const line = (event.target as HTMLElement).closest('li');
    if (!line?.draggable) return;
    block = [line, ...below(line)];
    startX = event.clientX;
    for (const part of block) part.classList.add('dragged');
    event.dataTransfer?.setData('text/plain', line.dataset.line ?? '');
  });
  list.addEventListener('dragover', (event) => {
    if (!block.length) return;
    event.preventDefault();
    clear(list);
    const over = (event.target as HTMLElement).closest('li');
    if (over && !block.includes(over)) over.classList.add(upper(over, event.clientY) ? 'before' : 'after');
  });
  list.addEventListener('drop', (event) => {
    event.preventDefault();
    const over = (event.target as HTMLElement).closest('li');
    if (!block.length) return;
    if (over && !block.includes(over)) (upper(over, event.clientY) ? over.before(...block) : over.after(...block));
    level(block, Math.round((event.clientX - startX) / LEVEL) * (document.dir === 'rtl' ? -1 : 1));
    send(list, form);
  });
  list.addEventListener('dragend', () => {
    clear(list);
    for (const part of block) { part.classList.remove('dragged'); part.draggable = false; }
    block = [];
  });
}

function depth(line: Element | null): number {
  return line instanceof HTMLElement ? Number(line.dataset.depth) : -1;
}

/** The lines below one in the tree. */
function below(line: HTMLElement): HTMLElement[] {
  const lines: HTMLElement[] = [];
  for (let next = line.nextElementSibling; next instanceof HTMLElement && depth(next) > depth(line); next = next.nextElementSibling) lines.push(next);
  return lines;
}

function upper(line: HTMLElement, y: number): boolean {
  const box = line.getBoundingClientRect();
  return y < box.top + box.height / 2;
}

function clear(list: HTMLElement): void {
  for (const line of $$('.before, .after', list)) line.classList.remove('before', 'after');
}

/** Gives a moved block a level that its new place allows. */
function level(block: HTMLElement[], by: number): void {
  const [head] = block;
  if (!head) return;
  const room = LEVELS - 1 - Math.max(...block.map((part) => depth(part) - depth(head)));
  const wanted = Math.max(0, Math.min(depth(head) + by, depth(head.previousElementSibling) + 1, room));
  const change = wanted - depth(head);
  for (const part of block) part.dataset.depth = String(depth(part) + change);
}

/** Sends the order. A line that lost its parent moves up as far as it must. */
function send(list: HTMLElement, form: HTMLFormElement): void {
  let allowed = 0;
  const order = $$('li[data-line]', list).map((line) => {
    const own = Math.min(depth(line), allowed);
    allowed = own + 1;
    return `${line.dataset.line}:${own}`;
  });
  const field = form.elements.namedItem('order');
  if (field instanceof HTMLInputElement) field.value = order.join(',');
  form.requestSubmit();
}
