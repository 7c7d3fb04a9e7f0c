// Saves by itself one second after the last key, and keeps a copy on this device until the server has the words.
//
// PUT data-autosave-url with JSON { ...fields, version, title, document, over? } answers { saved, version, why } for a draft,
// { kept, why } where the words stand beside what is live, and for something new its addresses too;
// 409 { by, at, version } when somebody saved in between, 409 { locked_by } when somebody else writes here now,
// 401 when the session ended. In all of these but the last the server keeps the words.
// POST data-lock-url every 30 s answers { locked_by: name | "" }; `?release=1` gives the lock back.
import type { Editor, JSONContent } from '@tiptap/core';
import { $, $$, el, icon, keep, kept } from '../dom';
import { fromServer } from './convert';
import { notes } from './notes';

const PAUSE_MS = 1000;
const BEAT_MS = 30_000;
const AGAIN_MS = 10_000;

type State = 'saving' | 'saved' | 'kept' | 'device' | 'conflict' | 'locked' | 'out';
type News = { saved?: boolean; kept?: boolean; why?: string; id?: number; version?: number; action?: string; autosave_url?: string; lock_url?: string; href?: string; versions_href?: string; by?: string; at?: string; locked_by?: string; title?: string };

/** What the bar may ask of the saver. */
export interface Saving { now: () => Promise<boolean>; dirty: () => boolean }

interface Copy { at: number; version: number; title: string; document: JSONContent; sent?: boolean }

