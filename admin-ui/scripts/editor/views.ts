// How blocks that are not text look while one writes.
import type { NodeViewRenderer, NodeViewRendererProps } from '@tiptap/core';
import { el, icon } from '../dom';

type Props = Pick<NodeViewRendererProps, 'node' | 'editor' | 'getPos'>;

/** Changes attributes of the block in place; one undo step per pause in typing. */
function set({ editor, getPos }: Props, attrs: Record<string, unknown>): void {
  const at = getPos();
  if (typeof at !== 'number') return;
  const now = editor.state.doc.nodeAt(at);
  if (now) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, undefined, { ...now.attrs, ...attrs }));
}

/** Typing inside a block's own fields is not the editor's business. */
const own = (event: Event) => (event.target as HTMLElement).closest?.('input, textarea, select, button') !== null;

/** A picture with description and caption below; says when the description is missing. */
export const imageView: NodeViewRenderer = (props) => {
  const img = el('img', { draggable: 'false', loading: 'lazy' });
  const flag = el('span', { class: 'badge flag' }, icon('triangle-alert'), 'Add a description');
  const alt = el('input', { type: 'text', placeholder: 'Describe it for those who cannot see it', 'aria-label': 'Description (alt text)' });
  const caption = el('input', { type: 'text', placeholder: 'Caption', 'aria-label': 'Caption' });
  const dom = el('figure', { class: 'blk-media', 'data-drag-handle': true }, img, flag, el('div', { class: 'cap' }, alt, caption));
  alt.addEventListener('input', () => set(props, { alt: alt.value }));
  caption.addEventListener('input', () => set(props, { caption: caption.value }));
  const show = (node: Props['node']) => {
    const a = node.attrs as Record<string, string | number | null>;
    if (img.getAttribute('src') !== a.src) img.src = String(a.src ?? '');
    img.alt = String(a.alt ?? '');
    for (const side of ['width', 'height'] as const) if (a[side]) img.setAttribute(side, String(a[side]));
    if (a.align) dom.dataset.align = String(a.align); else delete dom.dataset.align;
    if (document.activeElement !== alt) alt.value = String(a.alt ?? '');
    if (document.activeElement !== caption) caption.value = String(a.caption ?? '');
    flag.hidden = Boolean(a.alt);
  };
  show(props.node);
  return { dom, stopEvent: own, ignoreMutation: () => true, update: (node) => node.type === props.node.type && (show(node), true) };
};

/** Pictures beside each other. */
export const galleryView: NodeViewRenderer = (props) => {
  const contentDOM = el('div', { class: 'blk-gallery' });
  const show = (node: Props['node']) => { contentDOM.dataset.columns = String(node.attrs.columns); };
  show(props.node);
  return { dom: contentDOM, contentDOM, update: (node) => node.type === props.node.type && (show(node), true) };
};

/** A block that is one field: raw HTML, or the address of an embed. */
export function boxView(name: string, label: string, symbol: string, placeholder: string): NodeViewRenderer {
  return (props) => {
    const field = el('textarea', { rows: '1', placeholder, 'aria-label': label, spellcheck: 'false' });
    const dom = el('div', { class: 'blk-box', 'data-drag-handle': true }, el('span', { class: 't' }, icon(symbol), label), field);
    field.value = String(props.node.attrs[name] ?? '');
    field.addEventListener('input', () => set(props, { [name]: name === 'url' ? field.value.trim() : field.value }));
    return {
      dom, stopEvent: own, ignoreMutation: () => true,
      update: (node) => {
        if (node.type !== props.node.type) return false;
        if (document.activeElement !== field) field.value = String(node.attrs[name] ?? '');
        return true;
      },
    };
  };
}

/** A file to download. */
export const fileView: NodeViewRenderer = (props) => {
  const name = el('input', { type: 'text', 'aria-label': 'Name of the file' });
  name.value = String(props.node.attrs.name ?? '');
  name.addEventListener('input', () => set(props, { name: name.value }));
  const bytes = Number(props.node.attrs.bytes ?? 0);
  const size = bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  const dom = el('div', { class: 'blk-box', 'data-drag-handle': true }, el('span', { class: 't' }, icon('paperclip'), bytes ? `File, ${size}` : 'File'), name);
  return { dom, stopEvent: own, ignoreMutation: () => true };
};

/** Something this editor does not know. It cannot be changed here, and nothing of it is lost. */
export const lockedView: NodeViewRenderer = (props) => ({
  dom: el('div', { class: 'blk-box locked', 'data-drag-handle': true },
    el('span', { class: 't' }, icon('puzzle'), String(props.node.attrs.kind || 'Unknown block')),
    'This block came from elsewhere. It stays exactly as it is; move it or remove it, but it cannot be edited here.'),
  ignoreMutation: () => true,
});
