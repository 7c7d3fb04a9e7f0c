// Saves by itself one second after the last key, and keeps a copy on this device until it is saved.
//
// PUT data-autosave-url with JSON { ...fields, version, title, document } answers
// { version, action?, autosave_url?, lock_url?, href? } (the addresses when a new entry got its place)
// or 409 { by? } when somebody else saved in between.
// POST data-lock-url every 30 s answers { locked_by: name | null }; `?release=1` gives the lock back.
import type { Editor, JSONContent } from '@tiptap/core';
import { $, icon, keep, kept } from '../dom';
import { fromServer } from './convert';

const PAUSE_MS = 1000;
const BEAT_MS = 30_000;

type State = 'clean' | 'saving' | 'saved' | 'device' | 'conflict';

/** What the bar may ask of the saver. */
export interface Saving { now: () => Promise<boolean>; dirty: () => boolean }

interface Copy { at: number; version: number; title: string; document: JSONContent }

/** Starts saving; `read` gives the document as it is stored. */
export function autosave(form: HTMLFormElement, editor: Editor, read: () => JSONContent): Saving {
  let timer = 0, dirty = false, running: Promise<boolean> | null = null, stopped = false, leaving = false;
  const key = () => `freehold.entry.${location.host}.${form.dataset.entry ?? ''}`;
  const title = () => $<HTMLTextAreaElement>('#title')?.value ?? '';

  const body = () => JSON.stringify({ ...fields(form), version: Number(form.dataset.version), title: title(), document: read() });
  const store = () => keep(key(), JSON.stringify({ at: Date.now(), version: Number(form.dataset.version), title: title(), document: read() } satisfies Copy));

  const save = async (): Promise<boolean> => {
    clearTimeout(timer);
    // What is being sent by the form needs no second way: a new entry would be made twice.
    if (!dirty || stopped || leaving) return !stopped;
    if (running) { await running; return save(); }
    dirty = false;
    show('saving');
    running = send(form, body()).then((outcome) => {
      if (outcome === 'saved') { if (!dirty) keep(key(), null); show('saved'); return true; }
      dirty = true;
      stopped = outcome === 'conflict';
      show(outcome);
      if (outcome === 'device') timer = window.setTimeout(() => void save(), 10_000);
      return false;
    }).finally(() => { running = null; });
    return running;
  };
  const changed = () => {
    dirty = true;
    clearTimeout(timer);
    timer = window.setTimeout(() => { store(); void save(); }, PAUSE_MS);
  };

  editor.on('update', changed);
  form.addEventListener('input', (event) => { if (!(event.target as HTMLElement).closest('.ProseMirror')) changed(); });
  form.addEventListener('submit', (event) => {
    if (running) {
      // Its answer says where the entry is and which version it has now.
      event.preventDefault();
      void running.then(() => form.requestSubmit(event.submitter));
      return;
    }
    clearTimeout(timer);
    leaving = true;
    keep(key(), null);
  });
  addEventListener('online', () => { void save(); });
  addEventListener('pagehide', () => {
    if (dirty && !leaving) { store(); void fetch(form.dataset.autosaveUrl ?? '', { method: 'PUT', body: body(), keepalive: true, headers: { 'Content-Type': 'application/json' } }); }
    if (form.dataset.lockUrl) navigator.sendBeacon(`${form.dataset.lockUrl}?release=1`);
  });
  beat(form);
  offer(form, editor, key());
  return { now: save, dirty: () => dirty };
}

/** All fields of the form by name; a name that stands several times is a list. */
function fields(form: HTMLFormElement): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  const data = new FormData(form);
  for (const name of new Set(data.keys())) {
    if (['document', 'title', 'version', 'do', 'source', 'markdown'].includes(name)) continue;
    const values = data.getAll(name).filter((value) => typeof value === 'string');
    out[name] = name === 'categories' ? values : values[0] ?? '';
  }
  return out;
}

async function send(form: HTMLFormElement, body: string): Promise<'saved' | 'device' | 'conflict'> {
  try {
    const answer = await fetch(form.dataset.autosaveUrl ?? '', { method: 'PUT', body, headers: { 'Content-Type': 'application/json', Accept: 'application/json' } });
    if (answer.status === 409 || answer.status === 423) return 'conflict';
    if (!answer.ok) return 'device';
    const news = (await answer.json()) as { version?: number; action?: string; autosave_url?: string; lock_url?: string; href?: string };
    if (news.version !== undefined) {
      form.dataset.version = String(news.version);
      const field = form.elements.namedItem('version');
      if (field instanceof HTMLInputElement) field.value = String(news.version);
    }
    if (news.action) form.action = news.action;
    if (news.autosave_url) form.dataset.autosaveUrl = news.autosave_url;
    if (news.lock_url) form.dataset.lockUrl = news.lock_url;
    if (news.href) history.replaceState(null, '', news.href);
    return 'saved';
  } catch { return 'device'; }
}

const WORDS: Record<State, [text: string, symbol: string, tone: string]> = {
  clean: ['Saved', 'check', ''],
  saving: ['Saving…', 'refresh-cw', ''],
  saved: ['Saved', 'check', ''],
  device: ['No connection, kept on this device', 'wifi-off', 'warn'],
  conflict: ['Someone else saved; your words are kept on this device', 'triangle-alert', 'bad'],
};

function show(state: State): void {
  const place = $('#save-state');
  if (!place) return;
  const [text, symbol, tone] = WORDS[state];
  const words = document.createElement('span');
  words.textContent = text;
  place.className = `saved ${tone}`;
  place.replaceChildren(icon(symbol, 's'), words);
}

/** Tells the server every half minute that somebody writes here. */
function beat(form: HTMLFormElement): void {
  const tell = async () => {
    if (!form.dataset.lockUrl || document.hidden) return;
    try { await fetch(form.dataset.lockUrl, { method: 'POST', headers: { Accept: 'application/json' } }); } catch { /* the save state says so already */ }
  };
  void tell();
  setInterval(() => { void tell(); }, BEAT_MS);
}

/** Offers words that were kept on this device and never reached the server. */
function offer(form: HTMLFormElement, editor: Editor, key: string): void {
  const text = kept(key);
  if (!text) return;
  let copy: Copy;
  try { copy = JSON.parse(text) as Copy; } catch { keep(key, null); return; }
  const note = document.createElement('div');
  note.className = 'note warn';
  const words = document.createElement('span');
  words.className = 'grow';
  words.textContent = `Words of ${new Date(copy.at).toLocaleString()} were kept on this device and not saved.`;
  const button = (label: string, act: () => void) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn s';
    made.textContent = label;
    made.addEventListener('click', () => { act(); note.remove(); });
    return made;
  };
  note.append(icon('history'), words, button('Bring them back', () => {
    document.dispatchEvent(new CustomEvent('freehold:restore', { detail: copy }));
  }), button('Forget them', () => { keep(key, null); }));
  $('.sheet', form)?.prepend(note);
  document.addEventListener('freehold:restore', (event) => {
    const { title, document: stored } = (event as CustomEvent<Copy>).detail;
    const field = $<HTMLTextAreaElement>('#title');
    if (field) field.value = title;
    editor.commands.setContent(fromServer(JSON.stringify(stored), editor.schema));
  }, { once: true });
}
