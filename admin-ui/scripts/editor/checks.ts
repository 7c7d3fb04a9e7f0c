// "Before you publish": a list of things to look at, not a score; and the count of words.
import type { Editor } from '@tiptap/core';
import { $, el, icon } from '../dom';

const VAGUE = /^(here|click here|this|link|more|read more)$/i;

/** Keeps the list, the word count and the name of the block up to date. */
export function checks(editor: Editor): void {
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = window.setTimeout(() => draw(editor), 400); };
  editor.on('update', later);
  editor.on('selectionUpdate', () => {
    const place = $('[data-block-name]');
    const name = editor.state.selection.$from.node(1)?.type.name ?? 'paragraph';
    if (place) place.textContent = name.replace(/([A-Z])/g, ' $1').toLowerCase().replace(/^./, (c) => c.toUpperCase());
  });
  $('#title')?.addEventListener('input', later);
  draw(editor);
}

function draw(editor: Editor): void {
  const found = look(editor);
  $('#checks')?.replaceChildren(...found.map(([ok, text]) => el('li', {}, el('span', { class: ok ? 'good' : 'warn' }, icon(ok ? 'circle-check' : 'triangle-alert')), el('span', {}, text))));
  const words = editor.getText({ blockSeparator: ' ' }).split(/\s+/).filter(Boolean).length;
  const place = $('[data-words]');
  if (place) place.textContent = `${words.toLocaleString('en')} ${words === 1 ? 'word' : 'words'} · ${Math.max(1, Math.round(words / 220))} min`;
}

function look(editor: Editor): [boolean, string][] {
  let bare = 0, level = 1, order = true, vague = 0;
  editor.state.doc.descendants((node) => {
    if (node.type.name === 'image' && !node.attrs.alt) bare += 1;
    if (node.type.name === 'heading') { const now = Number(node.attrs.level); if (now > level + 1) order = false; level = now; }
    if (node.marks.some((mark) => mark.type.name === 'link') && VAGUE.test(node.text?.trim() ?? '')) vague += 1;
  });
  const title = $<HTMLTextAreaElement>('#title')?.value.trim().length ?? 0;
  return [
    [title > 0 && title <= 70, title === 0 ? 'The title is empty' : title > 70 ? `Title ${title} characters; search results cut at about 60` : `Title ${title} characters, good length`],
    [bare === 0, bare === 0 ? 'Every picture has a description' : `${bare} ${bare === 1 ? 'picture has' : 'pictures have'} no description`],
    [order, order ? 'Headings are in order' : 'A heading skips a level'],
    [vague === 0, vague === 0 ? 'Links say where they lead' : `${vague} ${vague === 1 ? 'link says' : 'links say'} only “here” or “more”`],
  ];
}
