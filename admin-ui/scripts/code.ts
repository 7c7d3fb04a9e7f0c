// The editor of text files: CodeMirror over the page's own textarea, which stays what the form sends.
// Languages are chunks of their own: only the one that a file needs is fetched.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { $ } from './dom';
import { language } from './code/languages';
import { colours, look } from './code/look';
import { saving } from './code/saving';

/** Columns of a step, as the text itself is set. */
function step(text: string): string {
  const first = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return first.startsWith('\t') ? '\t' : ' '.repeat(Math.min(8, first.length));
}

function begin(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const wrapped = new Compartment();
  const spoken = new Compartment();
  const place = $('[data-place]', form);
  const label = area.labels?.[0]?.textContent ?? 'Text';
  const view = new EditorView({
    parent: area.parentElement ?? form,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of($<HTMLScriptElement>('script[nonce]')?.nonce ?? ''),
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        EditorState.readOnly.of(area.readOnly), EditorState.allowMultipleSelections.of(true),
        lineNumbers(), highlightActiveLineGutter(), highlightActiveLine(), highlightSpecialChars(), history(), drawSelection(),
        indentOnInput(), bracketMatching(), highlightSelectionMatches(), search({ top: true }),
        indentUnit.of(step(area.value)), spoken.of([]), wrapped.of([]), syntaxHighlighting(colours), look,
        keymap.of([...searchKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) { area.value = update.state.doc.toString(); area.dispatchEvent(new Event('input', { bubbles: true })); }
          if (place && (update.selectionSet || update.docChanged)) place.textContent = where(update.state);
        }),
      ],
    }),
  });
  area.hidden = true;
  form.classList.add('coded');
  if (place) place.textContent = where(view.state);
  $('[data-code-find]', form)?.addEventListener('click', () => openSearchPanel(view));
  $<HTMLInputElement>('[data-code-wrap]', form)?.addEventListener('change', (event) => {
    view.dispatch({ effects: wrapped.reconfigure((event.target as HTMLInputElement).checked ? EditorView.lineWrapping : []) });
  });
  void language(area.dataset.name ?? '').then((found) => view.dispatch({ effects: spoken.reconfigure(found) }));
  saving(form, area);
  view.focus();
}

function where(state: EditorState): string {
  const at = state.selection.main.head;
  const line = state.doc.lineAt(at);
  return `Line ${line.number}, column ${at - line.from + 1}`;
}

const form = $<HTMLFormElement>('form[data-code]');
const area = form && $<HTMLTextAreaElement>('textarea[name="text"]', form);
if (form && area) begin(form, area);
