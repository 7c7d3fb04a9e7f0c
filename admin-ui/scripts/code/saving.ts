import { $, el } from '../dom';

/** What the server answers to a save that it took. */
interface Saved { etag: string; base: string; text: string }

/** Saves without leaving the page; where the server wants to ask something, the form goes the plain way and shows its page. */
export function saving(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const state = $('[data-saved]', form);
  const etag = $<HTMLInputElement>('[name="etag"]', form);
  const base = $<HTMLInputElement>('[name="base"]', form);
  let kept = area.value;
  let leaving = false;
  let busy = false;
  const dirty = () => area.value !== kept || changed(form);
  const tell = (text: string, tone = '') => { if (state) { state.textContent = text; state.className = `saved ${tone}`; } };
  const asked = () => { leaving = true; form.append(el('input', { type: 'hidden', name: 'do', value: 'save' })); form.submit(); };

  async function save(): Promise<void> {
    if (busy || area.readOnly) return;
    busy = true;
    const text = area.value;
    tell('Saving…');
    try {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
      body.set('do', 'save');
      const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' }, body });
      const json = answer.headers.get('content-type')?.includes('json') ? await answer.json() as Saved & { title?: string; code?: string } : null;
      if (answer.ok && json) {
        if (etag) etag.value = json.etag;
        if (base) base.value = json.base;
        kept = text;
        settle(form);
        tell(area.value === text ? json.text : 'Not saved yet', area.value === text ? '' : 'warn');
      } else if (answer.status === 409 || answer.status === 412 || answer.status === 401) asked();
      else tell(json?.title ?? 'Not saved. Try again.', 'warn');
    } catch { tell('No connection. Nothing is lost; save again when it is back.', 'warn'); }
    busy = false;
  }

  form.addEventListener('submit', (event) => {
    const button = event.submitter as HTMLButtonElement | null;
    if (button && button.value !== 'save') { leaving = true; return; }
    event.preventDefault();
    void save();
  });
  form.addEventListener('input', () => tell(dirty() ? 'Not saved yet' : 'No changes', dirty() ? 'warn' : ''));
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    void save();
  }, true);
  addEventListener('beforeunload', (event) => { if (!leaving && dirty()) event.preventDefault(); });
  settle(form);
}

/** Notes how the choices stand, as those that are saved. */
function settle(form: HTMLFormElement): void {
  for (const select of form.querySelectorAll<HTMLSelectElement>('select[name]')) select.dataset.kept = select.value;
}

function changed(form: HTMLFormElement): boolean {
  return [...form.querySelectorAll<HTMLSelectElement>('select[name]')].some((select) => select.dataset.kept !== select.value);
}
