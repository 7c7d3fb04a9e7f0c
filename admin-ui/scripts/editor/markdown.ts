// The text as Markdown source and back. A block that Markdown cannot say stands as a fenced
// `freehold` block with its JSON, so that nothing is lost on the way.
import type { JSONContent } from '@tiptap/core';
import { marked, type Token, type Tokens } from 'marked';

const FENCE = 'freehold';

/** Markdown of a stored document. */
export function toMarkdown(doc: JSONContent): string {
  return `${(doc.content ?? []).map(block).join('\n\n')}\n`;
}

function block(node: JSONContent): string {
  const inner = () => (node.content ?? []).map(block).join('\n\n');
  switch (node.type) {
    case 'paragraph': return plain(node) ? inline(node) : fenced(node);
    case 'heading': return `${'#'.repeat(Number(node.attrs?.level ?? 2))} ${inline(node)}`;
    case 'blockquote': return inner().replace(/^/gm, '> ').replace(/^> $/gm, '>');
    case 'codeBlock': { const text = node.content?.[0]?.text ?? ''; const ticks = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map((m) => m[0].length + 1))); return `${ticks}${String(node.attrs?.language ?? '')}\n${text}\n${ticks}`; }
    case 'bulletList': return items(node, () => '- ');
    case 'orderedList': { const from = Number(node.attrs?.start ?? 1); return items(node, (n) => `${from + n}. `); }
    case 'horizontalRule': return '---';
    case 'table': return table(node) ?? fenced(node);
    default: return fenced(node);
  }
}

const fenced = (node: JSONContent) => `\`\`\`${FENCE}\n${JSON.stringify(node)}\n\`\`\``;

/** Text whose marks and children all have a Markdown form. */
function plain(node: JSONContent): boolean {
  return (node.content ?? []).every((child) => (child.type === 'text' || child.type === 'hardBreak')
    && (child.marks ?? []).every((mark) => ['bold', 'italic', 'strike', 'code'].includes(mark.type) || (mark.type === 'link' && !mark.attrs?.rel && !mark.attrs?.target)));
}

function items(list: JSONContent, marker: (n: number) => string): string {
  if (!(list.content ?? []).every((item) => item.type === 'listItem')) return fenced(list);
  return (list.content ?? []).map((item, n) => {
    const mark = marker(n);
    const tight = (item.content ?? []).map(block).join('\n\n');
    return mark + tight.replace(/\n(?=.)/g, `\n${' '.repeat(mark.length)}`);
  }).join('\n');
}

