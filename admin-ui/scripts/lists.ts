import { $ } from './dom';

/** What htmx offers to scripts; it is loaded before. */
interface Htmx { ajax(method: string, url: string, how: Record<string, string>): Promise<void> }

/** How long somebody rests before what they typed is looked for. */
const REST_MS = 250;

/** Lists change in place: their own links and what is typed in their search. Without script each is a page. */
export function lists(): void {
  const list = $('[data-part]');
  if (!list) return;
  list.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (link.target || 'whole' in link.dataset || !within(list, url) || link.getAttribute('href')?.includes('#')) return;
    event.preventDefault();
    void show(url);
  });
  let timer = 0;
  const typed = (form: HTMLFormElement) => {
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value) url.searchParams.append(name, value);
    void show(url);
  };
  list.addEventListener('input', (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>('form.find');
    clearTimeout(timer);
    if (form) timer = window.setTimeout(() => typed(form), REST_MS);
  });
  list.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches('form.find')) return;
    event.preventDefault();
    clearTimeout(timer);
    typed(form);
  });
}

/** Whether an address is a state of this list: the same page, or one below the address that `data-part` names. */
function within(list: HTMLElement, url: URL): boolean {
  const base = list.dataset.part;
  return url.pathname === location.pathname || Boolean(base) && `${url.pathname}/`.startsWith(`${base}/`);
}

/** Fetches the changing part. Its first line says how many there are; screen readers hear it. */
export async function show(url: URL): Promise<void> {
  const htmx = (window as unknown as { htmx: Htmx }).htmx;
  const list = $('[data-part]');
  list?.setAttribute('aria-busy', 'true');
  try {
    await htmx.ajax('GET', url.pathname + url.search, { target: '#list', swap: 'innerMorph', push: 'true' });
    const words = $('[data-found]');
    if (words) { const text = words.textContent; words.textContent = ''; requestAnimationFrame(() => { words.textContent = text; }); }
    document.dispatchEvent(new CustomEvent('freehold:shown'));
  } finally { list?.removeAttribute('aria-busy'); }
}
