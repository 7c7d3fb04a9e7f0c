import { $, $$ } from './dom';
import { toast } from './toasts';

/** News of a job, as `/admin/events` sends it under the event name `job`. */
interface JobNews { id: string | number; step?: string; percent?: number | null; detail?: string; state?: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' }

/** Live parts: jobs and notices by server-sent events, and a word when the line breaks. */
export function live(): void {
  events();
  for (const place of $$('[data-stream]')) stream(place);
  const line = $('#connection');
  const tell = () => { if (line) line.hidden = navigator.onLine; };
  addEventListener('online', tell);
  addEventListener('offline', tell);
}

function events(): void {
  const url = document.body.dataset.events;
  // A stream holds a connection: only pages that show something live open one.
  if (!url || !$('[data-job], [data-live]')) return;
  // The stream first says how the jobs on this page stand now.
  const jobs = [...new Set($$('[data-job]').map((card) => card.dataset.job))].slice(0, 10).join();
  const source = new EventSource(jobs ? `${url}?jobs=${jobs}` : url);
  source.addEventListener('job', (event) => job(JSON.parse((event as MessageEvent<string>).data) as JobNews));
  source.addEventListener('notice', (event) => {
    const news = JSON.parse((event as MessageEvent<string>).data) as { text: string; tone?: 'good' | 'warn' | 'bad' };
    toast(news.text, news.tone);
  });
  // No stream (an old proxy): the page asks again by itself.
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000); });
  addEventListener('pagehide', () => source.close());
}

/** Words as a running command says them; at its end the page says more. */
function stream(place: HTMLElement): void {
  const source = new EventSource(place.dataset.stream ?? '');
  let begun = false;
  source.addEventListener('text', (event) => {
    const low = place.scrollTop + place.clientHeight > place.scrollHeight - 40;
    // The stream begins with all that was said; what the page came with is in it.
    if (!begun) place.textContent = '';
    begun = true;
    place.append(JSON.parse((event as MessageEvent<string>).data) as string);
    if (low) place.scrollTop = place.scrollHeight;
  });
  source.addEventListener('end', () => { source.close(); setTimeout(() => location.reload(), begun ? 100 : 1000); });
  addEventListener('pagehide', () => source.close());
}

function job(news: JobNews): void {
  document.dispatchEvent(new CustomEvent('freehold:job', { detail: news }));
  for (const card of $$(`[data-job="${CSS.escape(String(news.id))}"]`)) {
    const meter = $<HTMLProgressElement>('[data-job-meter]', card);
    const step = $('[data-job-step]', card);
    const detail = $('[data-job-detail]', card);
    if (meter) { if (typeof news.percent === 'number') meter.value = news.percent; else meter.removeAttribute('value'); }
    if (step && news.step !== undefined) step.textContent = news.step;
    if (detail && news.detail !== undefined) detail.textContent = news.detail;
    // The page of a finished job says more than a meter can.
    if (news.state && news.state !== 'running' && news.state !== 'queued' && card.closest('[data-live]')) location.reload();
  }
}
