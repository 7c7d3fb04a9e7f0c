import { $, $$ } from './dom';
import { toast } from './toasts';

/** News of a job, as `/admin/events` sends it under the event name `job`. */
interface JobNews { id: string | number; step?: string; percent?: number | null; detail?: string; state?: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' }

/** Live parts: jobs and notices by server-sent events, prefetch on hover, a word when the line breaks. */
export function live(): void {
  events();
  prefetch();
  const line = $('#connection');
  const tell = () => { if (line) line.hidden = navigator.onLine; };
  addEventListener('online', tell);
  addEventListener('offline', tell);
}

function events(): void {
  const url = document.body.dataset.events;
  // A stream holds a connection: only pages that show something live open one.
  if (!url || !$('[data-job], [data-live]')) return;
  const source = new EventSource(url);
  source.addEventListener('job', (event) => job(JSON.parse((event as MessageEvent<string>).data) as JobNews));
  source.addEventListener('notice', (event) => {
    const news = JSON.parse((event as MessageEvent<string>).data) as { text: string; tone?: 'good' | 'warn' | 'bad' };
    toast(news.text, news.tone);
  });
  // No stream (an old proxy): the page asks again by itself.
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000); });
  addEventListener('pagehide', () => source.close());
}

function job(news: JobNews): void {
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

/** Fetches a page of the panel once when somebody is about to open it. */
function prefetch(): void {
  const seen = new Set<string>();
  const ask = (event: Event) => {
    const link = (event.target as HTMLElement).closest?.<HTMLAnchorElement>('a[href]');
    if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith('/admin') || link.hasAttribute('download')) return;
    if (seen.has(link.href) || link.href === location.href) return;
    seen.add(link.href);
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: link.href }));
  };
  document.addEventListener('pointerover', ask, { passive: true });
  document.addEventListener('focusin', ask);
}
