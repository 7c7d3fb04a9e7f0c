// Menus, categories and tags: made in the panel, seen by visitors at the next request.
import test from 'node:test';
import assert from 'node:assert/strict';
import { begin, person, press, publish, settled, signedIn, startHouse } from './lib.mjs';

const house = await startHouse();
const { node } = house;

/** The words of the main menu as a visitor sees them; what hangs below another line is set in brackets. */
async function mainMenu(t) {
  const { page } = await person(t, house.browser);
  await page.goto(`${node.site}/`);
  return page.$$eval('#nav > ul > li', (lines) => lines.map((li) => {
    const below = [...li.querySelectorAll(':scope > ul a')].map((a) => a.textContent.trim());
    return li.querySelector('a').textContent.trim() + (below.length ? ` (${below.join(', ')})` : '');
  }));
}

/** The lines of the menu in the panel, with their level. */
const lines = (page) => page.$$eval('.outline li', (all) => all.map((li) => `${li.dataset.depth} ${li.querySelector('.m').textContent.trim()}`));

/** Takes a line by its handle; where the mouse is. While a page slides in, its picture takes what the mouse does: then again. */
async function take(page, line) {
  for (let tries = 0; tries < 50; tries += 1) {
    await settled(page);
    const grip = await page.locator('.outline li', { hasText: line }).locator('.grip').boundingBox();
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 4, y + 4, { steps: 3 });
    if (await page.$('.outline li.dragged')) return x;
    await page.mouse.up();
  }
  return assert.fail(`${line} does not come along`);
}

/** Drags a line by its handle to the `upper` or `lower` edge of another one, as a hand does; `aside` changes its level. */
async function drag(page, from, to, edge, aside = 0) {
  const x = await take(page, from);
  const goal = await page.locator('.outline li', { hasText: to }).boundingBox();
  const y = edge === 'lower' ? goal.y + goal.height - 4 : goal.y + 4;
  await page.mouse.move(x + aside, y, { steps: 8 });
  const mark = `.outline li.${edge === 'lower' ? 'after' : 'before'}`;
  for (let tries = 0; !(await page.$(mark)); tries += 1) {
    assert.ok(tries < 200, `${from} stands over ${to}`);
    await page.mouse.move(x + aside + (tries % 2), y);
  }
  await page.mouse.move(x + aside, y, { steps: 2 }); // what the page said of the last place is what a drop asks for
  await Promise.all([page.waitForEvent('load'), page.mouse.up()]);
}

// row: MN01
test('a menu is made of the pages, arranged by buttons and by hand, and stands on the site', async (t) => {
  const { page } = await signedIn(t, house);
  for (const name of ['Bread', 'Prices']) {
    await begin(page, node, name, name.toLowerCase(), 'pages');
    await publish(page);
  }
  await page.goto(`${node.panel}/admin/s/1/menus`);
  await press(page, 'text=Make a menu of them');
  await page.fill('[name=label]', 'Shop');
  await page.fill('[name=url]', 'https://shop.example.org/');
  await press(page, 'button:has-text("Add the link")');
  const before = await lines(page);
  assert.equal(before.at(-1), '0 Shop');

  await press(page, '[aria-label="Move Shop up"]', /menus/);
  assert.equal((await lines(page)).at(-2), '0 Shop', 'the button moves it up by one');
  await press(page, '[aria-label="Put Shop below the line above it"]', /menus/);
  assert.equal((await lines(page)).at(-2), '1 Shop');
  await press(page, '[aria-label="Move Shop one level out"]', /menus/);

  const place = await page.$$eval('section[aria-label="Where menus stand"] select', (all) => all.find((s) => /main|primary/i.test(s.name + s.closest('.field').innerText)).name);
  await page.selectOption(`[name="${place}"]`, { label: 'Main menu' });
  await press(page, 'section[aria-label="Where menus stand"] button.primary');
  const shown = await mainMenu(t);
  assert.deepEqual(shown, (await lines(page)).map((l) => l.slice(2)));

  const [top] = shown;
  await drag(page, 'Shop', top, 'upper');
  assert.equal((await lines(page))[0], '0 Shop', 'dragged to the top');
  await drag(page, 'Prices', 'Bread', 'lower', 30);
  await page.reload();
  const now = await mainMenu(t);
  assert.equal(now[0], 'Shop');
  assert.ok(now.includes('Bread (Prices)'), `dragged below another one: ${now}`);

  await page.click('[aria-label="Change Shop"]');
  await press(page, 'details[open] button:has-text("Take it out")');
  assert.ok(!(await mainMenu(t)).includes('Shop'));
});

// row: TX01, TX02
test('a category is made, found by visitors, renamed and merged away', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/terms/category`);
  for (const name of ['Rye', 'Wheat']) {
    await page.fill('[name=name]', name);
    await press(page, 'button:has-text("Add")');
  }
  await begin(page, node, 'A dark loaf', 'dark-loaf');
  await page.check('.tree label:has-text("Rye") input');
  await publish(page);
  const reader = await person(t, house.browser);
  await reader.page.goto(`${node.site}/dark-loaf/`);
  await reader.page.click('article header a:has-text("Rye")');
  await reader.page.waitForSelector('h1:has-text("Rye")');
  assert.match(await reader.page.innerText('main'), /A dark loaf/);
  const old = reader.page.url();

  await page.goto(`${node.panel}/admin/s/1/terms/category`);
  await page.click('td.lead a:has-text("Rye")');
  await page.waitForSelector('[data-dialog=merge-dialog]');
  await page.selectOption('[name=into]', await page.locator('[name=into] option', { hasText: 'Wheat' }).getAttribute('value'));
  await page.click('[data-dialog=merge-dialog]');
  await press(page, '#merge-dialog button.primary');
  await reader.page.goto(old);
  await reader.page.waitForSelector('h1:has-text("Wheat")');
  assert.match(await reader.page.innerText('main'), /A dark loaf/, 'the old address leads on');
});
