import { $, $$ } from './dom';

/** Forms: show a password, mirror what is typed, send switches at once, say when a form is busy. */
export function fields(): void {
  $$<HTMLAnchorElement>('.errors a[href^="#"]').forEach(named);
  $('[data-focus]')?.focus();
  document.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('[data-show]');
    const input = button && document.getElementById(button.dataset.show ?? '');
    if (!(input instanceof HTMLInputElement)) return;
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button?.setAttribute('aria-pressed', String(!shown));
  });
  document.addEventListener('input', (event) => mirror(event.target));
  document.addEventListener('change', (event) => {
    const target = event.target as HTMLElement;
    mirror(target);
    showIf();
    target.closest<HTMLFormElement>('form[data-auto]')?.requestSubmit();
    const start = target.closest<HTMLInputElement>('[data-start]');
    if (start instanceof HTMLInputElement) $('.paper')?.setAttribute('data-start', start.value);
  });
  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    event.submitter?.setAttribute('aria-busy', 'true');
  });
  // A page that comes back from the browser's store is not busy.
  addEventListener('pageshow', () => $$('[aria-busy]').forEach((busy) => busy.removeAttribute('aria-busy')));
  showIf();
  locale();
}

/** What is wrong on top of a form begins with the name of its field: two that miss the same would read alike. */
function named(link: HTMLAnchorElement): void {
  const field = document.getElementById(link.hash.slice(1));
  const name = (field instanceof HTMLFieldSetElement ? $('legend', field) : (field as HTMLInputElement | null)?.labels?.[0])?.textContent?.trim();
  if (name && !link.textContent?.startsWith(name)) link.prepend(`${name}: `);
}

/** Writes what is typed to the places that show it; `data-else` names the field that stands in. */
function mirror(source: EventTarget | null): void {
  if (!(source instanceof HTMLElement)) return;
  for (const place of $$('[data-mirror-to]')) {
    const text = value(place.dataset.mirrorTo) || value(place.dataset.else) || place.dataset.empty || '';
    if (place.dataset.mirrorTo === (source.dataset.mirror ?? source.id) || place.dataset.else === (source.dataset.mirror ?? source.id)) write(place, text);
  }
}

function value(name: string | undefined): string {
  if (!name) return '';
  const field = $<HTMLInputElement>(`[data-mirror="${name}"]`) ?? document.getElementById(name);
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.text ?? '';
  return (field as HTMLInputElement | null)?.value?.trim() ?? '';
}

/** The masthead sets an ampersand in italics. */
function write(place: HTMLElement, text: string): void {
  if ('plain' in place.dataset) { place.textContent = text.replace('T', place.hasAttribute('data-when') ? ' ' : 'T'); return; }
  place.replaceChildren(...text.split(/(&)/).map((part) => {
    if (part !== '&') return part;
    const em = document.createElement('em');
    em.textContent = '&';
    return em;
  }));
}

/** `data-show-if="field=value"` shows a part only then. */
function showIf(): void {
  for (const part of $$('[data-show-if]')) {
    const [name, wanted] = (part.dataset.showIf ?? '').split('=');
    const field = $<HTMLSelectElement>(`[name="${name}"]`);
    part.hidden = field?.value !== wanted;
  }
}

/** First run: language and time zone come from the browser. */
function locale(): void {
  const form = $<HTMLFormElement>('form[data-locale]');
  if (!form) return;
  const set = (name: string, text: string) => {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && !field.value) field.value = text;
  };
  set('time_zone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  set('language', navigator.language);
  for (const place of $$('[data-mirror-to]')) write(place, value(place.dataset.mirrorTo) || place.dataset.empty || '');
}
