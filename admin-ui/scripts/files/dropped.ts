import { $ } from '../dom';
import { here } from './here';
import { enqueue, type Picked } from './tray';

/** The whole page takes files and folders: dropped, pasted, chosen. */
export function dropped(): void {
  const shade = (on: boolean) => {
    const manager = here();
    if (!manager || !('upload' in manager.dataset)) return;
    manager.classList.toggle('fm-over', on);
    manager.dataset.over = `Drop into “${manager.dataset.name ?? ''}”`;
  };
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files') || !may()) return;
    event.preventDefault();
    shade(true);
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) shade(false); });
  document.addEventListener('drop', (event) => {
    shade(false);
    if (!event.dataTransfer?.types.includes('Files') || !may()) return;
    event.preventDefault();
    void unpacked(event.dataTransfer).then(enqueue);
  });
  document.addEventListener('paste', (event) => {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length && may() && !(event.target as Element).closest('input, textarea')) enqueue(files.map((file) => ({ file, path: file.name })));
  });
  document.addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    if (input.id !== 'files-input' && input.id !== 'folder-input' || !may()) return;
    enqueue([...input.files ?? []].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    input.value = '';
  });
}

function may(): boolean { return 'upload' in (here()?.dataset ?? {}) && !$('dialog[open]'); }

/** All files of what was dropped, those in folders with their paths. The entries must be taken before the event is over. */
async function unpacked(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain.map((file) => ({ file, path: file.name }));
  const found: Picked[] = [];
  for (const entry of entries) if (entry) await walk(entry, '', found);
  return found;
}

async function walk(entry: FileSystemEntry, above: string, found: Picked[]): Promise<void> {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    found.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  let any = false;
  // A reader gives a hundred at a time, and nothing at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    any = true;
    for (const one of some) await walk(one, `${path}/`, found);
  }
  if (!any) found.push({ file: null, path });
}
