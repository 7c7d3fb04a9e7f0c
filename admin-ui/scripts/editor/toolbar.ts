// The bar over a selection: kind of block, marks, link; rows and columns inside a table.
import type { Editor } from '@tiptap/core';
import { NodeSelection } from '@tiptap/pm/state';
import { $, $$, el, icon } from '../dom';
import { moveBlock, removeBlock } from './move';

type Tool = [symbol: string, label: string, run: (e: Editor) => unknown, on?: (e: Editor) => boolean];

const rule = () => el('hr');

const marks: Tool[] = [
  ['bold', 'Bold', (e) => e.chain().focus().toggleBold().run(), (e) => e.isActive('bold')],
  ['italic', 'Italic', (e) => e.chain().focus().toggleItalic().run(), (e) => e.isActive('italic')],
  ['strikethrough', 'Struck out', (e) => e.chain().focus().toggleStrike().run(), (e) => e.isActive('strike')],
  ['code', 'Code', (e) => e.chain().focus().toggleCode().run(), (e) => e.isActive('code')],
];
const kinds: Tool[] = [
  ['heading-2', 'Heading', (e) => e.chain().focus().toggleHeading({ level: 2 }).run(), (e) => e.isActive('heading', { level: 2 })],
  ['heading-3', 'Small heading', (e) => e.chain().focus().toggleHeading({ level: 3 }).run(), (e) => e.isActive('heading', { level: 3 })],
  ['quote', 'Quote', (e) => e.chain().focus().toggleBlockquote().run(), (e) => e.isActive('blockquote')],
];
const cells: [string, (e: Editor) => unknown][] = [
  ['Row below', (e) => e.chain().focus().addRowAfter().run()],
  ['Column after', (e) => e.chain().focus().addColumnAfter().run()],
  ['Head row', (e) => e.chain().focus().toggleHeaderRow().run()],
  ['Remove row', (e) => e.chain().focus().deleteRow().run()],
  ['Remove column', (e) => e.chain().focus().deleteColumn().run()],
];
const moves: Tool[] = [
  ['chevron-up', 'Move up', (e) => moveBlock(e, -1)],
  ['chevron-down', 'Move down', (e) => moveBlock(e, 1)],
];
const aligns: [string, string | null][] = [['Column', null], ['Wide', 'wide'], ['Full', 'full'], ['Left', 'left'], ['Right', 'right']];

const box = el('div', { class: 'pop float toolbar', role: 'toolbar', 'aria-label': 'Format' });
let linking = false;

/** Shows and fills the bar as the selection changes. */
export function toolbar(editor: Editor): void {
  const update = () => { if (!linking) show(editor); };
  editor.on('selectionUpdate', update);
  editor.on('update', update);
  editor.on('blur', () => setTimeout(() => { if (!box.contains(document.activeElement) && !editor.isFocused) { linking = false; box.remove(); } }, 80));
  box.addEventListener('pointerdown', (event) => { if (!(event.target instanceof HTMLInputElement)) event.preventDefault(); });
  document.querySelector('.canvas .scroll')?.addEventListener('scroll', () => { if (box.isConnected) place(editor); }, { passive: true });
  box.addEventListener('keydown', (event) => walk(editor, event));
  editor.view.dom.addEventListener('keydown', (event) => {
    if (event.altKey && event.key === 'F10') { event.preventDefault(); show(editor); $<HTMLElement>('button, input', box)?.focus(); }
    if ((event.metaKey || event.ctrlKey) && event.key === 'k' && !editor.state.selection.empty) { event.preventDefault(); editLink(editor); }
  });
}

/** Arrows go from tool to tool, Esc back to the text; Tab stays here, as the bar is one stop. */
function walk(editor: Editor, event: KeyboardEvent): void {
  if (event.key === 'Escape') { event.preventDefault(); linking = false; editor.commands.focus(); return; }
  if (event.target instanceof HTMLInputElement && event.key !== 'Tab') return;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Tab: event.shiftKey ? -1 : 1 }[event.key];
  const tools = $$<HTMLElement>('button, input', box);
  const at = tools.indexOf(document.activeElement as HTMLElement);
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? tools.length - 1 : step === undefined ? -1 : (at + step * (document.dir === 'rtl' && event.key !== 'Tab' ? -1 : 1) + tools.length) % tools.length;
  if (to < 0) return;
  event.preventDefault();
  tools[to]?.focus();
}

