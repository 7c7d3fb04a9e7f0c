// Buttons around the canvas: undo, Markdown source, panel, cover, the phone's bar.
import type { Editor } from '@tiptap/core';
import { $, $$, el, keep, kept } from '../dom';
import { images } from './blocks';
import { fromServer, toServer } from './convert';
import { moveBlock, newLine, removeBlock } from './move';
import { pick } from './picker';
import { editLink } from './toolbar';
import type { Saving } from './autosave';

const PANEL = 'freehold.panel';

/** Joins the buttons to the editor. */
export function bar(form: HTMLFormElement, editor: Editor, saving: Saving): void {
  const source = $<HTMLTextAreaElement>('#markdown-source');
  const view = $('#markdown-view');
  let markdown: typeof import('./markdown') | null = null;
  const readSource = () => { if (view && source && markdown && !view.hidden) editor.commands.setContent(fromServer(JSON.stringify(markdown.fromMarkdown(source.value)), editor.schema)); };
  const commands: Record<string, (button: HTMLElement) => void> = {
    undo: () => { editor.chain().focus().undo().run(); },
    redo: () => { editor.chain().focus().redo().run(); },
    up: () => { moveBlock(editor, -1); },
    down: () => { moveBlock(editor, 1); },
    remove: () => removeBlock(editor),
    image: () => { void images(editor, 'image'); },
    link: () => editLink(editor),
    insert: () => { newLine(editor); editor.chain().focus().insertContent({ type: 'text', text: '/' }).run(); },
    cover: () => { void cover(form, saving); },
    'cover-remove': () => setCover(form, null),
    markdown: (button) => {
      if (view && source) void import('./markdown').then((loaded) => { markdown = loaded; turn(button, view, source); });
    },
  };
  const turn = (button: HTMLElement, view: HTMLElement, source: HTMLTextAreaElement) => {
    const open = view.hidden;
    if (open) source.value = markdown!.toMarkdown(toServer(editor.getJSON())); else readSource();
    view.hidden = !open;
    editor.view.dom.parentElement!.hidden = open;
    button.setAttribute('aria-pressed', String(open));
    if (open) source.focus(); else editor.commands.focus();
  };
  document.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('[data-cmd]');
    if (button) commands[button.dataset.cmd ?? '']?.(button);
  });
  // Words typed as source count too: for the form, and for saving by itself.
  let timer = 0;
  source?.addEventListener('input', () => { clearTimeout(timer); timer = window.setTimeout(readSource, 600); });
  form.addEventListener('submit', readSource, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    readSource();
    void saving.now();
  });
  // A preview shows what is on the screen, so it is saved first.
  for (const link of $$<HTMLAnchorElement>('[data-save-first]')) link.addEventListener('click', (event) => {
    if (!saving.dirty()) return;
    event.preventDefault();
    const tab = window.open('', '_blank');
    void saving.now().then(() => { if (tab) tab.location.href = link.href; });
  });
  panel();
}

function panel(): void {
  const button = $('[data-panel-toggle]');
  const set = (open: boolean) => {
    if (open) delete document.documentElement.dataset.panel; else document.documentElement.dataset.panel = 'closed';
    button?.setAttribute('aria-pressed', String(open));
  };
  set(kept(PANEL) !== 'closed');
  button?.addEventListener('click', () => {
    const open = document.documentElement.dataset.panel === 'closed';
    set(open);
    keep(PANEL, open ? null : 'closed');
  });
}

async function cover(form: HTMLFormElement, saving: Saving): Promise<void> {
  const [chosen] = await pick({ kind: 'image', many: false });
  if (!chosen) return;
  setCover(form, chosen);
  void saving.now();
}

function setCover(form: HTMLFormElement, media: { id: number; url: string; alt?: string } | null): void {
  const field = form.elements.namedItem('cover_id') as HTMLInputElement;
  field.value = media ? String(media.id) : '';
  const box = $('[data-cover]', form);
  $$('img, [data-cover-empty]', box ?? form).forEach((old) => old.remove());
  box?.prepend(media ? el('img', { src: media.url, alt: media.alt ?? '' }) : el('span', { 'data-cover-empty': true }, 'No cover yet'));
  const remove = $('[data-cmd="cover-remove"]', form);
  if (remove) remove.hidden = !media;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
