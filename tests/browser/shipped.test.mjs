// The themes that we ship: every kind of page of each, in light and dark, on a desk, a phone and a very small phone; and
// their menus without scripts.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DESK, LOOKS, PHONE, axe, noSideways, person, picture, run, settled, startHouse, until } from './lib.mjs';

const THEMES = ['croft', 'loft', 'quay'];
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen and three things nobody tells you about it';

const house = await startHouse({ posts: 12 });
const { node } = house;

/** A post with everything that a text can hold, and a page. */
async function furnished(t) {
  const { page } = await person(t, house.browser);
  const file = path.join(node.data, 'quay.jpg');
  fs.writeFileSync(file, (await picture(page, 'quay.jpg', 1400, 900)).buffer);
  const media = JSON.parse(await run(node.data, ['media', 'add', '--site', '1', '--json', file]));
  const body = `First words with [a link](/about/), \`code\` and **more**.\n\n![A quay](${media.path} "At nine")\n\n> Said by *somebody*.\n\n## A part\n\n- one\n- two\n\n### Smaller\n\n\`\`\`\n${'a long line of code '.repeat(12)}\n\`\`\`\n\n| Day | Ice | Who measured it |\n|---|---|---|\n| 11 January | 4 cm | ${'Henrik '.repeat(9)} |\n\n---\n\nLast words: ${'ocean'.repeat(40)}.`;
  const create = (title, more) => run(node.data, ['content', 'create', '--site', '1', '--title', title, '--publish', ...more], body);
  await create(LONG, ['--slug', 'all', '--tag', 'ice,tar']);
  await create('A page', ['--type', 'page', '--slug', 'a-page']);
}

/** What there is to look at: name and address. */
const PAGES = [
  ['home', '/'],
  ['article', '/all/'],
  ['page', '/a-page/'],
  ['category', '/category/category-1/'],
  ['tag', '/tag/ice/'],
  ['found', '/?s=words'],
  ['not found', '/?s=qqqqzzzz'],
  ['404', '/nothing-here/', 404],
];

/**
 * Opens a page that this theme drew; gives its status. On a machine that is busy a page may not keep its time: then the
 * built-in theme draws it, and it is asked for anew.
 */
async function open(page, theme, address) {
  let status;
  await until(`${address} is drawn by ${theme}`, async () => {
    status = (await page.goto(`${node.site}${address}`)).status();
    if (await page.locator(`link[rel=stylesheet][href$="/${theme}.css"]`).count()) return true;
    await run(node.data, ['cache', 'purge', '--site', '1']);
    return false;
  });
  return status;
}

// row: TH12
test('every page of every shipped theme: no breach in light and dark, nothing to push sideways', async (t) => {
  await furnished(t);
  const problems = [];
  const tell = (e) => problems.push(e.message);
  for (const theme of THEMES) {
    await run(node.data, ['theme', 'activate', theme, '--site', '1']);
    const { page } = await person(t, house.browser, { reducedMotion: 'reduce' });
    await open(page, theme, '/');
    const older = await page.locator('.pages a[rel=next]').getAttribute('href');
    for (const [what, address, status] of [...PAGES, ['older', older]]) {
      assert.equal(await open(page, theme, address), status ?? 200, `${theme}, ${what}`);
      for (const { name, colorScheme, size, rules } of LOOKS) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await settled(page);
        await axe(page, `${theme}, ${what} (${name})`, { rules }).catch(tell);
        await noSideways(page, `${theme}, ${what} (${name})`).catch(tell);
      }
      await page.setViewportSize({ width: 320, height: 640 });
      await noSideways(page, `${theme}, ${what} (320 px)`).catch(tell);
      await page.setViewportSize(DESK);
    }
  }
  assert.deepEqual(problems, []);
});

// row: TH12
test('the menu of every shipped theme opens on a phone without scripts', async (t) => {
  for (const theme of THEMES) {
    await run(node.data, ['theme', 'activate', theme, '--site', '1']);
    const { page } = await person(t, house.browser, { javaScriptEnabled: false, viewport: PHONE });
    await open(page, theme, '/');
    const first = page.locator('#nav a').first();
    assert.ok(!(await first.isVisible()), `${theme}: the menu waits`);
    await page.click('.open');
    await first.waitFor({ state: 'visible' });
    const to = await first.getAttribute('href');
    await first.click();
    await page.waitForURL(`**${to}`);
  }
});