/** Starts saving; `read` gives the document as it is stored. */
export function autosave(form: HTMLFormElement, editor: Editor, read: () => JSONContent): Saving {
  let timer = 0, dirty = false, running: Promise<boolean> | null = null, stopped = 'conflict' in form.dataset, leaving = false, passed = false, out = false, over = false;
  const key = (entry = form.dataset.entry ?? '0') => `freehold.entry.${location.host}.${entry}`;
  const field = $<HTMLTextAreaElement>('#title');
  const title = () => field?.value ?? '';
  const version = () => Number(form.dataset.version);
  const body = () => JSON.stringify({ ...fields(form), version: version(), title: title(), document: read(), ...(over ? { over: true } : {}) });
  const store = (sent = false) => keep(key(), JSON.stringify({ at: Date.now(), version: version(), title: title(), document: read(), sent } satisfies Copy));
  const seen = (news: number) => {
    form.dataset.version = String(news);
    const input = form.elements.namedItem('version');
    if (input instanceof HTMLInputElement) input.value = String(news);
  };
  const note = notes(form);

  const save = async (): Promise<boolean> => {
    clearTimeout(timer);
    if (!dirty || stopped) return !stopped;
    if (running) { await running; return save(); }
    dirty = false;
    show('saving');
    running = send(form, body()).then(({ state, news }) => {
      if (news.version !== undefined && state !== 'conflict') seen(news.version);
      if (news.id !== undefined) { keep(key(), null); moved(form, news); }
      if (state === 'saved' || state === 'kept') {
        // What was kept beside it is not saved over anything yet.
        if (state === 'saved') over = false;
        if (!dirty) keep(key(), null);
        show(state, news.why);
        return true;
      }
      dirty = true;
      store();
      show(state, news.why);
      if (state === 'conflict') conflict(news);
      if (state === 'locked') lost(news.locked_by ?? '');
      if (state === 'out') signedOut();
      if (state === 'device') timer = window.setTimeout(() => void save(), AGAIN_MS);
      return false;
    }).finally(() => { running = null; });
    return running;
  };
  const changed = () => {
    dirty = true;
    clearTimeout(timer);
    timer = window.setTimeout(() => { store(); void save(); }, PAUSE_MS);
  };

  /** Somebody saved in between: three ways on, none of which loses words. */
  const conflict = (news: News) => {
    stopped = true;
    note.put('conflict', 'users', `${news.by || 'Somebody'} saved at ${news.at ?? ''}, while you wrote.`, 'Your words are here and kept; nothing of either is lost.',
      el('a', { class: 'btn s', href: `${form.dataset.versions ?? ''}/unsaved`, target: '_blank' }, 'See both'),
      el('a', { class: 'btn s', href: form.action }, 'Use theirs'),
      el('button', { class: 'btn s', type: 'button', onclick: () => { seen(news.version ?? 0); over = true; stopped = false; dirty = true; note.drop('conflict'); void save(); } }, 'Save mine over it'));
    keep(key(), null);
  };
  /** Somebody took over: nothing can be typed here any more. What was typed is kept. */
  const lost = (by: string) => {
    if (stopped && !editor.isEditable) return;
    const words = dirty ? body() : '';
    if (words) store();
    stopped = true;
    lock(editor, field);
    show('locked', by);
    note.put('locked', 'lock', `${by || 'Somebody'} took over and is writing here now.`, 'What you typed up to here is kept.',
      el('button', { class: 'btn s', formaction: (form.dataset.lockUrl ?? '').replace(/lock$/, 'take-over'), formnovalidate: true }, 'Take over'));
    if (words) void send(form, words);
  };
  const signedOut = () => {
    out = true;
    show('out');
    note.put('out', 'lock', 'You are signed out. Your words are kept here.', 'Sign in in a new tab, then come back to this one.',
      el('a', { class: 'btn s', href: '/admin/login', target: '_blank', rel: 'noopener' }, 'Sign in'));
  };
  const signedIn = () => {
    if (!out) return;
    out = false;
    note.drop('out');
    if (dirty) void save(); else show('saved');
  };

  /** Whether the server would take words now. What stands in the way is said here, not on another page. */
  const ask = async (quiet = false): Promise<boolean> => {
    const url = form.dataset.lockUrl;
    const headers = { Accept: 'application/json' };
    try {
      const answer = await fetch(url || `${form.dataset.mediaUrl ?? ''}?kind=none`, { method: url ? 'POST' : 'GET', headers });
      if (answer.status === 401) { store(); signedOut(); return false; }
      const news = (await answer.json()) as News;
      if (!answer.ok) { if (!quiet) show('device', news.title); return false; }
      signedIn();
      if (news.locked_by) { lost(news.locked_by); return false; }
      return true;
    } catch { if (!quiet || dirty) show('device'); return false; }
  };
  const beat = () => { if (form.dataset.lockUrl && !document.hidden && !leaving && editor.isEditable) void ask(true); };

  form.addEventListener('submit', (event) => {
    if (passed) return;
    const button = event.submitter as HTMLButtonElement | null;
    const go = () => { passed = leaving = true; form.requestSubmit(button); };
    // Buttons without a name act on the entry and send no words.
    if (button?.formAction.endsWith('/discard')) { leaving = true; keep(key(), null); return; }
    event.preventDefault();
    clearTimeout(timer);
    store(true);
    if (button && !button.name) { void save().then(go, go); return; }
    button?.setAttribute('aria-busy', 'true');
    void Promise.resolve(running).then(() => ask()).then((ok) => {
      button?.removeAttribute('aria-busy');
      if (ok) go(); else dirty = true;
      $<HTMLDialogElement>('#publish-dialog')?.close();
    });
  });
  addEventListener('pageshow', () => { passed = leaving = false; });
  editor.on('update', changed);
  form.addEventListener('input', (event) => { if (!(event.target as HTMLElement).closest('.ProseMirror')) changed(); });
  addEventListener('online', () => { void save(); });
  document.addEventListener('visibilitychange', beat);
  addEventListener('pagehide', () => {
    if (leaving) return;
    if (dirty && !stopped) { store(); void fetch(form.dataset.autosaveUrl ?? '', { method: 'PUT', body: body(), keepalive: true, headers: { 'Content-Type': 'application/json' } }); }
    if (form.dataset.lockUrl) navigator.sendBeacon(`${form.dataset.lockUrl}?release=1`);
  });
  beat();
  setInterval(beat, BEAT_MS);
  const done = new URLSearchParams(location.search).has('done');
  if (done) forget(key('0'));
  const copy = stored(key());
  // The server keeps the words of a conflict beside the entry; others are kept here and tried again.
  if ('refused' in form.dataset) { if (stopped) dirty = true; else changed(); }
  else if (copy && ((done && copy.sent) || (copy.title === title() && JSON.stringify(copy.document) === JSON.stringify(read())))) keep(key(), null);
  else if (copy) offer(copy, note, key(), (title, document) => {
    // Somebody saved since: what they wrote stays in a version.
    over = copy.version !== version();
    if (field) field.value = title;
    editor.commands.setContent(fromServer(JSON.stringify(document), editor.schema));
  });
  return { now: save, dirty: () => dirty };
}

