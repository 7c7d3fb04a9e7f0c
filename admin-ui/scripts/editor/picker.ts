// Choose from the library, or upload. GET data-media-url (Accept: application/json) answers
// { items: [{ id, url, thumb?, alt?, width?, height?, name?, bytes? }], next }, newest first; `q` searches, `after` goes on.
import { $, el, icon } from '../dom';
import { upload, type Uploaded } from '../uploads';

type Item = Uploaded & { thumb?: string };

/** Asks for media; an empty answer means the person closed the dialog. */
export function pick({ kind, many }: { kind: 'image' | 'file'; many: boolean }): Promise<Item[]> {
  const form = $<HTMLFormElement>('form.ed');
  const chosen = new Map<number, Item>();
  return new Promise((done) => {
    const grid = el('div', { class: 'grid tiles' });
    const state = el('p', { class: 'sm mut', role: 'status' }, 'Loading your library…');
    const input = el('input', { type: 'file', 'aria-label': 'Upload', ...(kind === 'image' ? { accept: 'image/*' } : {}), ...(many ? { multiple: true } : {}) });
    const find = el('input', { type: 'search', placeholder: 'Search names and descriptions', 'aria-label': 'Search the library' });
    const more = el('button', { class: 'btn', type: 'button', onclick: () => void load(next) }, 'Show more');
    const use = el('button', { class: 'btn primary', type: 'button', onclick: () => finish([...chosen.values()]) }, many ? 'Insert the chosen' : 'Insert');
    const dialog = el('dialog', { class: 'pop picker', 'aria-label': kind === 'image' ? 'Choose pictures' : 'Choose a file' },
      el('div', { class: 'hd row between' }, el('h2', {}, kind === 'image' ? 'Choose pictures' : 'Choose a file'), el('button', { class: 'btn quiet sq s', type: 'button', 'aria-label': 'Close', onclick: () => finish([]) }, icon('x'))),
      el('div', { class: 'bd' }, el('label', { class: 'dropz' }, icon('upload'), 'Upload from this device', input), el('label', { class: 'in soft' }, icon('search'), find), state, grid, more),
      el('div', { class: 'ft' }, use));
    const finish = (items: Item[]) => { dialog.close(); dialog.remove(); done(items); };
    dialog.addEventListener('cancel', () => { dialog.remove(); done([]); });
    input.addEventListener('change', () => { void sendAll(form?.dataset.uploadUrl ?? '', [...(input.files ?? [])], state).then((items) => { if (items.length) finish(items); }); });
    use.hidden = true;
    document.body.append(dialog);
    dialog.showModal();
    let next = '', asked = 0, timer = 0;
    const press = (item: Item) => {
      if (!many) { finish([item]); return false; }
      if (!chosen.delete(item.id)) chosen.set(item.id, item);
      use.hidden = chosen.size === 0;
      return chosen.has(item.id);
    };
    const load = async (after: string) => {
      const turn = (asked += 1);
      const found = await library(form?.dataset.mediaUrl ?? '', kind, find.value.trim(), after);
      if (turn !== asked) return; // the search went on
      if (!after) grid.replaceChildren();
      const first = found.items.map((item) => grid.appendChild(tile(item, chosen.has(item.id), () => press(item))))[0];
      if (after) first?.focus();
      next = found.next;
      more.hidden = !next;
      state.textContent = grid.childElementCount ? '' : find.value.trim() ? 'No file matches. Try other words.' : 'Nothing here yet. Upload the first one.';
    };
    find.addEventListener('input', () => { clearTimeout(timer); timer = window.setTimeout(() => void load(''), 200); });
    more.hidden = true;
    void load('');
  });
}

function tile(item: Item, on: boolean, press: () => boolean): HTMLElement {
  const name = item.alt || item.name || `File ${item.id}`;
  const button = el('button', { class: 'tile', type: 'button', 'aria-pressed': String(on), 'aria-label': name });
  button.append(item.thumb || item.width ? el('img', { src: item.thumb ?? item.url, alt: '', loading: 'lazy' }) : icon('file', 'xl'), el('span', { class: 'xs trunc' }, item.name ?? name));
  button.addEventListener('click', () => button.setAttribute('aria-pressed', String(press())));
  return button;
}

async function library(url: string, kind: string, words: string, after: string): Promise<{ items: Item[]; next: string }> {
  try {
    const answer = await fetch(`${url}?${new URLSearchParams({ kind, q: words, after }).toString()}`, { headers: { Accept: 'application/json' } });
    if (answer.ok) return (await answer.json()) as { items: Item[]; next: string };
  } catch { /* as an empty library */ }
  return { items: [], next: '' };
}

async function sendAll(url: string, files: File[], state: HTMLElement): Promise<Item[]> {
  const items: Item[] = [];
  for (const file of files) {
    try {
      items.push(await upload(url, file, (part) => { state.textContent = `${file.name}: ${Math.round(part * 100)} %`; }));
    } catch (error) { state.textContent = `${file.name}: ${(error as Error).message}`; }
  }
  return items;
}
