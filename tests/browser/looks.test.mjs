// The panel for other eyes and hands: right to left, forced colours, less motion, 320 px, keys alone, no jumping parts.
import test from 'node:test';
import assert from 'node:assert/strict';
import { axe, furnish, noSideways, person, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse({ posts: 30 });
const { node, browser } = house;
const MAIN = ['', '/posts', '/posts/new', '/pages', '/media', '/media?open=1', '/comments', '/menus', '/terms/category', '/people', '/domains', '/settings/general', '/settings/reading'].map((p) => `/admin/s/1${p}`)
  .concat(['/admin/me', '/admin/me/security', '/admin/me/tokens', '/admin/notices', '/admin/help', '/admin/server/sites', '/admin/server/people', '/admin/server/settings', '/admin/sites/new', '/admin/login']);

let lived;
test('a house is furnished', async (t) => {
  lived = await furnish(t, house);
});

/** A page of the owner for each address in turn; problems are told together. */
async function each(t, addresses, options, check) {
  const { page } = await person(t, browser, { storageState: lived.state, ...options });
  const problems = [];
  for (const address of addresses) {
    await page.goto(address.startsWith('/') ? `${node.panel}${address}` : address);
    await check(page, address).catch((e) => problems.push(e.message));
  }
  assert.equal(problems.length, 0, problems.join('\n'));
}

for (const [name, viewport] of [['on a desk', { width: 1440, height: 900 }], ['on a phone', { width: 390, height: 844 }]]) {
  test(`right to left, ${name}`, async (t) => {
    await each(t, [...MAIN, `${node.site}/`, lived.post], { viewport }, async (page, address) => {
      await page.evaluate(() => { document.dir = 'rtl'; });
      await noSideways(page, `${address} from right to left`);
      // What cannot differ is looked at elsewhere: rules about places.
      await axe(page, `${address} from right to left`, { rules: ['target-size', 'scrollable-region-focusable'] });
    });
  });
}

test('320 pixels are enough', async (t) => {
  await each(t, [...MAIN, `${node.site}/`, lived.post, `${node.site}/?s=ba`], { viewport: { width: 320, height: 640 } }, (page, address) => noSideways(page, `${address} at 320 px`));
});

test('forced colours: buttons, fields, chosen things keep their shapes', async (t) => {
  await each(t, MAIN, { forcedColors: 'active' }, async (page, address) => {
    const bare = await page.$$eval('.btn:not(.quiet), .in, .cb, .rb, .sw, .card, .badge, dialog', (all) => all
      .filter((el) => el.checkVisibility() && getComputedStyle(el).borderTopStyle === 'none' && getComputedStyle(el).outlineStyle === 'none' && getComputedStyle(el).appearance === 'none')
      .map((el) => el.outerHTML.slice(0, 120)));
    assert.deepEqual([...new Set(bare)].slice(0, 5), [], `${address}: no edge that forced colours leave`);
    // Contrast is not asked for: styles tell the page's colours here, not the ones that are drawn.
  });
});

test('less motion: nothing moves for those who asked for that', async (t) => {
  await each(t, ['/admin/s/1', '/admin/s/1/posts', '/admin/s/1/posts/new'], { reducedMotion: 'reduce' }, async (page, address) => {
    const moving = await page.evaluate(() => {
      for (const d of document.querySelectorAll('dialog[id]')) { d.showModal(); d.close(); }
      for (const d of document.querySelectorAll('details')) d.open = !d.open;
      return document.getAnimations().filter((a) => Number(a.effect.getComputedTiming().duration) > 20).map((a) => a.effect.target?.className);
    });
    assert.deepEqual(moving, [], address);
  });
});

for (const [name, viewport] of [['on a desk', { width: 1440, height: 900 }], ['on a phone', { width: 390, height: 844 }]]) {
  test(`parts of a page stay where they first are, ${name}`, async (t) => {
    const { context } = await person(t, browser, { storageState: lived.state, viewport });
    await context.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const e of list.getEntries()) if (!e.hadRecentInput) globalThis.shifts.push([e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80) ?? s.node?.nodeName)]);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const page = await context.newPage();
    const problems = [];
    for (const address of [...MAIN.map((m) => `${node.panel}${m}`), `${node.site}/`, lived.post]) {
      await page.goto(address);
      await page.evaluate(async () => { await document.fonts.ready; for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame); });
      const shifts = await page.evaluate(() => globalThis.shifts);
      const sum = shifts.reduce((all, [value]) => all + value, 0);
      if (sum >= 0.02) problems.push(`${address}: ${sum.toFixed(3)} ${JSON.stringify(shifts.slice(0, 3))}`);
    }
    assert.equal(problems.length, 0, problems.join('\n'));
  });
}

