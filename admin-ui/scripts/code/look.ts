import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

/** The panel's own colours: they follow light and dark by themselves. */
export const colours = HighlightStyle.define([
  { tag: [t.comment, t.meta, t.processingInstruction], color: 'var(--text-3)' },
  { tag: [t.keyword, t.controlKeyword, t.operatorKeyword, t.definitionKeyword, t.moduleKeyword, t.tagName, t.heading], color: 'var(--code-key)' },
  { tag: [t.string, t.special(t.string), t.regexp, t.attributeValue, t.url], color: 'var(--accent-text)' },
  { tag: [t.number, t.bool, t.atom, t.null, t.unit, t.color], color: 'var(--warn)' },
  { tag: [t.propertyName, t.attributeName, t.variableName, t.labelName], color: 'var(--info)' },
  { tag: [t.function(t.variableName), t.className, t.typeName, t.definition(t.propertyName)], color: 'var(--text)', fontWeight: '600' },
  { tag: t.link, textDecoration: 'underline' },
  { tag: t.emphasis, fontStyle: 'italic' },
  { tag: t.strong, fontWeight: '700' },
  { tag: t.invalid, color: 'var(--bad)' },
]);

/** The editor as the rest of the panel looks. */
export const look = EditorView.theme({
  '&': { height: '100%', background: 'var(--surface)', color: 'var(--text)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.62', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '12px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 14px' },
  '.cm-gutters': { background: 'var(--surface)', color: 'var(--text-3)', border: '0', paddingInlineStart: '8px' },
  '.cm-activeLine': { background: 'color-mix(in oklab, var(--hover) 60%, transparent)' },
  '.cm-activeLineGutter': { background: 'none', color: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--selection)' },
  '.cm-cursor': { borderInlineStartColor: 'var(--text)', borderInlineStartWidth: '2px' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { background: 'var(--accent-soft)', outline: '1px solid var(--accent-line)' },
  '.cm-selectionMatch': { background: 'var(--warn-soft)' },
  '.cm-searchMatch': { background: 'var(--warn-soft)', outline: '1px solid var(--c3)' },
  '.cm-searchMatch-selected': { background: 'var(--accent-soft)', outline: '2px solid var(--accent)' },
  '.cm-panels': { background: 'var(--sunken)', color: 'var(--text)' },
  '.cm-panels.cm-panels-top': { borderBlockEnd: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '10px 40px 10px 14px', fontFamily: 'var(--font)', fontSize: '13px' },
  '.cm-panel.cm-search label': { fontSize: '13px', display: 'inline-flex', alignItems: 'center', gap: '5px', marginInlineEnd: '10px' },
  '.cm-textfield': { background: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-ctl)', borderRadius: '7px', minHeight: '28px', padding: '0 8px', fontSize: '13px', marginInlineEnd: '6px' },
  '.cm-textfield:focus': { outline: '2px solid var(--focus)' },
  '.cm-button': { background: 'var(--surface)', backgroundImage: 'none', color: 'var(--text)', border: '1px solid var(--line-ctl)', borderRadius: '7px', minHeight: '28px', padding: '0 10px', fontSize: '13px', marginInlineEnd: '6px' },
  '.cm-button:hover': { background: 'var(--hover)' },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)', fontSize: '20px', minWidth: '28px', minHeight: '28px', insetBlockStart: '8px', insetInlineEnd: '8px' },
  '.cm-tooltip': { background: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '8px' },
});