function show(editor: Editor): void {
  const { selection } = editor.state;
  const parts = selection instanceof NodeSelection ? forBlock(editor, selection)
    : !selection.empty && !editor.isActive('codeBlock') ? forText(editor)
      : editor.isActive('table') ? forTable(editor) : [];
  if (!parts.length || !editor.isEditable) { box.remove(); return; }
  box.replaceChildren(...parts);
  if (!box.isConnected) ($('main') ?? document.body).append(box);
  place(editor);
}

function forText(editor: Editor): HTMLElement[] {
  return [...kinds.map((t) => button(editor, t)), rule(), ...marks.map((t) => button(editor, t)),
    button(editor, ['link', 'Link', () => editLink(editor), (e) => e.isActive('link')]), rule(), ...moves.map((t) => button(editor, t))];
}

function forTable(editor: Editor): HTMLElement[] {
  return cells.map(([label, run]) => el('button', { class: 'btn s quiet', type: 'button', onclick: () => { run(editor); } }, label));
}

function forBlock(editor: Editor, selection: NodeSelection): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (selection.node.type.name === 'image' && selection.$from.parent.type.name === 'doc') {
    parts.push(...aligns.map(([label, align]) => el('button', {
      class: 'btn s quiet', type: 'button', 'aria-pressed': String(selection.node.attrs.align === align),
      onclick: () => { editor.chain().updateAttributes('image', { align }).setNodeSelection(selection.from).run(); },
    }, label)), rule());
  }
  return [...parts, ...moves.map((t) => button(editor, t)), button(editor, ['trash-2', 'Remove', removeBlock])];
}

function button(editor: Editor, [symbol, label, run, on]: Tool): HTMLElement {
  return el('button', {
    class: 'btn s quiet sq', type: 'button', 'aria-label': label, title: label, ...(on ? { 'aria-pressed': String(on(editor)) } : {}),
    onclick: () => { run(editor); if (!linking) show(editor); },
  }, icon(symbol));
}

/** Turns the bar into a field for the address. */
export function editLink(editor: Editor): void {
  linking = true;
  const field = el('input', { type: 'url', 'aria-label': 'Address of the link', placeholder: 'Paste an address' });
  field.value = String(editor.getAttributes('link').href ?? '');
  const done = (apply: boolean) => {
    linking = false;
    const href = field.value.trim();
    const chain = editor.chain().focus().extendMarkRange('link');
    if (apply) { if (href) chain.setMark('link', { href: /^[\w.-]+\.[a-z]{2,}(\/|$)/i.test(href) ? `https://${href}` : href }).run(); else chain.unsetMark('link').run(); } else editor.commands.focus();
    show(editor);
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') { event.preventDefault(); done(true); }
    if (event.key === 'Escape') { event.preventDefault(); done(false); }
  });
  box.replaceChildren(field, el('button', { class: 'btn s quiet', type: 'button', onclick: () => done(true) }, 'Set'), el('button', { class: 'btn s quiet', type: 'button', onclick: () => { field.value = ''; done(true); } }, 'Remove'));
  if (!box.isConnected) { ($('main') ?? document.body).append(box); }
  place(editor);
  field.focus();
}

function place(editor: Editor): void {
  const { from, to } = editor.state.selection;
  const start = editor.view.coordsAtPos(from);
  const end = editor.view.coordsAtPos(to);
  const area = document.querySelector('.canvas')?.getBoundingClientRect();
  const left = Math.max((area?.left ?? 0) + 8, Math.min(start.left - 10, (area?.right ?? innerWidth) - box.offsetWidth - 8));
  const above = start.top - box.offsetHeight - 8;
  box.style.left = `${left}px`;
  box.style.top = `${above > (area?.top ?? 0) + 4 ? above : Math.min(end.bottom + 8, innerHeight - 60)}px`;
}
