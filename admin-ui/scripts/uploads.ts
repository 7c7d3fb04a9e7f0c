import { $, $$, el, icon } from './dom';
import { toast } from './toasts';

/** What the server answers to one uploaded file. */
export interface Uploaded { id: number; url: string; width?: number; height?: number; alt?: string; name?: string; bytes?: number; /** Where to go on. */ next?: string }

/** Sends one file (field `file`), with other fields of a form, and reports progress as 0 to 1. Rejects with a sentence. */
export function upload(url: string, file: File, progress: (part: number) => void = () => {}, body = new FormData()): Promise<Uploaded> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener('load', () => {
      const answer = parse(request.responseText);
      if (request.status < 300 && answer && 'id' in answer) done(answer as unknown as Uploaded);
      else failed(new Error(String(answer?.detail ?? answer?.title ?? `The server refused the file (${request.status}).`)));
    });
    request.addEventListener('error', () => failed(new Error('The connection broke. Press Try again; nothing is lost.')));
    body.set('file', file, file.name);
    request.send(body);
  });
}

function parse(text: string): Record<string, unknown> | null {
  try { return JSON.parse(text) as Record<string, unknown>; } catch { return null; }
}

/** A form with a dropzone uploads each file by itself to the form's action; the page is the target. */
export function uploads(): void {
  const zone = $('[data-dropzone]');
  const form = zone?.closest('form');
  const input = zone && $<HTMLInputElement>('input[type="file"]', zone);
  if (!zone || !form || !input) return;
  const start = (files: FileList | null | undefined) => { if (files?.length) void run(form, [...files]); };
  input.addEventListener('change', () => { start(input.files); input.value = ''; });
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    zone.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('over'); });
  document.addEventListener('paste', (event) => {
    if (event.clipboardData?.files.length && !(event.target as Element).closest('input, textarea')) start(event.clipboardData.files);
  });
  document.addEventListener('drop', (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    zone.classList.remove('over');
    start(event.dataTransfer.files);
  });
}

/** Uploads one after another, with the tray at the bottom end. */
async function run(form: HTMLFormElement, files: File[]): Promise<void> {
  const list = el('ul');
  const title = el('span', { role: 'status' });
  const close = el('button', { class: 'btn quiet sq s sp', type: 'button', 'aria-label': 'Close', onclick: () => tray.remove() }, icon('x'));
  const tray = el('section', { class: 'tray pop', 'aria-label': 'Uploads' }, el('header', {}, title, close), list);
  $$('.tray').forEach((old) => old.remove());
  document.body.append(tray);
  const rows = files.map((file) => row(file, list));
  const stored: Uploaded[] = [];
  for (const [n, file] of files.entries()) {
    title.textContent = `Uploading ${n + 1} of ${files.length}`;
    const answer = await one(form, file, rows[n]!);
    if (answer?.next) { location.assign(answer.next); return; }
    if (answer) stored.push(answer);
  }
  const good = stored.length;
  title.textContent = good === files.length ? `${good} uploaded` : `${good} of ${files.length} uploaded`;
  if (good) toast(`${good} ${good === 1 ? 'file' : 'files'} uploaded`);
  if (good === files.length) location.href = next(form.action, stored);
}

/** One new file is opened to be described; of several, those that wait for a description are shown. */
function next(url: string, stored: Uploaded[]): string {
  const list = new URL(url, location.href);
  const [first] = stored;
  if (stored.length === 1 && first) list.searchParams.set('open', String(first.id));
  else if (stored.some((file) => file.width && !file.alt)) list.searchParams.set('only', 'undescribed');
  return list.href;
}

interface Row { item: HTMLLIElement; meter: HTMLProgressElement; state: HTMLElement }

function row(file: File, list: HTMLElement): Row {
  const meter = el('progress', { class: 'meter', max: '1', value: '0', 'aria-label': file.name });
  const state = el('span', { class: 'xs mut3' }, 'Waiting');
  const item = el('li', {}, el('span', { class: 'trunc m' }, file.name), state, meter);
  list.append(item);
  return { item, meter, state };
}

async function one(form: HTMLFormElement, file: File, { item, meter, state }: Row): Promise<Uploaded | null> {
  $('.err', item)?.remove();
  try {
    const stored = await upload(form.action, file, (part) => { meter.value = part; state.textContent = `${Math.round(part * 100)} %`; }, new FormData(form));
    meter.value = 1;
    state.textContent = 'Done';
    return stored;
  } catch (error) {
    state.replaceChildren(el('button', { class: 'link xs', type: 'button', onclick: () => { void one(form, file, { item, meter, state }).then((sent) => { if (sent?.next) location.assign(sent.next); }); } }, 'Try again'));
    item.append(el('span', { class: 'err' }, (error as Error).message));
    return null;
  }
}
