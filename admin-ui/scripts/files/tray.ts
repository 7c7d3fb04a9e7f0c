import { el, icon, keep, kept } from '../dom';
import { show } from '../lists';
import { toast } from '../toasts';
import { here } from './here';
import { cancel, Refused, transfer, type Target } from './transfer';

/** A file and its path below the folder it goes into; an empty folder has no file. */
export interface Picked { file: File | null; path: string }

type State = 'waiting' | 'going' | 'paused' | 'asked' | 'failed' | 'done' | 'skipped';
interface Item extends Picked { target: Target; state: State; sent: number; why: string; stop: AbortController | null; row: Row | null }
interface Row { item: HTMLLIElement; meter: HTMLProgressElement; state: HTMLElement; acts: HTMLElement }

/** Uploads that go at the same time. */
const AT_ONCE = 3;
/** Lines that the tray shows; of more it says how many. */
const LINES = 40;
/** Unfinished uploads of this browser, so that the same file goes on where it stopped. */
const KEPT = 'freehold.files.uploads';

let items: Item[] = [];
let paused = false;
let forAll: Target['exists'] | null = null;
let tray: { box: HTMLElement; title: HTMLElement; all: HTMLElement; list: HTMLElement; hold: HTMLButtonElement } | null = null;

/** Puts files into the line. */
export function enqueue(picked: Picked[]): void {
  const manager = here();
  if (!manager || !picked.length) return;
  if (!items.some((item) => active(item))) { items = []; forAll = null; tray?.list.replaceChildren(); }
  for (const one of picked) {
    const target = { url: manager.dataset.upload ?? '', folder: manager.dataset.folder ?? '', exists: 'ask' as const };
    items.push({ ...one, target, state: 'waiting', sent: 0, why: '', stop: null, row: null });
  }
  open();
  pump();
}

const active = (item: Item) => /^(waiting|going|paused|asked)$/.test(item.state);

function open(): void {
  if (tray?.box.isConnected) return;
  const title = el('span', { role: 'status' });
  const list = el('ul');
  const hold = el('button', { class: 'btn quiet s', type: 'button', onclick: () => { if (paused) resume(); else pause(); } }, 'Pause');
  const close = el('button', { class: 'btn quiet sq s', type: 'button', 'aria-label': 'Close', onclick: shut }, icon('x'));
  const all = el('div', { class: 'all', role: 'group', 'aria-label': 'All files that are there already' }, 'For all that are there:', ...answers(together));
  const box = el('section', { class: 'tray pop', 'aria-label': 'Uploads' }, el('header', {}, title, el('span', { class: 'sp row g1' }, hold, close)), all, list);
  document.querySelectorAll('.tray').forEach((old) => old.remove());
  document.body.append(box);
  tray = { box, title, all, list, hold };
}

/** Closing ends what has not ended; what is on the server so far waits there for a day. */
function shut(): void {
  const open = items.filter(active);
  if (open.length && !paused) { pause(); toast('Paused. Close the list once more to end these uploads.', 'warn'); return; }
  for (const item of open) { item.stop?.abort(); item.state = 'skipped'; void cancel(item.target, memory(item)); forget(item); }
  items = [];
  paused = false;
  tray?.box.remove();
  tray = null;
}

function pause(): void {
  paused = true;
  for (const item of items) if (item.state === 'going') { item.state = 'paused'; item.stop?.abort(); draw(item); }
  told();
}

function resume(): void {
  paused = false;
  for (const item of items) if (item.state === 'paused') item.state = 'waiting';
  pump();
}

function pump(): void {
  told();
  if (paused) return;
  let free = AT_ONCE - items.filter((item) => item.state === 'going').length;
  for (const item of items) {
    if (free <= 0) break;
    if (item.state !== 'waiting') continue;
    free -= 1;
    void go(item);
  }
  if (items.length && !items.some(active)) ended();
}

async function go(item: Item): Promise<void> {
  item.state = 'going';
  item.why = '';
  item.stop = new AbortController();
  if (item.target.exists === 'ask' && forAll) item.target.exists = forAll;
  draw(item);
  try {
    const skipped = await transfer(item.target, item.path, item.file, item.stop.signal, memory(item), (id) => remember(item, id), (sent) => { item.sent = sent; draw(item); });
    item.state = skipped ? 'skipped' : 'done';
    forget(item);
  } catch (error) {
    if (item.stop.signal.aborted) { if ((item.state as State) === 'going') item.state = 'paused'; }
    else if (error instanceof Refused && error.code === 'already_exists') item.state = 'asked';
    else { item.state = 'failed'; item.why = (error as Error).message; if (error instanceof Refused) forget(item); }
  }
  draw(item);
  pump();
}

/** Nothing moves any more: the list shows what came. */
function ended(): void {
  const good = items.filter((item) => item.state === 'done').length;
  if (good && !items.some((item) => item.state === 'failed')) toast(`${good} ${good === 1 ? 'file' : 'files'} uploaded`);
  if (good && here()) void show(new URL(location.href));
}

function told(): void {
  if (!tray) return;
  const count = (state: State) => items.filter((item) => item.state === state).length;
  const [done, failed, left] = [count('done'), count('failed'), items.filter(active).length];
  tray.title.textContent = left ? `${paused ? 'Paused' : 'Uploading'}: ${done} of ${items.length}`
    : failed ? `${done} of ${items.length} uploaded` : `${done} uploaded`;
  tray.hold.textContent = paused ? 'Resume' : 'Pause';
  tray.hold.hidden = !left;
  // One that asks, and another that does or may.
  tray.all.hidden = !count('asked') || count('asked') + count('waiting') < 2;
}

