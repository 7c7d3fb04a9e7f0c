// What the "/" menu, the phone's bar and the toolbar can insert.
import type { Editor } from '@tiptap/core';
import { pick } from './picker';

/** One kind of block to insert. */
export interface Block { id: string; label: string; hint: string; icon: string; words: string; run: (editor: Editor) => void }

const node = (editor: Editor, type: string, attrs: Record<string, unknown> = {}) => { editor.chain().focus().insertContent({ type, attrs }).run(); };

/** In the order of the menu. */
export const blocks: Block[] = [
  { id: 'p', label: 'Paragraph', hint: 'Plain words', icon: 'pilcrow', words: 'text', run: (e) => { e.chain().focus().setParagraph().run(); } },
  { id: 'h2', label: 'Heading', hint: 'A new part', icon: 'heading-2', words: 'h2 title', run: (e) => { e.chain().focus().setHeading({ level: 2 }).run(); } },
  { id: 'h3', label: 'Small heading', hint: 'Inside a part', icon: 'heading-3', words: 'h3 subheading', run: (e) => { e.chain().focus().setHeading({ level: 3 }).run(); } },
  { id: 'image', label: 'Image', hint: 'Photo or drawing', icon: 'image', words: 'picture photo', run: (e) => { void images(e, 'image'); } },
  { id: 'gallery', label: 'Gallery', hint: 'Two or more images', icon: 'images', words: 'pictures photos', run: (e) => { void images(e, 'gallery'); } },
  { id: 'ul', label: 'List', hint: 'With bullets', icon: 'list', words: 'bullet ul', run: (e) => { e.chain().focus().toggleBulletList().run(); } },
  { id: 'ol', label: 'Numbered list', hint: 'One, two, three', icon: 'list-ordered', words: 'ordered ol', run: (e) => { e.chain().focus().toggleOrderedList().run(); } },
  { id: 'quote', label: 'Quote', hint: 'Words of someone else', icon: 'quote', words: 'blockquote', run: (e) => { e.chain().focus().toggleBlockquote().run(); } },
  { id: 'code', label: 'Code', hint: 'Kept as typed', icon: 'code', words: 'pre source', run: (e) => { e.chain().focus().toggleCodeBlock().run(); } },
  { id: 'table', label: 'Table', hint: 'Three by three to begin with', icon: 'table', words: 'rows columns', run: (e) => { e.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(); } },
  { id: 'embed', label: 'Embed', hint: 'Video, sound or a page by its address', icon: 'video', words: 'youtube vimeo video audio link', run: (e) => node(e, 'embed') },
  { id: 'file', label: 'File', hint: 'To download', icon: 'paperclip', words: 'attachment download pdf', run: (e) => { void files(e); } },
  { id: 'hr', label: 'Divider', hint: 'A pause', icon: 'minus', words: 'hr rule line', run: (e) => { e.chain().focus().setHorizontalRule().run(); } },
  { id: 'html', label: 'HTML', hint: 'Your own markup, cleaned', icon: 'code-xml', words: 'raw markup', run: (e) => node(e, 'html') },
];

/** Asks for pictures and inserts them. */
export async function images(editor: Editor, type: 'image' | 'gallery'): Promise<void> {
  const chosen = await pick({ kind: 'image', many: type === 'gallery' });
  if (!chosen.length) { editor.commands.focus(); return; }
  const content = chosen.map((item) => ({ type: 'image', attrs: { media_id: item.id, src: item.url, alt: item.alt ?? '', width: item.width ?? null, height: item.height ?? null } }));
  editor.chain().focus().insertContent(type === 'gallery' ? { type, attrs: { columns: Math.min(3, content.length) }, content } : content[0]!).run();
}

async function files(editor: Editor): Promise<void> {
  const [chosen] = await pick({ kind: 'file', many: false });
  if (chosen) node(editor, 'file', { media_id: chosen.id, src: chosen.url, name: chosen.name ?? 'File', bytes: chosen.bytes ?? null });
}
