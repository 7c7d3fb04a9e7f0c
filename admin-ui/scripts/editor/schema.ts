// The blocks and marks of a document; names and attributes are the contract with the server.
import { Extension, Mark, Node, markPasteRule, type AnyExtension } from '@tiptap/core';
import { Blockquote } from '@tiptap/extension-blockquote';
import { Bold } from '@tiptap/extension-bold';
import { Code } from '@tiptap/extension-code';
import { CodeBlock } from '@tiptap/extension-code-block';
import { Document } from '@tiptap/extension-document';
import { HardBreak } from '@tiptap/extension-hard-break';
import { Heading } from '@tiptap/extension-heading';
import { HorizontalRule } from '@tiptap/extension-horizontal-rule';
import { Italic } from '@tiptap/extension-italic';
import { BulletList } from '@tiptap/extension-list/bullet-list';
import { ListItem } from '@tiptap/extension-list/item';
import { ListKeymap } from '@tiptap/extension-list/keymap';
import { OrderedList } from '@tiptap/extension-list/ordered-list';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Strike } from '@tiptap/extension-strike';
import { TableKit } from '@tiptap/extension-table/kit';
import { Text } from '@tiptap/extension-text';
import { Underline } from '@tiptap/extension-underline';
import { Dropcursor } from '@tiptap/extensions/drop-cursor';
import { Gapcursor } from '@tiptap/extensions/gap-cursor';
import { Placeholder } from '@tiptap/extensions/placeholder';
import { TrailingNode } from '@tiptap/extensions/trailing-node';
import { UndoRedo } from '@tiptap/extensions/undo-redo';
import { boxView, fileView, galleryView, imageView, lockedView } from './views';
import { moveBlock } from './move';

const attr = (value: unknown = null) => ({ default: value, rendered: false });

const doc = Document.extend({ addAttributes: () => ({ version: attr(1) }) });

const image = Node.create({
  name: 'image', group: 'block', atom: true, draggable: true,
  addAttributes: () => ({ media_id: attr(), src: attr(''), alt: attr(''), caption: attr(''), width: attr(), height: attr(), align: attr() }),
  parseHTML: () => [{ tag: 'img[src]', getAttrs: (img) => (/^https?:/.test(img.getAttribute('src') ?? '') ? { src: img.getAttribute('src'), alt: img.getAttribute('alt') ?? '' } : false) }],
  renderHTML: ({ node }) => ['img', { src: node.attrs.src as string, alt: node.attrs.alt as string }],
  addNodeView: () => imageView,
});

const gallery = Node.create({
  name: 'gallery', group: 'block', content: 'image+', draggable: true,
  addAttributes: () => ({ columns: attr(3) }),
  parseHTML: () => [{ tag: 'div[data-gallery]' }],
  renderHTML: () => ['div', { 'data-gallery': '' }, 0],
  addNodeView: () => galleryView,
});

const embed = Node.create({
  name: 'embed', group: 'block', atom: true, draggable: true,
  addAttributes: () => ({ url: attr(''), provider: attr(''), html: attr() }),
  parseHTML: () => [{ tag: 'div[data-embed]', getAttrs: (e) => ({ url: e.getAttribute('data-embed') }) }],
  renderHTML: ({ node }) => ['div', { 'data-embed': node.attrs.url as string }],
  addNodeView: () => boxView('url', 'Embed', 'video', 'https://… a page, video or sound'),
});

const html = Node.create({
  name: 'html', group: 'block', atom: true, draggable: true,
  addAttributes: () => ({ source: attr('') }),
  parseHTML: () => [{ tag: 'pre[data-html]', getAttrs: (e) => ({ source: e.textContent }) }],
  renderHTML: ({ node }) => ['pre', { 'data-html': '' }, node.attrs.source as string],
  addNodeView: () => boxView('source', 'HTML', 'code-xml', '<p>…</p>'),
});

const file = Node.create({
  name: 'file', group: 'block', atom: true, draggable: true,
  addAttributes: () => ({ media_id: attr(), src: attr(''), name: attr(''), bytes: attr() }),
  parseHTML: () => [{ tag: 'a[data-file]', getAttrs: (e) => ({ src: e.getAttribute('href'), name: e.textContent }) }],
  renderHTML: ({ node }) => ['a', { 'data-file': '', href: node.attrs.src as string }, node.attrs.name as string],
  addNodeView: () => fileView,
});

