// Every page that links lead to: axe 0 in light and dark, no error in the console, no sideways scroll at 390 px.
import test from 'node:test';
import assert from 'node:assert/strict';
import { axe, noSideways, person, setUp, startBrowser, startNode, visit, watch } from './lib.mjs';

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark phone', colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
];

/** Pages of one kind once: numbers are one and the same, the query does not count. */
const kind = (address) => new URL(address).pathname.replace(/\/\d+/g, '/1').replace(/\/$/, '');

async function walk(context, start, inside, look) {
  const [seen, queue, problems] = [new Set(), [...start], []];
  while (queue.length) {
    const address = queue.shift();
    if (seen.has(kind(address))) continue;
    seen.add(kind(address));
    const page = await context.newPage();
    const errors = watch(page);
    const answer = await page.goto(address);
    const type = answer.headers()['content-type'] ?? '';
    if (type.includes('text/html')) {
      const name = `${kind(address)} (${look.name})`;
      if (answer.status() >= 400) problems.push(`${name}: ${answer.status()}`);
      for (const check of [axe, noSideways]) await check(page, name).catch((e) => problems.push(e.message));
      const links = await page.$$eval('a[href]', (all) => all.map((a) => a.href));
      queue.push(...links.filter((l) => l.startsWith(inside) && !l.includes('#')));
    }
    problems.push(...errors);
    await page.close();
  }
  assert.equal(problems.length, 0, problems.join('\n'));
  return seen;
}

test('every page of the panel is accessible, in both themes and on a phone', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { context, page } = await person(t, browser);
  await setUp(page, node);
  const state = await context.storageState();
  for (const look of LOOKS) {
    const around = await browser.newContext({ ...look, storageState: state, bypassCSP: true });
    const seen = await walk(around, [`${node.panel}/admin/s/1`], `${node.panel}/admin`, look);
    assert.ok(seen.size >= 6, [...seen].join(' '));
    await around.close();
    const outside = await browser.newContext({ ...look, bypassCSP: true });
    await walk(outside, [`${node.panel}/admin/login`], `${node.panel}/admin`, look);
    await outside.close();
  }
});

test('every page of the default theme is accessible, in both themes and on a phone', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser);
  await setUp(page, node);
  await page.click('button[data-dialog=publish-dialog]');
  await Promise.all([page.waitForURL(/done=/), page.click('#publish-dialog button[value=publish]')]);
  for (const look of LOOKS) {
    const around = await browser.newContext({ ...look, bypassCSP: true });
    await walk(around, [`${node.site}/`, `${node.site}/?s=hello`], node.site, look);
    await around.close();
  }
  assert.match(await visit(node, '/'), /Harbour/);
});
