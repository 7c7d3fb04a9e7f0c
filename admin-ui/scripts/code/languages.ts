import { StreamLanguage, type StreamParser } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

type Load = () => Promise<Extension>;
const stream = (load: () => Promise<StreamParser<unknown>>): Load => async () => StreamLanguage.define(await load());
const script = (how: { typescript?: boolean; jsx?: boolean }): Load => async () => (await import('@codemirror/lang-javascript')).javascript(how);

const HTML: Load = async () => (await import('@codemirror/lang-html')).html();
const XML: Load = async () => (await import('@codemirror/lang-xml')).xml();
const YAML: Load = async () => (await import('@codemirror/lang-yaml')).yaml();
const PROPERTIES = stream(async () => (await import('@codemirror/legacy-modes/mode/properties')).properties as StreamParser<unknown>);
const SHELL = stream(async () => (await import('@codemirror/legacy-modes/mode/shell')).shell as StreamParser<unknown>);

/** What a name ends with, and the language it is in. */
const KNOWN: Record<string, Load> = {
  html: HTML, htm: HTML, xhtml: HTML, tpl: HTML, twig: HTML, njk: HTML,
  css: async () => (await import('@codemirror/lang-css')).css(),
  js: script({}), mjs: script({}), cjs: script({}), jsx: script({ jsx: true }), ts: script({ typescript: true }), tsx: script({ typescript: true, jsx: true }),
  json: async () => (await import('@codemirror/lang-json')).json(), webmanifest: async () => (await import('@codemirror/lang-json')).json(),
  md: async () => (await import('@codemirror/lang-markdown')).markdown(), markdown: async () => (await import('@codemirror/lang-markdown')).markdown(),
  php: async () => (await import('@codemirror/lang-php')).php(), phtml: async () => (await import('@codemirror/lang-php')).php(),
  xml: XML, svg: XML, rss: XML, atom: XML, yml: YAML, yaml: YAML,
  sql: async () => (await import('@codemirror/lang-sql')).sql(),
  py: async () => (await import('@codemirror/lang-python')).python(),
  sh: SHELL, bash: SHELL, bashrc: SHELL, profile: SHELL,
  env: PROPERTIES, ini: PROPERTIES, conf: PROPERTIES, cnf: PROPERTIES, properties: PROPERTIES,
  toml: stream(async () => (await import('@codemirror/legacy-modes/mode/toml')).toml as StreamParser<unknown>),
  rb: stream(async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby as StreamParser<unknown>),
  pl: stream(async () => (await import('@codemirror/legacy-modes/mode/perl')).perl as StreamParser<unknown>),
  nginx: stream(async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx as StreamParser<unknown>),
};

/** The language of a file by its name; nothing where none is known. */
export async function language(name: string): Promise<Extension> {
  const ending = name.toLowerCase().split('.').pop() ?? '';
  const load = KNOWN[ending];
  if (!load) return [];
  // Colours are a help: a text without them is still one that can be edited.
  try { return await load(); } catch { return []; }
}
