import { $, $$ } from './dom';

/** What the server says after it kept a draft, or why it did not. */
interface Kept {
  version: number; changes: number; changed: string[]; can_undo: boolean; can_redo: boolean;
  contrasts: Record<string, { text: string; detail: string; tone: string; icon: string }>; frames: Record<string, string>;
  errors?: { field: string; text: string }[]; conflict?: string;
}

/** How long somebody rests before what they typed is kept; a switch or a slider that is let go is kept at once. */
const REST_MS = 350;
/** When what could not be sent is sent again. */
const AGAIN_MS = 5000;
/** Widths of the frame: a wide screen is made smaller until it fits. */
const WIDTHS: Record<string, number> = { desktop: 1280, tablet: 820, phone: 390 };

const form = $<HTMLFormElement>('form[data-customise]');
const stage = $('.cz-stage');
if (form && stage) customise(form, stage);

/** The form keeps itself, and the frame follows. */
function customise(form: HTMLFormElement, stage: HTMLElement): void {
  const frame = framed(stage);
  let [timer, again, running, stopped, drawn, sent] = [0, false, false, false, true, false];
  /** What was typed, and how much of it is kept: as many times as somebody changed something. */
  let [typed, kept] = [0, 0];
  /** A button that waits for the answer: it must name the version that comes with it. */
  let pressed: HTMLElement | null = null;

  /** What a page can take without being drawn anew; false where it must be. */
  const atOnce = (field: HTMLInputElement): boolean => {
    const name = field.dataset.var;
    if (!name || !field.value || field.matches('select')) return false;
    frame.tell({ vars: { [name]: field.value + (field.dataset.suffix ?? '') } });
    return true;
  };
  const later = (wait: number): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), wait);
  };
  const body = (): URLSearchParams => new URLSearchParams([...new FormData(form) as unknown as Iterable<[string, string]>]);
  /** Sends what stands in the form; whether all of it is kept. */
  const send = async (): Promise<boolean> => {
    const answer = await fetch(form.action, { method: 'PUT', headers: { accept: 'application/json' }, body: body(), redirect: 'manual' });
    const said = await answer.json().catch(() => ({})) as Partial<Kept>;
    if (answer.status === 409 && said.conflict) {
      stopped = true;
      conflict(form, said.conflict);
    } else if (answer.status === 422 && said.errors) {
      wrong(said.errors);
    } else if (answer.ok) {
      wrong([]);
      show(form, said as Kept);
      frame.addresses((said as Kept).frames);
      return true;
    } else {
      const out = answer.status === 401 || answer.type === 'opaqueredirect';
      say(out ? 'You are signed out: not kept' : 'Not kept yet');
      if (answer.status >= 500) later(AGAIN_MS);
    }
    return false;
  };
  const keep = async (): Promise<void> => {
    clearTimeout(timer);
    timer = 0;
    if (stopped || sent) return;
    if (running) { again = true; return; }
    running = true;
    const [redraw, until] = [!drawn, typed];
    drawn = true;
    try {
      if (await send()) {
        kept = until;
        if (redraw) frame.draw();
      } else if (redraw) {
        drawn = false;
      }
    } catch {
      if (redraw) drawn = false;
      say('No connection: not kept yet');
      later(AGAIN_MS);
    } finally {
      running = false;
      const by = pressed;
      pressed = null;
      if (by) form.requestSubmit(by);
      else if (again) void keep();
      again = false;
    }
  };

  form.addEventListener('input', (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.name) return;
    typed += 1;
    const output = $<HTMLOutputElement>(`output[for="${CSS.escape(field.id)}"]`, form);
    if (output) output.textContent = `${field.value} ${output.dataset.unit ?? ''}`;
    if (!atOnce(field)) drawn = false;
    if (!stopped) say('Saving…');
    later(field.matches('[type=radio], [type=checkbox], select') ? 0 : REST_MS);
  });
  form.addEventListener('change', () => { if (typed > kept) void keep(); });
  pickers(form);
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (running && event.submitter) {
      event.preventDefault();
      pressed = event.submitter;
    } else {
      sent = true;
    }
  });
  // Leaving with something that no button sends and no answer told of: it is kept on the way.
  addEventListener('pagehide', () => {
    if (typed > kept && !stopped && !sent) navigator.sendBeacon?.(form.action, body());
  });
  // Back from another page as it was left: it goes on.
  addEventListener('pageshow', () => { sent = false; });
  chooser(form, stage, frame);
}