function draw(item: Item): void {
  if (!tray) return;
  item.row ??= line(item, tray.list);
  if (!item.row) { told(); return; }
  const { row } = item;
  const bytes = item.file?.size ?? 0;
  const part = item.state === 'done' ? 1 : bytes ? item.sent / bytes : 0;
  row.meter.value = part;
  row.meter.hidden = item.state === 'skipped' || item.state === 'asked'; // nothing moves
  const words: Record<State, string> = { waiting: 'Waiting', going: `${Math.round(part * 100)} %`, paused: `Paused at ${Math.round(part * 100)} %`, asked: '', failed: '', done: 'Done', skipped: 'Left out' };
  row.state.textContent = words[item.state];
  row.acts.replaceChildren(...buttons(item));
  row.item.querySelectorAll('.err').forEach((old) => old.remove());
  if (item.state === 'failed') row.item.append(el('span', { class: 'err' }, item.why));
  if (item.state === 'asked') row.item.append(el('span', { class: 'err' }, 'A file of this name is there already.'));
  told();
}

function line(item: Item, list: HTMLElement): Row | null {
  if (list.children.length >= LINES) {
    // What is done makes room for what is not.
    const done = items.find((one) => one.row && (one.state === 'done' || one.state === 'skipped'));
    if (!done?.row) return null;
    done.row.item.remove();
    done.row = null;
  }
  const meter = el('progress', { class: 'meter', max: '1', value: '0', 'aria-label': item.path });
  const state = el('span', { class: 'xs mut3' });
  const acts = el('span', { class: 'acts' });
  const li = el('li', {}, el('span', { class: 'trunc m', title: item.path }, item.path), el('span', { class: 'row g1' }, state, acts), meter);
  list.append(li);
  return { item: li, meter, state, acts };
}

const word = (label: string, act: () => void) => el('button', { class: 'link xs', type: 'button', onclick: act }, label);
const answers = (act: (exists: 'replace' | 'both' | 'skip') => void) => [word('Replace', () => act('replace')), word('Keep both', () => act('both')), word('Leave out', () => act('skip'))];

/** The same answer for all that ask and will ask. */
function together(exists: 'replace' | 'both' | 'skip'): void {
  forAll = exists;
  for (const one of items) if (one.state === 'asked') { one.target.exists = exists; one.state = 'waiting'; draw(one); }
  pump();
}

function buttons(item: Item): HTMLElement[] {
  const small = (label: string, name: string, act: () => void) => el('button', { class: 'btn quiet sq s', type: 'button', 'aria-label': `${label} ${item.path}`, title: label, onclick: act }, icon(name, 's'));
  const again = (exists?: Target['exists']) => { if (exists) item.target.exists = exists; item.state = 'waiting'; pump(); };
  const leave = () => { item.stop?.abort(); item.state = 'skipped'; void cancel(item.target, memory(item)); forget(item); draw(item); pump(); };
  switch (item.state) {
    case 'going': return [small('Pause', 'pause', () => { item.state = 'paused'; item.stop?.abort(); draw(item); }), small('End', 'x', leave)];
    case 'paused': return [small('Resume', 'play', () => { paused = false; again(); }), small('End', 'x', leave)];
    case 'failed': return [word('Try again', () => again())];
    case 'asked': return answers(again);
    default: return [];
  }
}

// --- what this browser remembers ---------------------------------------------------------------------------------------

type Memory = Record<string, { id: string; path: string }>;
const known = (): Memory => { try { return JSON.parse(kept(KEPT) ?? '{}') as Memory; } catch { return {}; } };
const name = (item: Item) => [item.target.url, item.target.folder, item.path, item.file?.size, item.file?.lastModified].join('|');
function memory(item: Item): string { return known()[name(item)]?.id ?? ''; }
function remember(item: Item, id: string): void { keep(KEPT, JSON.stringify({ ...known(), [name(item)]: { id, path: item.path } })); }
function forget(item: Item): void { const all = known(); delete all[name(item)]; keep(KEPT, Object.keys(all).length ? JSON.stringify(all) : null); }

/** Uploads that a closed page left behind: the same files, chosen again, go on where they stopped. */
export function waiting(): void {
  addEventListener('beforeunload', (event) => { if (items.some((item) => item.state === 'going' || item.state === 'waiting')) event.preventDefault(); });
  const url = here()?.dataset.upload;
  const left = Object.entries(known()).filter(([key]) => url && key.startsWith(`${url}|`));
  if (!left.length) return;
  open();
  if (!tray) return;
  tray.title.textContent = left.length === 1 ? '1 upload waits' : `${left.length} uploads wait`;
  tray.hold.hidden = true;
  tray.list.append(el('li', {}, el('span', { class: 'ask' }, el('span', { class: 'sm' }, `Choose ${left.map(([, one]) => one.path).slice(0, 3).join(', ')} again to go on where it stopped.`),
    el('label', { class: 'btn s', for: 'files-input' }, 'Choose the files'),
    el('button', { class: 'btn s quiet', type: 'button', onclick: () => { keep(KEPT, null); tray?.box.remove(); tray = null; } }, 'Forget them'))));
}
