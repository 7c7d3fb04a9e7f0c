// Files that are pasted or dropped into the text go to the library and become blocks.
import { Extension, type Editor } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { toast } from '../toasts';
import { upload } from '../uploads';

/** Takes files from the clipboard and from drops. */
export function inputs(form: HTMLFormElement): Extension {
  return Extension.create({
    name: 'inputs',
    addProseMirrorPlugins() {
      const editor = this.editor;
      return [new Plugin({
        key: new PluginKey('inputs'),
        props: {
          handlePaste: (_, event) => take(editor, form, event.clipboardData?.files, null) || address(editor, event),
          handleDrop: (view, event, _slice, moved) => !moved && take(editor, form, event.dataTransfer?.files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? null),
        },
      })];
    },
  });
}

/** An address pasted over chosen words makes them a link. */
function address(editor: Editor, event: ClipboardEvent): boolean {
  const text = event.clipboardData?.getData('text/plain').trim() ?? '';
  if (editor.state.selection.empty || !/^https?:\/\/\S+$/.test(text)) return false;
  return editor.chain().setMark('link', { href: text }).run();
}

function take(editor: Editor, form: HTMLFormElement, list: FileList | undefined, at: number | null): boolean {
  const files = [...(list ?? [])];
  if (!files.length) return false;
  void insert(editor, form.dataset.uploadUrl ?? '', files, at);
  return true;
}

async function insert(editor: Editor, url: string, files: File[], at: number | null): Promise<void> {
  if (at !== null) editor.commands.setTextSelection(at);
  for (const file of files) {
    try {
      const media = await upload(url, file);
      const node = file.type.startsWith('image/')
        ? { type: 'image', attrs: { media_id: media.id, src: media.url, alt: media.alt ?? '', width: media.width ?? null, height: media.height ?? null } }
        : { type: 'file', attrs: { media_id: media.id, src: media.url, name: file.name, bytes: file.size } };
      editor.commands.insertContent(node);
    } catch (error) { toast(`${file.name}: ${(error as Error).message}`, 'bad'); }
  }
}