/** The frame with the site: another one is drawn beside it and takes its place. */
interface Framed {
  /** Draws the page anew: nothing flashes, and it stays where it was scrolled to. */
  draw: () => void;
  /** Makes a wide screen small enough. */
  fit: () => void;
  tell: (words: object) => void;
  /** Takes fresh addresses, by scheme. */
  addresses: (of: Record<string, string>) => void;
}

function framed(stage: HTMLElement): Framed {
  const box = $('.cz-frames', stage) as HTMLElement;
  let frame = $<HTMLIFrameElement>('iframe', box) as HTMLIFrameElement;
  let [top, path] = [0, ''];
  addEventListener('message', (event) => {
    const said = event.data as { design?: string; top?: number; path?: string } | null;
    if (event.source !== frame.contentWindow || said?.design !== 'at') return;
    [top, path] = [Number(said.top) || 0, String(said.path ?? '')];
  });
  const address = () => (stage.dataset[stage.dataset.scheme ?? 'auto'] ?? '') + path;
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
    look();
  };
  /** On a phone the page opens by a link. */
  const look = () => {
    const link = $<HTMLAnchorElement>('.cz-look');
    if (link) link.href = address();
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
  return {
    draw,
    fit,
    tell: (words) => frame.contentWindow?.postMessage(words, '*'),
    addresses: (of) => {
      for (const [scheme, to] of Object.entries(of)) stage.dataset[scheme] = to;
      look();
    },
  };
}

/** Widths and colours of the frame: links that need no page. */
function chooser(form: HTMLFormElement, stage: HTMLElement, frame: Framed): void {
  for (const [place, key] of [['[data-widths]', 'width'], ['[data-schemes]', 'scheme']] as const) {
    $(place)?.addEventListener('click', (event) => {
      const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a');
      const word = link?.dataset[key];
      if (!link || !word || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      stage.dataset[key] = word;
      for (const other of $$('a', link.parentElement ?? document)) other.removeAttribute('aria-current');
      link.setAttribute('aria-current', 'true');
      history.replaceState(null, '', link.href);
      form.action = link.href;
      for (const one of $$<HTMLAnchorElement>('[data-widths] a, [data-schemes] a, .cz-head .seg a')) one.href = withParam(one.href, key === 'width' ? 'width' : 'colours', word, one.dataset[key]);
      if (key === 'scheme') frame.draw(); else frame.fit();
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
  say(kept.changes === 0 ? 'As it is live' : kept.changes === 1 ? '1 change, not live yet' : `${kept.changes} changes, not live yet`);
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
    if (badge) read(badge, kept.contrasts[id]);
  }
  for (const group of $$('details.cz-group', form)) {
    const count = $$('.cz-set.changed', group).length;
    const badge = $('[data-count]', group);
    if (badge) { badge.hidden = count === 0; if (badge.firstChild) badge.firstChild.textContent = String(count); }
  }
}

/** How well a colour is read. */
function read(badge: HTMLElement, found: Kept['contrasts'][string] | undefined): void {
  badge.hidden = !found;
  if (!found) return;
  badge.className = `badge cz-badge ${found.tone}`;
  badge.title = found.detail;
  const [words, icon] = [$('[data-words]', badge), $('use', badge)];
  if (words) words.textContent = found.text;
  icon?.setAttribute('href', (icon.getAttribute('href') ?? '').replace(/#.*$/, `#i-${found.icon}`));
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
function conflict(form: HTMLFormElement, words: string): void {
  const notes = $('#notes');
  if (!notes) return;
  const note = document.createElement('div');
  note.className = 'note warn';
  note.setAttribute('role', 'alert');
  note.append(words);
  for (const [label, href] of [['Show theirs', location.href], ['Compare theirs with live', form.dataset.compare ?? '']] as const) {
    const link = document.createElement('a');
    [link.className, link.href, link.textContent] = ['btn s', href, label];
    note.append(' ', link);
  }
  // The page that answers has what stands here, upon theirs.
  const mine = document.createElement('button');
  [mine.className, mine.name, mine.value, mine.textContent] = ['btn s', 'do', 'save', 'Go on with mine'];
  note.append(' ', mine);
  notes.prepend(note);
  note.scrollIntoView({ block: 'nearest' });
  say('Not kept');
}
