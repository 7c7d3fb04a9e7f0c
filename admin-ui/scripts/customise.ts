import { $, $$ } from './dom';

/** What the server says after it kept a draft. */
interface Kept {
  version: number; changes: number; changed: string[]; can_undo: boolean; can_redo: boolean;
  contrasts: Record<string, { text: string; detail: string; tone: string }>; frames: Record<string, string>;
  errors?: { field: string; text: string }[]; conflict?: string;
}

/** How long somebody rests before what they typed is kept; a switch or a slider that is let go is kept at once. */
const REST_MS = 350;
/** Widths of the frame: a wide screen is made smaller until it fits. */
const WIDTHS: Record<string, number> = { desktop: 1280, tablet: 820, phone: 390 };

const form = $<HTMLFormElement>('form[data-customise]');
const stage = $('.cz-stage');
if (form && stage) customise(form, stage);

/** The form keeps itself, and the frame follows. */
function customise(form: HTMLFormElement, stage: HTMLElement): void {
  const box = $('.cz-frames', stage) as HTMLElement;
  let frame = $<HTMLIFrameElement>('iframe', box) as HTMLIFrameElement;
  let [top, path, timer, again, running, stopped, drawn, sent] = [0, '', 0, false, false, false, true, false];

  addEventListener('message', (event) => {
    const said = event.data as { design?: string; top?: number; path?: string } | null;
    if (event.source !== frame.contentWindow || said?.design !== 'at') return;
    [top, path] = [Number(said.top) || 0, String(said.path ?? '')];
  });

  const address = () => (stage.dataset[stage.dataset.scheme ?? 'auto'] ?? '') + path;
  /** Draws the page anew in a second frame and shows it when it is there: nothing flashes, and it stays where it was scrolled to. */
  const draw = () => {
    const next = frame.cloneNode() as HTMLIFrameElement;
    const at = top;
    next.src = address();
    next.classList.add('next');
    $$('iframe.next', box).forEach((older) => older.remove());
    next.addEventListener('load', () => {
      if (!next.isConnected) return;
      next.contentWindow?.postMessage({ top: at }, '*');
      frame.remove();
      next.classList.remove('next');
      frame = next;
    }, { once: true });
    box.append(next);
  };
  const fit = () => {
    const width = WIDTHS[stage.dataset.width ?? 'desktop'] ?? 1280;
    const scale = Math.min(1, box.clientWidth / width);
    box.style.setProperty('--w', `${width}px`);
    box.style.setProperty('--k', String(scale));
    const words = $('[data-scale]', stage);
    if (words) words.textContent = `${width} px · ${Math.round(scale * 100)} %`;
  };
  new ResizeObserver(fit).observe(stage);
  fit();

  /** What a page can take without being drawn anew; false where it must be. */
  const atOnce = (field: HTMLInputElement): boolean => {
    const name = field.dataset.var;
    if (!name || !field.value || field.matches('select')) return false;
    frame.contentWindow?.postMessage({ vars: { [name]: field.value + (field.dataset.suffix ?? '') } }, '*');
    return true;
  };
  const keep = async (): Promise<void> => {
    clearTimeout(timer);
    timer = 0;
    if (stopped) return;
    if (running) { again = true; return; }
    running = true;
    const redraw = !drawn;
    drawn = true;
    try {
      const answer = await fetch(form.action, { method: 'PUT', body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>), redirect: 'manual' });
      const kept = await answer.json() as Kept;
      if (answer.status === 409) { stopped = true; conflict(kept.conflict ?? ''); return; }
      wrong(kept.errors ?? []);
      if (!answer.ok) { drawn = drawn && !redraw; return; }
      show(form, kept);
      for (const [scheme, to] of Object.entries(kept.frames)) stage.dataset[scheme] = to;
      if (redraw) draw();
    } catch {
      drawn = drawn && !redraw;
      say('No connection: what you changed is not kept yet.');
    } finally {
      running = false;
      if (again) { again = false; void keep(); }
    }
  };

  form.addEventListener('input', (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.name) return;
    const output = $<HTMLOutputElement>(`output[for="${CSS.escape(field.id)}"]`, form);
    if (output) output.textContent = `${field.value} ${output.dataset.unit ?? ''}`;
    if (!atOnce(field)) drawn = false;
    say('Saving…');
    clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), field.matches('[type=radio], [type=checkbox], select') ? 0 : REST_MS);
  });
  form.addEventListener('change', () => void keep());
  pickers(form);
  form.addEventListener('submit', () => { sent = true; });
  // Leaving with something typed that no button sends: it is kept on the way.
  addEventListener('pagehide', () => {
    if (timer && !stopped && !sent) navigator.sendBeacon?.(form.action, new URLSearchParams([...new FormData(form) as unknown as Iterable<[string, string]>]));
  });

  for (const [place, key] of [['[data-widths]', 'width'], ['[data-schemes]', 'scheme']] as const) {
    $(place)?.addEventListener('click', (event) => {
      const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a');
      const word = link?.dataset[key];
      if (!link || !word || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      stage.dataset[key] = word;
      for (const other of $$('a', link.parentElement ?? document)) other.toggleAttribute('aria-current', false);
      link.setAttribute('aria-current', 'true');
      history.replaceState(null, '', link.href);
      form.action = link.href;
      for (const one of $$<HTMLAnchorElement>('[data-widths] a, [data-schemes] a, .cz-head .seg a')) one.href = withParam(one.href, key === 'width' ? 'width' : 'colours', word, one.dataset[key]);
      if (key === 'scheme') draw(); else fit();
    });
  }
}

