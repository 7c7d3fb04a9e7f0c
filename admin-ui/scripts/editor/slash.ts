// The "/" menu: opens at the start of a paragraph, filters as one types.
import { Extension, type Editor } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { el, icon } from '../dom';
import { blocks, type Block } from './blocks';

const list = el('div', { class: 'pop menu float slash', role: 'listbox', 'aria-label': 'Insert', id: 'slash-menu' });
let shown: Block[] = [];
let at = 0;
let dismissed = '';

/** Text after "/" when the caret stands in such a paragraph, else null. */
function query(editor: Editor): string | null {
  const { $from, empty } = editor.state.selection;
  if (!empty || $from.parent.type.name !== 'paragraph') return null;
  return /^\/([\p{L}\p{N} ]{0,20})$/u.exec($from.parent.textBetween(0, $from.parentOffset, '\n', '￼'))?.[1] ?? null;
}

function run(editor: Editor, block: Block): void {
  const { $from } = editor.state.selection;
  editor.chain().focus().deleteRange({ from: $from.start(), to: $from.pos }).run();
  close();
  block.run(editor);
}

function close(): void { list.remove(); shown = []; spoken?.removeAttribute('aria-activedescendant'); spoken?.removeAttribute('aria-controls'); }

/** The text field that screen readers hear the chosen line of. */
let spoken: HTMLElement | null = null;

function show(editor: Editor): void {
  const text = query(editor);
  if (text === null || !editor.isFocused || text === dismissed) { if (text === null) dismissed = '\0'; close(); return; }
  const wanted = text.toLowerCase().trim();
  shown = blocks.filter((b) => `${b.label} ${b.words}`.toLowerCase().split(' ').some((word) => word.startsWith(wanted)) || b.label.toLowerCase().startsWith(wanted));
  if (!shown.length) { close(); return; }
  at = Math.min(at, shown.length - 1);
  draw(editor);
  const place = editor.view.coordsAtPos(editor.state.selection.from);
  if (!list.isConnected) { at = 0; draw(editor); (document.querySelector('main') ?? document.body).append(list); }
  const below = place.bottom + 350 < innerHeight || place.top < 360;
  list.style.insetInlineStart = 'auto';
  list.style.left = `${Math.max(8, Math.min(place.left - 6, innerWidth - 330))}px`;
  list.style.top = below ? `${place.bottom + 8}px` : 'auto';
  list.style.bottom = below ? 'auto' : `${innerHeight - place.top + 8}px`;
}

function draw(editor: Editor): void {
  list.replaceChildren(el('div', { class: 'sect', 'aria-hidden': 'true' }, 'Insert'), ...shown.map((block, n) => {
    const row = el('button', { type: 'button', role: 'option', id: `slash-${block.id}`, tabindex: '-1', 'aria-selected': String(n === at) },
      el('span', { class: 'art' }, icon(block.icon)), el('span', { class: 'txt' }, el('b', {}, block.label), el('small', {}, block.hint)));
    row.addEventListener('pointerdown', (event) => { event.preventDefault(); run(editor, block); });
    return row;
  }));
  list.children[at + 1]?.scrollIntoView({ block: 'nearest' });
  spoken = editor.view.dom;
  spoken.setAttribute('aria-controls', list.id);
  spoken.setAttribute('aria-activedescendant', `slash-${shown[at]?.id ?? ''}`);
}

/** The extension of the "/" menu. */
export const slash = Extension.create({
  name: 'slash',
  priority: 1000,
  addProseMirrorPlugins() {
    const editor = this.editor;
    return [new Plugin({
      key: new PluginKey('slash'),
      view: () => ({ update: () => show(editor), destroy: close }),
      props: {
        handleKeyDown: (_, event) => {
          if (!list.isConnected) return false;
          if (event.key === 'Escape') { dismissed = query(editor) ?? '\0'; close(); return true; }
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { at = (at + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length; draw(editor); return true; }
          const block = shown[at];
          if ((event.key === 'Enter' || event.key === 'Tab') && block) { run(editor, block); return true; }
          return false;
        },
        handleDOMEvents: { blur: () => { setTimeout(close, 120); return false; } },
      },
    })];
  },
});