/** What an importer could not translate; the server's own name for it is `unknown`. */
const unknown = Node.create({
  name: 'unknown', group: 'block', atom: true, draggable: true,
  addAttributes: () => ({ kind: attr(''), raw: attr('') }),
  renderHTML: () => ['div', { 'data-unknown': '' }],
  addNodeView: () => lockedView,
});

/** A node that this version of the editor does not know, byte for byte in `raw`. */
const foreign = unknown.extend({ name: 'foreign' });

const foreignInline = Node.create({
  name: 'foreignInline', group: 'inline', inline: true, atom: true,
  addAttributes: () => ({ kind: attr(''), raw: attr('') }),
  renderHTML: ({ node }) => ['span', { class: 'badge', title: 'Kept as it is' }, node.attrs.kind as string],
});

const foreignMark = Mark.create({ name: 'foreignMark', excludes: '', addAttributes: () => ({ raw: attr('') }), renderHTML: () => ['span', 0] });

const superscript = Mark.create({
  name: 'superscript', excludes: 'subscript', parseHTML: () => [{ tag: 'sup' }], renderHTML: () => ['sup', 0],
  addKeyboardShortcuts() { return { 'Mod-.': () => this.editor.commands.toggleMark('superscript') }; },
});

const subscript = Mark.create({
  name: 'subscript', excludes: 'superscript', parseHTML: () => [{ tag: 'sub' }], renderHTML: () => ['sub', 0],
  addKeyboardShortcuts() { return { 'Mod-,': () => this.editor.commands.toggleMark('subscript') }; },
});

/** Addresses that a link may have; others are dropped when pasted and refused by the server. */
const SAFE = /^(https?:|mailto:|tel:|[/#?]|[^:]*$)/i;

const link = Mark.create({
  name: 'link', inclusive: false, priority: 1000,
  addAttributes: () => ({ href: attr(''), title: attr(), rel: attr(), target: attr() }),
  parseHTML: () => [{ tag: 'a[href]', getAttrs: (a) => (SAFE.test(a.getAttribute('href') ?? '') ? { href: a.getAttribute('href'), title: a.getAttribute('title') } : false) }],
  renderHTML: ({ mark }) => ['a', { href: SAFE.test(String(mark.attrs.href)) ? mark.attrs.href as string : '' }, 0],
  addPasteRules() { return [markPasteRule({ find: /https?:\/\/[^\s<>"]+/g, type: this.type, getAttributes: (match) => ({ href: match[0] }) })]; },
});

/** Attributes of a later release, kept on every node. */
const extra = Extension.create({
  name: 'extra',
  addGlobalAttributes: () => [{
    types: ['paragraph', 'heading', 'bulletList', 'orderedList', 'listItem', 'blockquote', 'codeBlock', 'image', 'gallery', 'table', 'tableRow', 'tableHeader', 'tableCell', 'embed', 'horizontalRule', 'html', 'file', 'hardBreak', 'unknown'],
    attributes: { extra: { default: null, rendered: false, keepOnSplit: false } },
  }],
});

const moving = Extension.create({
  name: 'moving',
  addKeyboardShortcuts() {
    return { 'Alt-ArrowUp': () => moveBlock(this.editor, -1), 'Alt-ArrowDown': () => moveBlock(this.editor, 1) };
  },
});

/** All extensions of the editor, with those that need the page added at the end. */
export function extensions(more: AnyExtension[]): AnyExtension[] {
  return [
    // One by one instead of the starter kit: its link, tasks and counters are 12 kB that we do not use.
    Paragraph, Text, Bold, Italic, Strike, Underline, Code, CodeBlock, Blockquote, HardBreak, HorizontalRule,
    Heading.configure({ levels: [1, 2, 3, 4, 5, 6] }), BulletList, OrderedList, ListItem, ListKeymap,
    Dropcursor.configure({ color: false, class: 'drop-here' }), Gapcursor, TrailingNode, UndoRedo,
    doc, link, TableKit.configure({ table: { resizable: false } }), image, gallery, embed, html, file, unknown, foreign, foreignInline, foreignMark,
    superscript, subscript, extra, moving,
    Placeholder.configure({ placeholder: ({ node }) => (node.type.name === 'heading' ? 'Heading' : 'Write, or press / for blocks'), showOnlyCurrent: true }),
    ...more,
  ];
}
