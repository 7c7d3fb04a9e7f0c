import type { Editor } from '@tiptap/core';
import { NodeSelection, Selection, TextSelection } from '@tiptap/pm/state';

/** Moves the top-level block of the selection by one place; nothing to drag. */
export function moveBlock(editor: Editor, step: -1 | 1): boolean {
  const { state, view } = editor;
  const from = state.selection.$from;
  const index = from.index(0);
  const { doc } = state;
  const other = index + step;
  if (other < 0 || other >= doc.childCount) return true;
  const node = doc.child(index);
  const start = blockStart(doc, index);
  const target = step < 0 ? start - doc.child(other).nodeSize : start + doc.child(other).nodeSize;
  const inside = state.selection.from - start;
  const tr = state.tr.delete(start, start + node.nodeSize).insert(target, node);
  const at = target + inside;
  tr.setSelection(state.selection instanceof NodeSelection && inside === 0
    ? NodeSelection.create(tr.doc, target)
    : TextSelection.near(tr.doc.resolve(Math.min(at, tr.doc.content.size))));
  view.dispatch(tr.scrollIntoView());
  return true;
}

/** Puts the caret into an empty paragraph: the one it stands in, else a new one below the block. */
export function newLine(editor: Editor): void {
  const { state } = editor;
  const { $from } = state.selection;
  if ($from.depth === 1 && $from.parent.type.name === 'paragraph' && !$from.parent.content.size) return;
  const end = state.doc.childCount ? blockStart(state.doc, Math.min($from.index(0) + 1, state.doc.childCount)) : 0;
  editor.chain().focus().insertContentAt(end, { type: 'paragraph' }).setTextSelection(end + 1).run();
}

/** Takes the block of the selection out. */
export function removeBlock(editor: Editor): void {
  const { state, view } = editor;
  const index = state.selection.$from.index(0);
  if (index >= state.doc.childCount) return;
  const start = blockStart(state.doc, index);
  const tr = state.tr.delete(start, start + state.doc.child(index).nodeSize);
  tr.setSelection(Selection.near(tr.doc.resolve(Math.min(start, tr.doc.content.size))));
  view.dispatch(tr.scrollIntoView());
}

function blockStart(doc: Editor['state']['doc'], index: number): number {
  let start = 0;
  for (let n = 0; n < index; n += 1) start += doc.child(n).nodeSize;
  return start;
}
