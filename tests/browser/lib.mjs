// What the browser tests stand on: the real binary on free ports, Debian's Chromium, axe, and the verbs of people.
import { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const BINARY = process.env.FREEHOLD_BIN ?? path.join(here, '../../target/debug/freehold');
const AXE = fs.readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Cheap passwords, few words in the log, and a nearly full disk is no reason to stop. */
const ENVIRONMENT = { FREEHOLD__SFTP: '', FREEHOLD__WEBDAV: '', FREEHOLD__PASSWORD__BCRYPT_COST: '4', FREEHOLD__LOG: 'warn', FREEHOLD__LIMITS__KEEP_FREE_PERCENT: '0' };

/** How long a state may take on a busy machine; a test that passes never waits so long. */
const PATIENCE_MS = 60_000;

export const OWNER = { email: 'mara@example.org', password: 'grey-gull-over-the-quay', title: 'Harbour & Pine' };

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** Each look of a page with the rules that can differ from a look before it: colours, and what the width shows. */
export const LOOKS = [
  { name: 'light', colorScheme: 'light', size: DESK },
  { name: 'dark', colorScheme: 'dark', size: DESK, rules: ['color-contrast', 'link-in-text-block'] },
  { name: 'dark phone', colorScheme: 'dark', size: PHONE },
  { name: 'light phone', colorScheme: 'light', size: PHONE, rules: ['color-contrast', 'link-in-text-block'] },
];

// --- the node --------------------------------------------------------------------------------------------------------

async function firstLine(stream, wanted) {
  const lines = readline.createInterface({ input: stream });
  return new Promise((found, failed) => {
    const seen = [];
    lines.on('line', (line) => {
      seen.push(line);
      const match = wanted.exec(line);
      if (match) found(match[1]);
    });
    lines.on('close', () => failed(new Error(`the program ended without ${wanted}:\n${seen.join('\n')}`)));
  });
}

/** Runs a command of the binary on a data folder; gives what it printed. */
export async function run(data, words, input = '') {
  return new Promise((done, failed) => {
    const options = { env: { ...process.env, ...ENVIRONMENT } };
    const child = execFile(BINARY, ['--data', data, ...words], options, (error, out, told) => (error ? failed(new Error(`${words.join(' ')}: ${told}`)) : done(out)));
    child.stdin.end(input);
  });
}

/**
 * Starts the binary; `t.after` stops it. Gives `{panel, site, setup, data}`.
 * `unprivileged`: never as root, whoever runs the tests. The data folder is empty, or with `posts` it is set up for OWNER and holds so many of them.
 */
export async function startNode(t, { env = {}, posts, unprivileged = false } = {}) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-'));
  if (posts !== undefined) {
    await run(data, ['setup', '--email', OWNER.email, '--site-title', OWNER.title, '--password-stdin'], OWNER.password);
    if (posts > 0) await run(data, ['content', 'seed', '--posts', String(posts), '--site', '127.0.0.1']);
  }
  // As root Freehold runs nothing of accounts: there it is started in a user namespace in which it is somebody else.
  const [program, ...before] = unprivileged && process.getuid() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--', BINARY] : [BINARY];
  const child = spawn(program, [...before, '--data', data, '--listen', '127.0.0.1:0', '--panel', '127.0.0.1:0'], {
    env: { ...process.env, ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    fs.rmSync(data, { recursive: true, force: true });
  });
  const [site, setup] = await Promise.all([firstLine(child.stderr, /Sites on (\S+)/), firstLine(child.stdout, /^Open (\S+)/)]);
  return { panel: setup.split('/admin')[0], site, setup, data };
}

/** A Chromium; `t.after` closes it. */
export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  t.after(() => browser.close());
  return browser;
}

/** One node and one Chromium for a whole test file. */
export async function startHouse(options = { posts: 0 }) {
  const [node, browser] = await Promise.all([startNode({ after }, options), startBrowser({ after })]);
  return { node, browser };
}

/** Asks the visitors' door for a page that must answer with this status; gives its text. */
export async function visit(node, address, status = 200) {
  const answer = await fetch(`${node.site}${address}`, { redirect: 'manual' });
  const text = await answer.text();
  assert.equal(answer.status, status, `${address}: ${text.slice(0, 300)}`);
  return text;
}

/** Asks again until the answer is yes. */
export async function until(what, ask) {
  for (const end = Date.now() + 2 * PATIENCE_MS; ; await new Promise((next) => setTimeout(next, 200))) {
    if (await ask()) return;
    assert.ok(Date.now() < end, `still waiting until ${what}`);
  }
}

// --- people ----------------------------------------------------------------------------------------------------------

/** A fresh person at a screen. An error in the console, a breach of the content policy or a broken part fails the test. */
export async function person(t, browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const errors = watch(context);
  const page = await context.newPage();
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });
  return { context, page };
}

