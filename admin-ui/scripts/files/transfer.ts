/** Where a file goes, and what happens where its name is taken. */
export interface Target { url: string; folder: string; exists: 'ask' | 'replace' | 'both' | 'skip' }

/** The server said no, and why. */
export class Refused extends Error {
  constructor(message: string, readonly code: string) { super(message); }
}

interface Answer { id?: string; offset?: number; done?: boolean; skipped?: boolean; code?: string; title?: string }

/** Files up to this size go in one request. */
const SMALL = 1 << 20;
/** Bytes of one part of a larger one. */
const PART = 4 << 20;
/** Waits before a broken connection is tried again, in milliseconds. */
const PATIENCE = [500, 2000, 5000, 15_000];

/** Sends one file, from where an earlier try ended. True where it was left out because its name is taken. */
export async function transfer(to: Target, path: string, file: File | null, signal: AbortSignal, known: string, began: (id: string) => void, progress: (sent: number) => void): Promise<boolean> {
  const bytes = file?.size ?? 0;
  const query = new URLSearchParams({ folder: to.folder, path, exists: to.exists });
  if (!file) { await ask('POST', `${to.url}?${query}&kind=folder`, null, signal); return false; }
  query.set('bytes', String(bytes));
  query.set('changed', String(file.lastModified));
  if (bytes <= SMALL) {
    const answer = await ask('POST', `${to.url}?${query}`, file, signal, progress);
    return Boolean(answer.skipped);
  }
  let at = -1;
  let id = known;
  if (id) at = await standing(to, id, signal);
  if (at < 0) {
    const answer = await ask('POST', `${to.url}?${query}&part=1`, null, signal);
    if (answer.skipped) return true;
    id = answer.id ?? '';
    at = answer.offset ?? 0;
    began(id);
  }
  for (let tries = 0; ;) {
    progress(at);
    const from = at;
    try {
      const answer = await ask('PUT', `${to.url}/${id}?at=${from}`, file.slice(from, from + PART), signal, (sent) => progress(from + sent));
      at = answer.offset ?? from;
      tries = 0;
      if (answer.done) return false;
    } catch (error) {
      if (signal.aborted || error instanceof Refused) throw error;
      const rest = PATIENCE[tries];
      if (rest === undefined) throw error;
      tries += 1;
      await new Promise((next) => setTimeout(next, rest));
      const stands = await standing(to, id, signal).catch(() => from);
      if (stands < 0) throw new Refused('The upload is not there any more. Try again from the beginning.', 'not_found');
      at = stands;
    }
  }
}

/** Where an upload stands; below 0 where the server does not have it. */
async function standing(to: Target, id: string, signal: AbortSignal): Promise<number> {
  try { return (await ask('GET', `${to.url}/${id}`, null, signal)).offset ?? -1; } catch (error) {
    if (error instanceof Refused) return -1;
    throw error;
  }
}

/** Ends an upload on the server. */
export async function cancel(to: Target, id: string): Promise<void> {
  if (id) await fetch(`${to.url}/${id}`, { method: 'DELETE', headers: { accept: 'application/json' } }).catch(() => null);
}

function ask(method: string, url: string, body: Blob | null, signal: AbortSignal, progress: (sent: number) => void = () => {}): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener('abort', stop);
    request.open(method, url);
    request.setRequestHeader('Accept', 'application/json');
    if (body) request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => progress(event.loaded));
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', stop);
      let answer: Answer = {};
      try { answer = JSON.parse(request.responseText || '{}') as Answer; } catch { /* not from us */ }
      if (request.status >= 200 && request.status < 300) done(answer);
      else if (request.status >= 400 && request.status < 500 || request.status === 507) failed(new Refused(answer.title ?? `The server refused the file (${request.status}).`, answer.code ?? ''));
      else failed(new Error('The connection broke. Press Try again; nothing is lost.'));
    });
    request.send(body);
  });
}
