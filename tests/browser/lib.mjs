// What the browser tests stand on: the real binary on free ports, Debian's Chromium, axe.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const BINARY = process.env.FREEHOLD_BIN ?? path.join(here, '../../target/debug/freehold');
const AXE = fs.readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const OWNER = { email: 'mara@example.org', password: 'grey-gull-over-the-quay', title: 'Harbour & Pine' };

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

/** Starts the binary on an empty data folder; `t.after` stops it. Gives `{panel, site, setup, data}`. */
export async function startNode(t, { env = {}, data = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-')) } = {}) {
  const child = spawn(BINARY, ['--data', data, '--listen', '127.0.0.1:0', '--panel', '127.0.0.1:0'], {
    env: { ...process.env, FREEHOLD__PASSWORD__BCRYPT_COST: '4', FREEHOLD__LOG: 'warn', FREEHOLD__LIMITS__KEEP_FREE_PERCENT: '0', ...env },
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

/** A Chromium for one test file. */
export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  t.after(() => browser.close());
  return browser;
}

/** A fresh person at a screen; errors in the console fail the test when it ends. */
export async function person(t, browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const errors = watch(page);
  t.after(() => context.close());
  return { context, page, errors };
}

/** Collects errors of a page: script errors, breaches of the content policy. */
export function watch(page) {
  const errors = [];
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    // An answer of 4xx is a "Failed to load resource" line; tests ask for those on purpose.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      errors.push(`${page.url()}: ${message.text()}`);
    }
  });
  return errors;
}

/** Set-up as the first owner; ends in the editor of the first post. */
export async function setUp(page, node) {
  await page.goto(node.setup);
  await page.fill('[name=site_title]', OWNER.title);
  await page.fill('[name=email]', OWNER.email);
  await page.fill('[name=password]', OWNER.password);
  await Promise.all([page.waitForURL(/\/posts\/\d+/), page.click('button[type=submit], form button.primary')]);
}

/** Signs in by password. */
export async function signIn(page, node, { email, password } = OWNER) {
  await page.goto(`${node.panel}/admin/login`);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await Promise.all([page.waitForLoadState('load'), page.press('[name=password]', 'Enter')]);
  await page.waitForURL((url) => url.pathname !== '/admin/login');
}

/** Waits until a page of the visitors' door answers with this status and these words. */
export async function visit(node, address, status = 200) {
  const answer = await fetch(`${node.site}${address}`, { redirect: 'manual' });
  const text = await answer.text();
  assert.equal(answer.status, status, `${address}: ${text.slice(0, 300)}`);
  return text;
}

/** axe on the page as it is; the context must bypass the content policy. */
export async function axe(page, name) {
  await page.evaluate(AXE);
  const result = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
  const lines = result.violations.map(
    (v) => `${name}: ${v.id}: ${v.help}\n` + v.nodes.slice(0, 3).map((n) => `    ${n.html.slice(0, 200)} :: ${n.failureSummary?.slice(0, 200)}`).join('\n'),
  );
  assert.equal(lines.length, 0, lines.join('\n'));
}

/** The page does not scroll sideways. */
export async function noSideways(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${name} is ${over} px too wide`);
}

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
