// Between the stored document and the editor's. What this editor does not know is carried along
// untouched: unknown nodes as `foreign` placeholders, unknown marks and attributes as `extra`.
import type { JSONContent } from '@tiptap/core';
import type { Schema } from '@tiptap/pm/model';

type Json = JSONContent & { marks?: { type: string; attrs?: Record<string, unknown> }[] };

/** The editor's content for a stored document (JSON text; empty text is an empty document). */
export function fromServer(text: string, schema: Schema): JSONContent {
  let stored: Json = { type: 'doc' };
  try { if (text.trim()) stored = JSON.parse(text) as Json; } catch { /* an unreadable document opens empty; the server keeps its own */ }
  const content = (stored.content ?? []).map((block) => checked(block, schema));
  return { type: 'doc', attrs: stored.attrs ?? { version: 1 }, content: content.length ? content : [{ type: 'paragraph' }] };
}

/** One top-level block; a shape that the schema refuses becomes a placeholder as a whole. */
function checked(block: Json, schema: Schema): JSONContent {
  const known = inward(block, schema, false);
  try {
    schema.nodeFromJSON(known).check();
    schema.nodes.doc?.createAndFill(null, [schema.nodeFromJSON(known)])?.check();
    return schema.nodes.doc?.contentMatch.matchType(schema.nodeFromJSON(known).type) ? known : foreign(block, false);
  } catch { return foreign(block, false); }
}

function inward(node: Json, schema: Schema, inline: boolean): JSONContent {
  const type = schema.nodes[node.type ?? ''];
  if (!type) return foreign(node, inline);
  const out: JSONContent = { type: node.type };
  if (node.text !== undefined) out.text = node.text;
  const { known, extra } = split(node.attrs ?? {}, Object.keys(type.spec.attrs ?? {}));
  if (Object.keys(known).length || extra) out.attrs = extra ? { ...known, extra } : known;
  if (node.content) out.content = node.content.map((child) => inward(child as Json, schema, type.inlineContent));
  if (node.marks) out.marks = node.marks.map((mark) => schema.marks[mark.type] ? mark : { type: 'foreignMark', attrs: { raw: JSON.stringify(mark) } });
  return out;
}

function split(attrs: Record<string, unknown>, names: string[]) {
  const entries = Object.entries(attrs).filter(([, value]) => value !== null);
  const rest = entries.filter(([name]) => !names.includes(name));
  return {
    known: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
    extra: rest.length ? JSON.stringify(Object.fromEntries(rest)) : null,
  };
}

function foreign(node: Json, inline: boolean): JSONContent {
  return { type: inline ? 'foreignInline' : 'foreign', attrs: { kind: node.type ?? 'unknown', raw: JSON.stringify(node) } };
}

/** The document as it is stored: placeholders become what they were, empty attributes go. */
export function toServer(node: JSONContent): JSONContent {
  if (node.type === 'foreign' || node.type === 'foreignInline') return JSON.parse(String(node.attrs?.raw)) as JSONContent;
  const out: JSONContent = { type: node.type };
  const attrs = Object.fromEntries(Object.entries(node.attrs ?? {}).filter(([name, value]) => value !== null && name !== 'extra' && name !== 'colwidth'));
  const extra = typeof node.attrs?.extra === 'string' ? JSON.parse(node.attrs.extra) as object : {};
  const width = node.attrs?.colwidth ? { colwidth: node.attrs.colwidth as unknown } : {};
  const all = { ...attrs, ...width, ...extra };
  if (Object.keys(all).length) out.attrs = all;
  if (node.text !== undefined) out.text = node.text;
  if (node.content) out.content = (node.type === 'doc' ? trimmed(node.content) : node.content).map(toServer);
  if (node.marks?.length) out.marks = node.marks.map(outwardMark);
  return out;
}

/** Without the empty paragraph that the editor keeps at the end to click into. */
function trimmed(content: JSONContent[]): JSONContent[] {
  const last = content.at(-1);
  return content.length > 1 && last?.type === 'paragraph' && !last.content ? content.slice(0, -1) : content;
}

function outwardMark(mark: NonNullable<JSONContent['marks']>[number]): NonNullable<JSONContent['marks']>[number] {
  if (mark.type === 'foreignMark') return JSON.parse(String(mark.attrs?.raw)) as { type: string };
  const attrs = Object.fromEntries(Object.entries(mark.attrs ?? {}).filter(([name, value]) => value !== null && name !== 'extra'));
  return Object.keys(attrs).length ? { type: mark.type, attrs } : { type: mark.type };
}