/** Nothing can be typed. */
export function lock(editor: Editor, title: HTMLTextAreaElement | null): void {
  editor.setEditable(false);
  if (title) title.readOnly = true;
  for (const part of $$<HTMLInputElement>('#panel :is(input, select, textarea, button:not(.ed-panel-open))')) part.disabled = true;
}

/** Something new has its place now. */
function moved(form: HTMLFormElement, news: News): void {
  form.dataset.entry = String(news.id);
  if (news.action) form.action = news.action;
  if (news.autosave_url) form.dataset.autosaveUrl = news.autosave_url;
  if (news.lock_url) form.dataset.lockUrl = news.lock_url;
  if (news.versions_href) form.dataset.versions = news.versions_href;
  if (news.href) history.replaceState(null, '', news.href);
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

async function send(form: HTMLFormElement, body: string): Promise<{ state: State; news: News }> {
  try {
    const answer = await fetch(form.dataset.autosaveUrl ?? '', { method: 'PUT', body, headers: { 'Content-Type': 'application/json', Accept: 'application/json' } });
    if (answer.status === 401) return { state: 'out', news: {} };
    const news = (await answer.json()) as News;
    if (answer.status === 409) return { state: news.locked_by === undefined ? 'conflict' : 'locked', news };
    if (!answer.ok) return { state: 'device', news: { why: news.title } };
    return { state: news.saved ? 'saved' : 'kept', news };
  } catch { return { state: 'device', news: {} }; }
}

const WORDS: Record<State, [text: string, symbol: string, tone: string]> = {
  saving: ['Saving…', 'refresh-cw', ''],
  saved: ['Saved', 'check', ''],
  kept: ['Kept for you, not on the site yet', 'check', ''],
  device: ['No connection, kept on this device', 'wifi-off', 'warn'],
  conflict: ['Not saved: somebody else saved', 'triangle-alert', 'bad'],
  locked: ['Not saved: somebody else writes here', 'lock', 'bad'],
  out: ['Signed out, kept on this device', 'lock', 'bad'],
};

function show(state: State, why = ''): void {
  const place = $('#save-state');
  if (!place) return;
  const [text, symbol, tone] = WORDS[state];
  const said = why && (state === 'kept' ? `Kept for you, not saved. ${why}` : state === 'saved' ? `Saved. ${why}` : state === 'device' ? `Kept on this device. ${why}` : '');
  place.className = `saved ${tone}`;
  place.title = said;
  place.replaceChildren(icon(symbol, 's'), el('span', { class: 'trunc' }, said || text));
}

function stored(key: string): Copy | null {
  try { return JSON.parse(kept(key) ?? 'null') as Copy | null; } catch { return null; }
}

/** A copy that was sent and has arrived. */
function forget(key: string): void {
  if (stored(key)?.sent) keep(key, null);
}

/** Offers words that were kept on this device and never reached the server. */
function offer(copy: Copy, note: ReturnType<typeof notes>, key: string, back: (title: string, document: JSONContent) => void): void {
  const button = (label: string, act: () => void) => el('button', { class: 'btn s', type: 'button', onclick: () => { act(); note.drop('device'); } }, label);
  note.put('device', 'history', `Words of ${new Date(copy.at).toLocaleString()} were kept on this device and not saved.`, '',
    button('Bring them back', () => back(copy.title, copy.document)), button('Forget them', () => { keep(key, null); }));
}
