// Runs a plugin.js. This module is evaluated while Freehold is built and its memory kept; each call begins there.
import host from "freehold:plugin/host@1.0.0";

// As they are before a script can change them.
const { parse, stringify } = JSON;
const { freeze, keys } = Object;
const TrueDate = Date;
const construct = Reflect.construct;
const evaluate = eval;
const listeners = new Map();
const listen = Map.prototype.set.bind(listeners);
const listener = Map.prototype.get.bind(listeners);
const listened = Map.prototype.keys.bind(listeners);
const match = RegExp.prototype.exec;

// The component has no clock and no chance of its own: WASI is not there.
delete globalThis.performance;
function now() {
  return Number(host.now());
}
class HostDate extends TrueDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }
  static now() {
    return now();
  }
}
globalThis.Date = new Proxy(HostDate, {
  apply: () => new HostDate().toString(),
  construct: (target, parts, made) => construct(target, parts, made),
});

let chance = new Uint8Array(0);
let taken = 0;
Math.random = () => {
  if (taken + 4 > chance.length) {
    chance = Uint8Array.from(host.random(512));
    taken = 0;
  }
  taken += 4;
  const at = taken - 4;
  return (chance[at] + chance[at + 1] * 256 + chance[at + 2] * 65536 + (chance[at + 3] & 127) * 16777216) / 2147483648;
};

// A refusal of the host becomes an Error of the script, with the line that asked.
function ask(question) {
  try {
    return question();
  } catch (refusal) {
    throw new Error(typeof refusal === "string" ? refusal : String(refusal?.payload ?? refusal?.message ?? refusal));
  }
}

function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
const logger = (level) => (...values) => host.log(level, values.map(shown).join(" "));

function bytesOf(text) {
  const bytes = [];
  for (const letter of text) {
    const code = letter.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}
function textOf(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 3000) {
    let part = "";
    const end = Math.min(at + 3000, bytes.length);
    for (let n = at; n < end; n++) part += "%" + (bytes[n] < 16 ? "0" : "") + bytes[n].toString(16);
    parts.push(part);
  }
  try {
    return decodeURIComponent(parts.join(""));
  } catch {
    throw new Error("the answer is not text in UTF-8");
  }
}

function fetch(url, { method = "GET", headers = {}, body = "" } = {}) {
  const sent = typeof body === "string" ? bytesOf(body) : bytesOf(stringify(body));
  const list = keys(headers).map((name) => [name, String(headers[name])]);
  if (typeof body !== "string" && !list.some(([name]) => name.toLowerCase() === "content-type")) {
    list.push(["content-type", "application/json"]);
  }
  const answer = ask(() => host.fetch({ method, url: String(url), headers: list, body: sent }));
  const got = {};
  for (const [name, value] of answer.headers) got[name.toLowerCase()] = value;
  let text;
  const read = () => (text ??= textOf(answer.body));
  return {
    ok: answer.status >= 200 && answer.status < 300,
    status: answer.status,
    headers: got,
    text: read,
    json: () => parse(read()),
  };
}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const api = freeze({
  on(hook, answer) {
    if (typeof hook !== "string" || typeof answer !== "function") {
      throw new TypeError('write freehold.on("entry.render", (entry) => …)');
    }
    if (listener(hook)) throw new Error(`freehold.on("${hook}", …) stands there twice`);
    listen(hook, answer);
  },
  settings: new Proxy(freeze({}), {
    get(_, id) {
      if (typeof id !== "string") return undefined;
      const value = host.setting(id);
      return value === undefined || value === null ? null : parse(value);
    },
  }),
  secret: (id) => ask(() => host.secret(String(id))) ?? null,
  kv: freeze({
    get(key) {
      const value = ask(() => host.kvGet(String(key)));
      return value === undefined || value === null ? null : parse(value);
    },
    set(key, value) {
      const text = stringify(value);
      if (text === undefined) throw new TypeError("only what JSON knows can be stored");
      ask(() => host.kvSet(String(key), text));
    },
    delete: (key) => void ask(() => host.kvDelete(String(key))),
    list: (prefix = "", after = null) => ask(() => host.kvList(String(prefix), after)),
  }),
  entries: freeze({
    get(id) {
      const entry = ask(() => host.entriesGet(Number(id)));
      return entry === undefined || entry === null ? null : parse(entry);
    },
    list: (query = {}) => parse(ask(() => host.entriesList(stringify(query)))),
  }),
  fetch,
  mail: ({ to, subject, text }) => void ask(() => host.mailSend(String(to), String(subject), String(text))),
  notify: (title, text = "") => void ask(() => host.notify(String(title), String(text))),
  log: logger("info"),
  escape: (text) => String(text).replace(/[&<>"']/g, (letter) => entities[letter]),
});
Object.defineProperty(globalThis, "freehold", { value: api, enumerable: true });
globalThis.console = {
  debug: logger("debug"),
  log: logger("info"),
  info: logger("info"),
  warn: logger("warn"),
  error: logger("error"),
};

// The first line of the script in the stack of an error: `at name (<input>:3:7)`.
const place = /<input>:(\d+)/;
function told(thrown) {
  let text = "something that is no error was thrown";
  let line;
  try {
    text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : shown(thrown);
    const found = match.call(place, String(thrown?.stack ?? ""));
    if (found) line = Number(found[1]);
  } catch {
    // An error that does not let itself be read.
  }
  if (text.startsWith("SyntaxError") && (text.includes("import") || text.includes("export"))) {
    text += '. A plugin.js is one plain script: write freehold.on("entry.render", (entry) => …)';
  }
  // Not by stringify: a script may have given strings a toJSON.
  let quoted = "";
  for (let n = 0; n < text.length && n < 2000; n++) {
    const letter = text[n];
    quoted += letter === '"' || letter === "\\" ? "\\" + letter : letter < " " ? " " : letter;
  }
  return `{"text":"${quoted}","line":${line ?? "null"}}`;
}
function safely(work) {
  try {
    return work();
  } catch (thrown) {
    throw told(thrown);
  }
}
function answerOf(hook, input) {
  const answer = listener(hook);
  if (!answer) throw new Error(`plugin.js does not listen to ${hook}`);
  const value = answer(input);
  if (value !== null && typeof value === "object" && typeof value.then === "function") {
    throw new TypeError("a promise is no answer: leave out async and await, freehold.fetch waits by itself");
  }
  return value;
}

export function call(source, hook, input) {
  return safely(() => {
    evaluate(source);
    return stringify(answerOf(hook, parse(input)) ?? null) ?? "null";
  });
}

export function render(source, html, context) {
  return safely(() => {
    evaluate(source);
    const entry = parse(context);
    entry.html = html;
    const value = answerOf("entry.render", entry);
    if (value === undefined || value === null) return null;
    if (typeof value !== "string") throw new TypeError("entry.render answers with HTML, or with nothing");
    return value;
  });
}

export function hooks(source) {
  return safely(() => {
    evaluate(source);
    return stringify([...listened()]);
  });
}
