// Every page that links lead to, lived in and empty: axe 0 in light and dark, on a desk and on a phone, nothing in the
// console, no breach of the content policy, no sideways scroll; and what opens on them.
import test from 'node:test';
import assert from 'node:assert/strict';
import { DESK, LOOKS, axe, furnish, noSideways, run, signedIn, startHouse, startNode, watch } from './lib.mjs';

const house = await startHouse({ posts: 30 });
const { node, browser } = house;

/** Pages of one kind once: numbers are one and the same, most of the query does not count. */
function kind(address) {
  const url = new URL(address);
  const query = ['status', 'open', 'mode', 'invite', 'recovery'].filter((k) => url.searchParams.has(k))
    .map((k) => (k === 'open' ? k : `${k}=${url.searchParams.get(k)}`));
  return url.pathname.replace(/\/[0-9a-f]{16,}/g, '/x').replace(/\/theme\/[^/]+/, '/theme/x').replace(/\d+/g, '1').replace(/\/$/, '') + (query.length ? `?${query.join('&')}` : '');
}

/** Looks at a page, or at a part of it, in all looks. */
async function look(page, name, problems, part = null) {
  for (const { name: as, colorScheme, size, rules } of LOOKS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))));
    await axe(page, `${name} (${as})`, { part, rules }).catch((e) => problems.push(e.message));
    if (!rules) await noSideways(page, `${name} (${as})`).catch((e) => problems.push(e.message));
  }
}

/** Opens every kind of dialog and menu that was not seen on an earlier page. */
async function openAll(page, name, problems, seen) {
  const parts = await page.$$eval('dialog[id], details.dd, [popover]', (all) => all.map((el, n) => {
    el.dataset.part = String(n);
    return [n, el.id || `${el.className} in ${el.parentElement.className}`];
  }));
  for (const [n, label] of parts) {
    const what = label.replace(/\d+/g, '1');
    if (seen.has(what)) continue;
    seen.add(what);
    const open = (on) => page.$eval(`[data-part="${n}"]`, (el, wanted) => {
      if (el.localName === 'details') el.open = wanted;
      else if (el.localName === 'dialog') wanted ? el.showModal() : el.close();
      else if (wanted) el.showPopover(); else el.hidePopover();
    }, on);
    await open(true);
    await look(page, `${name}, ${what}`, problems, `[data-part="${n}"]`);
    await open(false);
  }
}