/** Another address that keeps what was chosen here, unless it is itself a choice of that. */
function withParam(href: string, name: string, word: string, own: string | undefined): string {
  const url = new URL(href);
  if (own === undefined) url.searchParams.set(name, word);
  return url.href;
}

/** Colours are typed or picked. */
function pickers(form: HTMLFormElement): void {
  const follow = (field: HTMLInputElement) => {
    const place = field.closest('.in');
    $('rect', place ?? form)?.setAttribute('fill', field.value || 'none');
    const pick = place && $<HTMLInputElement>('[data-pick]', place);
    if (pick && /^#[0-9a-f]{6}$/i.test(field.value)) pick.value = field.value.toLowerCase();
  };
  for (const field of $$<HTMLInputElement>('[data-color]', form)) { follow(field); field.addEventListener('input', () => follow(field)); }
  for (const pick of $$<HTMLInputElement>('[data-pick]', form)) {
    pick.addEventListener('input', (event) => {
      event.stopPropagation();
      const field = document.getElementById(pick.dataset.pick ?? '') as HTMLInputElement | null;
      if (!field) return;
      field.value = pick.value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }
}

/** The count, the badges and what can be taken back. */
function show(form: HTMLFormElement, kept: Kept): void {
  (form.elements.namedItem('version') as HTMLInputElement).value = String(kept.version);
  say(kept.changes === 0 ? 'As it is live' : kept.changes === 1 ? '1 change, only you see it' : `${kept.changes} changes, only you see them`);
  $('#changes')?.classList.toggle('info', kept.changes > 0);
  for (const [step, can] of [['undo', kept.can_undo], ['redo', kept.can_redo]] as const) {
    const button = $<HTMLButtonElement>(`[data-step="${step}"]`);
    if (button) button.disabled = !can;
  }
  for (const setting of $$('[data-setting]', form)) {
    const id = setting.dataset.setting ?? '';
    const changed = kept.changed.includes(id);
    setting.classList.toggle('changed', changed);
    const reset = $('.cz-reset', setting);
    if (reset) reset.hidden = !changed;
    const badge = $('[data-contrast]', setting);
    const found = kept.contrasts[id];
    if (badge) {
      badge.hidden = !found;
      badge.className = `badge cz-badge ${found?.tone ?? ''}`;
      badge.title = found?.detail ?? '';
      const words = $('[data-words]', badge);
      if (words) words.textContent = found?.text ?? '';
    }
  }
  for (const group of $$('details.cz-group', form)) {
    const count = $$('.cz-set.changed', group).length;
    const badge = $('[data-count]', group);
    if (badge) { badge.hidden = count === 0; if (badge.firstChild) badge.firstChild.textContent = String(count); }
  }
}

function say(words: string): void {
  const place = $('#changes');
  if (place && place.textContent !== words) place.textContent = words;
}

/** What was refused stands at its field until it is right. */
function wrong(errors: { field: string; text: string }[]): void {
  for (const old of $$('.err[data-live]')) old.remove();
  for (const field of $$('[data-setting] [aria-invalid]')) field.removeAttribute('aria-invalid');
  for (const { field, text } of errors) {
    const input = document.getElementById(field);
    const place = input?.closest('.field, .cz-set');
    if (!input || !place) continue;
    input.setAttribute('aria-invalid', 'true');
    const line = document.createElement('span');
    line.className = 'err';
    line.dataset.live = '';
    line.setAttribute('role', 'alert');
    line.textContent = text;
    place.append(line);
  }
  if (errors.length) say('Not kept yet');
}

/** Somebody else was faster: nothing more is sent until the person said which one stays. */
function conflict(words: string): void {
  const notes = $('#notes');
  if (!notes) return;
  const note = document.createElement('div');
  note.className = 'note warn';
  note.setAttribute('role', 'alert');
  note.append(words, ' ');
  const theirs = document.createElement('a');
  [theirs.className, theirs.href, theirs.textContent] = ['btn s', location.href, 'Show theirs'];
  const mine = document.createElement('button');
  [mine.className, mine.name, mine.value, mine.textContent] = ['btn s', 'do', 'save', 'See both and decide'];
  note.append(theirs, mine);
  notes.prepend(note);
  note.scrollIntoView({ block: 'nearest' });
  say('Not kept');
}