/** Presses Tab until the focus is on what is meant; on the way it must be seen where the focus is. */
async function tabTo(page, selector) {
  for (let n = 0; n < 120; n += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate((wanted) => {
      const el = document.activeElement;
      const box = el.getBoundingClientRect();
      return { there: el.matches(wanted), hidden: el !== document.body && (box.width === 0 || !el.checkVisibility()), what: el.outerHTML.slice(0, 100) };
    }, selector);
    assert.ok(!at.hidden, `the focus is on something that is not there: ${at.what}`);
    if (at.there) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

test('keys alone: sign in, write, publish, find, trash and take back', async (t) => {
  const { page } = await person(t, browser);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await page.goto(`${node.panel}/admin/login`);
  await page.keyboard.type('mara@example.org');
  await tabTo(page, '[name=password]');
  await page.keyboard.type('grey-gull-over-the-quay');
  await Promise.all([page.waitForURL(/\/admin\/s\/1/), press('Enter')]);

  await page.waitForSelector('html.js');
  await Promise.all([page.waitForURL(/posts\/new/), press('n')]);
  await page.waitForSelector('#canvas .ProseMirror');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'title', 'one begins with the title');
  await page.keyboard.type('By keys alone');
  // At once, not a frame later: keys that come in between would end up in the title.
  const now = await page.evaluate(() => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    return document.activeElement.className;
  });
  assert.match(now, /ProseMirror/, 'Enter in the title goes to the text');
  await page.keyboard.type('Not one press of a mouse.');
  await page.waitForURL(/posts\/\d+$/);
  await tabTo(page, '[name=slug]');
  await page.keyboard.type('by-keys');
  for (let n = 0; n < 80 && !(await page.evaluate(() => document.activeElement.matches('[data-dialog=publish-dialog]'))); n += 1) await press('Shift+Tab');
  await press('Enter');
  await tabTo(page, '#publish-dialog button[value=publish]');
  await Promise.all([page.waitForURL(/done=/), press('Enter')]);
  assert.match(await visit(node, '/by-keys/'), /Not one press of a mouse/);

  await press('Control+K');
  await page.keyboard.type('keys alone');
  await page.waitForSelector('#palette [aria-selected=true]:has-text("By keys alone")');
  await press('Escape');
  await page.goto(`${node.panel}/admin/s/1`);
  await page.waitForSelector('html.js');
  await press('g');
  await Promise.all([page.waitForURL(/\/posts$/), press('p')]);
  await page.waitForSelector('html.js');
  await press('/');
  await page.keyboard.type('keys alone');
  await Promise.all([page.waitForURL(/q=keys/), press('Enter')]);
  await tabTo(page, '[aria-label="More for By keys alone"]');
  await press('Enter', 'ArrowDown');
  while (!(await page.evaluate(() => document.activeElement.textContent.includes('Move to trash')))) await press('ArrowDown');
  await Promise.all([page.waitForURL(/done=trashed/), press('Enter')]);
  await visit(node, '/by-keys/', 404);
  await tabTo(page, '.toast button');
  await Promise.all([page.waitForURL(/done=restored/), press('Enter')]);
  await visit(node, '/by-keys/');
});

test('keys alone: Escape closes what opened and gives the focus back', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/posts`);
  await page.focus('.tools details.dd summary');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.tools details.dd').evaluate((d) => d.open), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.tools details.dd').evaluate((d) => d.open), false);
  assert.equal(await page.evaluate(() => document.activeElement.matches('.tools details.dd summary')), true);
  await page.keyboard.press('?');
  await page.waitForSelector('#keys[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#keys', { state: 'hidden' });
});
