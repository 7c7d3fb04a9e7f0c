// The writing page: block editor, Markdown source, autosave, lock. Without it the form is a textarea.
import { Editor, getSchema } from '@tiptap/core';
import { autosave, lock } from './editor/autosave';
import { bar } from './editor/bar';
import { checks } from './editor/checks';
import { extensions } from './editor/schema';
import { fromServer, toServer } from './editor/convert';
import { inputs } from './editor/inputs';
import { slash } from './editor/slash';
import { toolbar } from './editor/toolbar';
import { $ } from './dom';

const form = $<HTMLFormElement>('form.ed');
const canvas = $('#canvas');
if (form && canvas) start(form, canvas);

function start(form: HTMLFormElement, canvas: HTMLElement): void {
  const field = form.elements.namedItem('document') as HTMLTextAreaElement;
  const all = extensions([slash, inputs(form)]);
  const editor = new Editor({
    element: canvas,
    injectCSS: false,
    extensions: all,
    // As JSON from the start: parsing HTML text is what Trusted Types forbid.
    content: fromServer(field.value, getSchema(all)),
    editorProps: { attributes: { class: 'prose', role: 'textbox', 'aria-multiline': 'true', 'aria-label': 'Text', spellcheck: 'true', 'data-canvas': '', lang: form.dataset.lang ?? '', dir: form.dataset.dir ?? 'auto' } },
  });
  if ('readonly' in form.dataset) { lock(editor, null); return; }
  const read = () => toServer(editor.getJSON());
  form.addEventListener('submit', () => { field.value = JSON.stringify(read()); });
  form.addEventListener('formdata', (event) => event.formData.set('document', JSON.stringify(read())));
  title(editor);
  toolbar(editor);
  checks(editor);
  const saving = autosave(form, editor, read);
  bar(form, editor, saving);
}

/** Enter in the title goes to the text; a title has no line breaks. */
function title(editor: Editor): void {
  const field = $<HTMLTextAreaElement>('#title');
  field?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    // At once: the command alone waits for the next frame, and the first letters of the text would go into the title.
    editor.view.focus();
    editor.commands.focus('start');
  });
  field?.addEventListener('input', () => { if (field.value.includes('\n')) field.value = field.value.replace(/\s*\n\s*/g, ' '); });
}
