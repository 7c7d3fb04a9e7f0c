// The file manager: keys, cut and paste, renaming in place, uploads. Every act is a form of the page as well.
import { clipboard } from './files/clipboard';
import { here } from './files/here';
import { keys } from './files/keys';
import { dropped } from './files/dropped';
import { waiting } from './files/tray';
import { $, $$ } from './dom';
import { show } from './lists';

/** The selected files' size, beside their number and written with it. */
function sums(): void {
  const tell = () => {
    const place = $('[data-sum]');
    const bytes = $$<HTMLInputElement>('.pick input[name="ids"]:checked').reduce((sum, box) => sum + Number(box.dataset.bytes), 0);
    if (place) place.textContent = bytes ? `· ${size(bytes)}` : '';
  };
  document.addEventListener('freehold:picked', tell);
  tell();
}

function size(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : bytes >= 1e3 ? [1e3, 'kB'] : [1, 'B'];
  const n = bytes / unit;
  return `${n >= 100 || unit === 1 ? Math.round(n) : n.toFixed(1)} ${name}`;
}

// An archive that is ready stands in the list at once. The page stays: uploads may be on their way.
document.addEventListener('freehold:job', (event) => {
  const { id, state } = (event as CustomEvent<{ id: string | number; state?: string }>).detail;
  const over = state && state !== 'running' && state !== 'queued';
  if (over && $(`.fm-jobs [data-job="${CSS.escape(String(id))}"]`)) void show(new URL(location.href));
});
// The part that changes brings the name of the page it shows.
document.addEventListener('freehold:shown', () => { document.title = `${here()?.dataset.title ?? 'Files'} · Freehold`; });
/** What cannot be drawn shows its icon, which lies below the picture. */
function pictures(): void {
  const drop = (image: EventTarget | null) => { if (image instanceof HTMLImageElement && image.closest('.thumb')) image.remove(); };
  document.addEventListener('error', (event) => drop(event.target), true);
  for (const image of $$<HTMLImageElement>('.thumb img')) if (image.complete && !image.naturalWidth) drop(image);
}
for (const start of [pictures, sums, clipboard, keys, dropped, waiting]) start();