/** Follows all links from `start` that stay `inside`; gives what kinds of page there were. */
async function walk(context, start, inside, { status = 200, opens = true } = {}) {
  const [seen, parts, queue, problems] = [new Set(), new Set(), [...start], watch(context)];
  const page = await context.newPage();
  while (queue.length) {
    const address = queue.shift();
    if (seen.has(kind(address))) continue;
    seen.add(kind(address));
    const answer = await page.goto(address).catch((e) => ({ download: /Download is starting/.test(e.message) }));
    if (answer.download || !(answer.headers()['content-type'] ?? '').includes('text/html')) continue;
    if (answer.status() !== status) problems.push(`${kind(address)}: ${answer.status()}`);
    await look(page, kind(address), problems);
    if (opens) await openAll(page, kind(address), problems, parts);
    const links = await page.$$eval('a[href]', (all) => all.map((a) => a.href));
    // A preview is a page of the theme in a box without scripts: nothing can be asked there.
    queue.push(...links.filter((l) => l.startsWith(inside) && !/#|\/admin\/assets\/|\/preview(\?|$)/.test(l)));
  }
  assert.equal(problems.length, 0, problems.join('\n'));
  return seen;
}

let lived;
test('a house is furnished', async (t) => {
  lived = await furnish(t, house);
});

test('every page of the panel, as its owner sees it', async () => {
  const context = await browser.newContext({ storageState: lived.state });
  const seen = await walk(context, [`${node.panel}/admin/s/1`, `${node.panel}/admin/server`], `${node.panel}/admin`);
  await context.close();
  for (const page of ['/posts/1', '/posts?status=trash', '/pages/1', '/media?open', '/comments?status=spam', '/menus', '/terms/tag/1', '/settings/delete']) {
    assert.ok([...seen].some((s) => s.endsWith(page)), `${page} was not among ${[...seen].join(' ')}`);
  }
});

test('what opens by a key: the palette, the slash menu, the picker of pictures', async (t) => {
  const { page } = await signedIn(t, house);
  const problems = [];
  await page.goto(`${node.panel}/admin/s/1`);
  await page.keyboard.press('Control+K');
  await page.fill('#palette input', 'harbour');
  await page.waitForSelector('#palette a[role=option][aria-selected=true]');
  await look(page, 'palette', problems, '#palette');
  await page.setViewportSize(DESK);
  await page.goto(`${node.panel}/admin/s/1/posts/new`);
  await page.click('#canvas .ProseMirror');
  await page.keyboard.type('/');
  await page.waitForSelector('#slash-menu');
  await look(page, 'slash menu', problems, '#slash-menu');
  await page.keyboard.type('picture');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog.picker .tile');
  await look(page, 'picker', problems, 'dialog.picker');
  await page.setViewportSize(DESK);
  await page.click('dialog.picker .tile >> nth=0');
  await page.waitForSelector('figure.blk-media');
  await look(page, 'writing page with a picture', problems);
  assert.equal(problems.length, 0, problems.join('\n'));
});

test('pages without links: set-up, a new site of nothing, wrong answers', async (t) => {
  const fresh = await startNode(t);
  const context = await browser.newContext();
  await walk(context, [fresh.setup], fresh.setup);
  await context.close();
  const problems = [];
  const { page } = await signedIn(t, house);
  for (const [address, fill, button] of [
    ['/admin/s/1/settings/reading', { page_size: '0' }, 'form.narrow button.primary'],
    ['/admin/s/1/settings/delete', { typed: 'no' }, 'button.danger'],
    ['/admin/me/security', { current: 'no', password: 'another-long-one' }, 'button:has-text("Change the password")'],
  ]) {
    await page.setViewportSize(DESK);
    await page.goto(`${node.panel}${address}`);
    for (const [name, text] of Object.entries(fill)) await page.fill(`[name=${name}]`, text);
    await Promise.all([page.waitForEvent('load'), page.click(button)]);
    await page.waitForSelector('[aria-invalid=true]');
    await look(page, `${address}, refused`, problems);
  }
  assert.equal(problems.length, 0, problems.join('\n'));
});

test('pages for people outside: sign-in, code, recovery, invitation, a forgotten password, a link that is spent', async (t) => {
  const outside = await browser.newContext();
  await walk(outside, [`${node.panel}/admin/login`, `${node.panel}/admin/forgot`], `${node.panel}/admin`);
  const link = JSON.parse(await run(node.data, ['--json', 'user', 'password', 'invited@example.org']));
  const address = Object.values(link).find((v) => /\/admin\/(invite|reset)\//.test(v));
  await walk(outside, [address], address);
  await outside.close();
  const spent = await browser.newContext();
  const page = await spent.newPage();
  const answer = await page.goto(`${node.panel}/admin/invite/no-such-link`);
  assert.ok(answer.status() >= 400);
  const problems = [];
  await look(page, 'a spent link', problems);
  await spent.close();
  assert.equal(problems.length, 0, problems.join('\n'));
});

test('what a role may not do, it is told in words: an author at settings, a subscriber at posts', async (t) => {
  const problems = [];
  for (const [role, path, status] of [['author', '/admin/s/1/settings/general', 403], ['subscriber', '/admin/s/1/posts', 403], ['author', '/admin/s/4711', 404]]) {
    const who = { email: `${role}-${status}@example.org`, password: 'a-stone-in-every-pocket' };
    await run(node.data, ['user', 'create', who.email, '--site', '1', '--role', role, '--password-stdin'], who.password);
    const { page } = await signedIn(t, house, {}, who);
    const answer = await page.goto(`${node.panel}${path}`);
    assert.equal(answer.status(), status, `${role} at ${path}`);
    await look(page, `${path} for ${role}`, problems);
  }
  assert.equal(problems.length, 0, problems.join('\n'));
});

test('every page of the default theme', async () => {
  const context = await browser.newContext();
  const seen = await walk(context, [`${node.site}/`, lived.post, `${lived.post}?said=waiting`, `${node.site}/?s=ba`, `${node.site}/?s=nothing-has-this`], node.site);
  await context.close();
  assert.ok(seen.size >= 6, [...seen].join(' '));
  const missing = await browser.newContext();
  await walk(missing, [`${node.site}/no-such-page/`], `${node.site}/no-such-page/`, { status: 404 });
  await missing.close();
});