/** Collects errors of all pages of a context: script errors, breaches of the content policy, parts that are not there. */
export function watch(context) {
  const errors = [];
  context.on('weberror', (error) => {
    // Chromium calls it an error when it does without the fade between two pages, because the second came late.
    if (!/^Transition was/.test(error.error().message)) errors.push(`${error.page()?.url()}: ${error.error().message}`);
  });
  context.on('console', (message) => {
    // What a page asks for may be refused (4xx, no connection); parts of the page may not, see below.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      errors.push(`${message.page()?.url()}: ${message.text()}`);
    }
  });
  context.on('response', (answer) => {
    const part = ['stylesheet', 'script', 'image', 'font', 'media'].includes(answer.request().resourceType());
    if (part && answer.status() >= 400) errors.push(`${answer.url()}: ${answer.status()}`);
  });
  return errors;
}

/** Set-up as the first owner; ends in the editor of the first post. */
export async function setUp(page, node) {
  await page.goto(node.setup);
  await page.fill('[name=site_title]', OWNER.title);
  await page.fill('[name=email]', OWNER.email);
  await page.fill('[name=password]', OWNER.password);
  await Promise.all([page.waitForURL(/\/posts\/\d+/), page.click('form button.primary')]);
}

/** Signs in by password. */
export async function signIn(page, node, { email, password } = OWNER) {
  await page.goto(`${node.panel}/admin/login`);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await press(page, 'form[action="/admin/login"] button.block', (url) => url.pathname !== '/admin/login');
}

/** A fresh person who is signed in. */
export async function signedIn(t, house, options = {}, who = OWNER) {
  const { context, page } = await person(t, house.browser, options);
  await signIn(page, house.node, who);
  return { context, page };
}

/** Takes an invitation by the link that the page shows once; gives the person, signed in. */
export async function accept(t, { node, browser }, page, email, options = {}) {
  const link = (await page.innerText('.note code')).trim();
  assert.match(link, /\/admin\/invite\//);
  const guest = await person(t, browser, options);
  await guest.page.goto(link);
  const password = 'a-boat-below-the-moon';
  await guest.page.fill('[name=password]', password);
  await press(guest.page, 'form button.primary', /\/admin\/login/);
  await signIn(guest.page, node, { email, password });
  return { ...guest, who: { email, password } };
}

/** Presses something and waits for the page it leads to, also where the address was such a one before. */
export async function press(page, selector, address = /[?&]done=/) {
  await Promise.all([page.waitForEvent('load'), page.click(selector)]);
  await page.waitForURL(address);
}

/** Presses a link of a list that changes in place, and waits until the list is the one of that address. */
export async function turn(page, selector, address) {
  await Promise.all([page.waitForURL(address), page.click(selector)]);
  await page.waitForSelector('[data-part]:not([aria-busy])');
}

/** Waits until nothing moves any more: while a page slides in, its picture lies over it and takes what the mouse does. */
export const settled = (page) => page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))));

/** Presses what is asked about first on a page of its own, and says yes there. */
export async function pressAndConfirm(page, selector) {
  await Promise.all([page.waitForEvent('load'), page.click(selector)]);
  await press(page, 'form.ask button.danger');
}

// --- writing ---------------------------------------------------------------------------------------------------------

/** Opens the writing page of something new and gives it a title and an address. */
export async function begin(page, node, title, slug, kind = 'posts') {
  await page.goto(`${node.panel}/admin/s/1/${kind}/new`);
  await page.fill('#title', title);
  await page.fill('[name=slug]', slug);
}

/** Replaces the text on the canvas. */
export async function write(page, text) {
  await page.click('#canvas .ProseMirror');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Publishes what is in the editor, by the button and its dialog. */
export async function publish(page) {
  await page.click('button[data-dialog=publish-dialog]');
  await press(page, '#publish-dialog button[value=publish]');
}

/** A real picture, drawn by the browser itself. Gives what `setInputFiles` takes. */
export async function picture(page, name, width = 1600, height = 1000) {
  const mimeType = name.endsWith('.png') ? 'image/png' : 'image/jpeg';
  const data = await page.evaluate(([type, w, h]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const pen = canvas.getContext('2d');
    const sky = pen.createLinearGradient(0, 0, w, h);
    for (const [at, colour] of [[0, '#f2c14e'], [0.5, '#d1603d'], [1, '#1b4332']]) sky.addColorStop(at, colour);
    pen.fillStyle = sky;
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = '#fff8';
    for (let n = 0; n < 40; n += 1) pen.fillRect((n * 97) % w, (n * 53) % h, w / 20, h / 30);
    return canvas.toDataURL(type, 0.9);
  }, [mimeType, width, height]);
  return { name, mimeType, buffer: Buffer.from(data.split(',')[1], 'base64') };
}

/** Drops files and folders on the page, as a hand would: `{ 'a.html': bytes, pictures: { 'sea.png': bytes } }`. */
export async function dropTree(page, selector, tree) {
  const plain = (folder) => Object.entries(folder).map(([name, one]) => (Buffer.isBuffer(one) ? [name, one.toString('base64')] : [name, plain(one)]));
  // A browser gives what is dropped as entries; a test can only play them.
  const dataTransfer = await page.evaluateHandle((all) => {
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const entry = ([name, one]) => {
      if (typeof one === 'string') return { isFile: true, isDirectory: false, name, file: (done) => done(new File([bytes(one)], name)) };
      let given = false;
      const readEntries = (done) => { done(given ? [] : one.map(entry)); given = true; };
      return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries }) };
    };
    const waiting = all.map(entry);
    DataTransferItem.prototype.webkitGetAsEntry = () => waiting.shift();
    const data = new DataTransfer();
    for (const [name] of all) data.items.add(new File(['x'], name));
    return data;
  }, plain(tree));
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(selector, event, { dataTransfer });
}

