import { $$ } from './dom';

/** Changes the colours at once and tells the server in the background. */
export function theme(): void {
  for (const form of $$<HTMLFormElement>('[data-theme-switch]')) {
    form.addEventListener('submit', (event) => {
      const chosen = event.submitter as HTMLButtonElement | null;
      if (!chosen) return;
      event.preventDefault();
      if (chosen.value === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = chosen.value;
      for (const button of $$('button', form)) button.setAttribute('aria-pressed', String(button === chosen));
      void fetch(form.action, { method: 'POST', body: new URLSearchParams({ theme: chosen.value }), redirect: 'manual' });
    });
  }
}