function inline(node: JSONContent): string {
  return (node.content ?? []).map((child) => {
    if (child.type === 'hardBreak') return '\\\n';
    const marks = child.marks ?? [];
    const has = (type: string) => marks.some((mark) => mark.type === type);
    let text = child.text ?? '';
    if (has('code')) text = `\`${text}\``; else text = text.replace(/[\\`*_[\]<~]/g, '\\$&').replace(/^(\s*)([#>+-]|\d+\.)(?=\s)/, '$1\\$2');
    const [, lead = '', core = '', tail = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
    if (!core) return text;
    let out = core;
    if (has('strike')) out = `~~${out}~~`;
    if (has('italic')) out = `*${out}*`;
    if (has('bold')) out = `**${out}**`;
    const link = marks.find((mark) => mark.type === 'link');
    if (link) out = `[${out}](<${String(link.attrs?.href ?? '')}>${link.attrs?.title ? ` "${String(link.attrs.title).replace(/"/g, '\\"')}"` : ''})`;
    return lead + out + tail;
  }).join('');
}

/** A table with one head row and single-paragraph cells; others have no Markdown form. */
function table(node: JSONContent): string | null {
  const rows = node.content ?? [];
  const simple = rows.every((row, n) => (row.content ?? []).every((cell) => cell.type === (n === 0 ? 'tableHeader' : 'tableCell')
    && (cell.content?.length ?? 0) === 1 && cell.content?.[0]?.type === 'paragraph' && plain(cell.content[0])
    && Number(cell.attrs?.colspan ?? 1) === 1 && Number(cell.attrs?.rowspan ?? 1) === 1));
  if (!simple || !rows.length) return null;
  const line = (row: JSONContent) => `| ${(row.content ?? []).map((cell) => inline(cell.content![0]!).replace(/\|/g, '\\|').replace(/\\?\n/g, ' ')).join(' | ')} |`;
  return [line(rows[0]!), `|${' --- |'.repeat(rows[0]!.content?.length ?? 1)}`, ...rows.slice(1).map(line)].join('\n');
}

/** The stored document that Markdown source says. */
export function fromMarkdown(source: string): JSONContent {
  const content = marked.lexer(source, { gfm: true }).flatMap(node);
  return { type: 'doc', attrs: { version: 1 }, content };
}

const p = (content: JSONContent[]): JSONContent => (content.length ? { type: 'paragraph', content } : { type: 'paragraph' });

function node(token: Token): JSONContent[] {
  const t = token as Tokens.Generic;
  switch (token.type) {
    case 'space': case 'def': return [];
    case 'heading': return [{ type: 'heading', attrs: { level: t.depth as number }, content: words(t.tokens) }];
    case 'paragraph': case 'text': return paragraph(t);
    case 'blockquote': return [{ type: 'blockquote', content: (t.tokens ?? []).flatMap(node) }];
    case 'hr': return [{ type: 'horizontalRule' }];
    case 'html': return [{ type: 'html', attrs: { source: String(t.text).trim() } }];
    case 'code': return code(t as Tokens.Code);
    case 'list': return [list(t as Tokens.List)];
    case 'table': return [tableNode(t as Tokens.Table)];
    default: return [p(t.raw ? [{ type: 'text', text: t.raw }] : [])];
  }
}

/** A picture alone on its line is a block of its own. */
function paragraph(t: Tokens.Generic): JSONContent[] {
  const tokens = t.tokens ?? [];
  const only = tokens.length === 1 ? tokens[0] as Tokens.Image | undefined : undefined;
  if (only?.type === 'image') return [{ type: 'image', attrs: { src: only.href, alt: only.text, caption: only.title ?? '' } }];
  return [p(tokens.length ? words(tokens) : [{ type: 'text', text: String(t.text) }])];
}

function code(t: Tokens.Code): JSONContent[] {
  if (t.lang === FENCE) { try { return [JSON.parse(t.text) as JSONContent]; } catch { /* edited to something else: it is code then */ } }
  return [{ type: 'codeBlock', ...(t.lang ? { attrs: { language: t.lang } } : {}), ...(t.text ? { content: [{ type: 'text', text: t.text }] } : {}) }];
}

function list(t: Tokens.List): JSONContent {
  const content = t.items.map((item) => { const inner = item.tokens.flatMap(node); return { type: 'listItem', content: inner.length && inner[0]?.type === 'paragraph' ? inner : [p([]), ...inner] }; });
  return t.ordered ? { type: 'orderedList', attrs: { start: Number(t.start || 1) }, content } : { type: 'bulletList', content };
}

function tableNode(t: Tokens.Table): JSONContent {
  const row = (cells: Tokens.TableCell[], type: string) => ({ type: 'tableRow', content: cells.map((cell) => ({ type, attrs: { colspan: 1, rowspan: 1 }, content: [p(words(cell.tokens))] })) });
  return { type: 'table', content: [row(t.header, 'tableHeader'), ...t.rows.map((cells) => row(cells, 'tableCell'))] };
}

type MarkJson = { type: string; attrs?: Record<string, unknown> };

function words(tokens: Token[] | undefined, marks: MarkJson[] = []): JSONContent[] {
  return (tokens ?? []).flatMap((token): JSONContent[] => {
    const t = token as Tokens.Generic;
    const text = (value: string, more: MarkJson[] = []) => (value ? [{ type: 'text', text: value, ...(marks.length + more.length ? { marks: [...marks, ...more] } : {}) }] : []);
    switch (token.type) {
      case 'strong': return words(t.tokens, [...marks, { type: 'bold' }]);
      case 'em': return words(t.tokens, [...marks, { type: 'italic' }]);
      case 'del': return words(t.tokens, [...marks, { type: 'strike' }]);
      case 'link': return words(t.tokens, [...marks, { type: 'link', attrs: { href: t.href as string, ...(t.title ? { title: t.title as string } : {}) } }]);
      case 'codespan': return text(String(t.text), [{ type: 'code' }]);
      case 'br': return [{ type: 'hardBreak' }];
      case 'image': return text(String(t.text));
      case 'text': return t.tokens?.length ? words(t.tokens, marks) : text(String(t.text).replace(/\n/g, ' '));
      default: return text(String(t.text ?? t.raw));
    }
  });
}