/** Drops a file on a place of the page, as a hand would. */
export async function drop(page, selector, file) {
  const dataTransfer = await page.evaluateHandle(([name, type, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
    return transfer;
  }, [file.name, file.mimeType, file.buffer.toString('base64')]);
  const box = await page.locator(selector).boundingBox();
  const place = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(selector, event, { dataTransfer, ...place });
}

// --- a house that is lived in ------------------------------------------------------------------------------------------

/** Sends a form of the panel as the person of this context. */
async function send(context, node, address, form) {
  const answer = await context.request.post(`${node.panel}${address}`, { form, headers: { origin: node.panel }, maxRedirects: 0 });
  assert.ok(answer.status() < 400, `${address}: ${answer.status()} ${await answer.text()}`);
  return answer.headers().location ?? '';
}

/** Fills the lists of a node with seeded posts: pictures, comments, pages, a menu, terms, people, a second site, trash. */
export async function furnish(t, { node, browser }) {
  const { context, page } = await person(t, browser);
  await signIn(page, node);
  const base = '/admin/s/1';
  const make = (kind, form) => send(context, node, `${base}/${kind}/new`, { source: 'markdown', markdown: 'Some words.', comments_open: 'on', visibility: 'public', ...form });
  await make('posts', { title: 'A draft that waits', do: 'save' });
  await make('posts', { title: 'For next year', publish_at: '2031-01-01T08:00', do: 'publish' });
  await make('pages', { title: 'Opening hours', slug: 'hours', do: 'publish' });
  const gone = await make('posts', { title: 'Thrown away', do: 'publish' });
  await send(context, node, `${base}/entries/${/\d+(?=\?)/.exec(gone)[0]}/trash`, {});
  for (const [n, name] of ['harbour.jpg', 'pine.png', 'a-name-that-is-so-long-that-nobody-would-ever-type-it-by-hand.jpg'].entries()) {
    const file = await picture(page, name, 480 + n, 320);
    await context.request.post(`${node.panel}${base}/media`, { multipart: { file }, headers: { origin: node.panel, accept: 'application/json' } });
  }
  await send(context, node, `${base}/menus`, { from: 'pages', name: 'Main menu' });
  await send(context, node, `${base}/terms/tag`, { name: 'low tide', slug: '', description: 'What the sea leaves.' });
  await send(context, node, `${base}/people`, { email: 'invited@example.org', role: 'author' });
  await send(context, node, '/admin/sites/new', { title: 'The Boatyard', host: '', start: 'journal', account: '1', owner: '' });
  await page.goto(node.site);
  await page.click('article.lead h2 a');
  const post = page.url();
  for (const [name, words] of [['Tuva', 'Is there rye on Sundays?'], ['Arne', 'I have walked there for thirty years, in all weathers.'], ['Bodil', 'Spam, spam, spam.']]) {
    await page.goto(post);
    await page.fill('#c-name', name);
    await page.fill('#c-email', `${name.toLowerCase()}@example.net`);
    await page.fill('#c-body', words);
    await press(page, '.say button', /said=/);
  }
  await page.goto(`${node.panel}${base}/comments`);
  await press(page, 'tr:has-text("Bodil") button:has-text("Spam")');
  await press(page, 'tr:has-text("Tuva") button:has-text("Approve")');
  return { post, state: await context.storageState() };
}

// --- looking ---------------------------------------------------------------------------------------------------------

/** axe on the page as it is, or on one part of it. `rules` names single rules; all of them without it. */
export async function axe(page, name, { part = null, rules = null } = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const only = rules ? { type: 'rule', values: rules } : { type: 'tag', values: RULES };
  const violations = await page.evaluate(
    async ([place, runOnly]) => (await globalThis.axe.run(place ?? document, { runOnly, resultTypes: ['violations'] })).violations,
    [part, only],
  );
  const lines = violations.map(
    (v) => `${name}: ${v.id}: ${v.help}\n` + v.nodes.slice(0, 3).map((n) => `    ${n.html.slice(0, 200)} :: ${n.failureSummary?.slice(0, 300)}`).join('\n'),
  );
  assert.equal(lines.length, 0, lines.join('\n'));
}

/** The page does not scroll sideways. */
export async function noSideways(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${name} is ${over} px too wide`);
}

/** No breach in either colour, nothing to push sideways on a phone. */
export async function looks(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    await axe(page, `${name}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await noSideways(page, `${name} on a phone`);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

// --- codes -----------------------------------------------------------------------------------------------------------

/** A time-based code (RFC 6238: SHA-1, 6 digits, 30 s) of a base32 key. */
export function totp(key, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/[\s=]/g, '').toUpperCase()].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
