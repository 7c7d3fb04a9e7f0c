// The main way of a writer: set-up, write, publish, edit, schedule, trash and back; with scripts and without.
import test from 'node:test';
import assert from 'node:assert/strict';
import { begin, person, press, publish, setUp, signedIn, startHouse, startNode, turn, until, visit, write } from './lib.mjs';

const house = await startHouse();

/** The date field takes minutes: the next full one that is not quite here yet. */
const due = new Date(Math.ceil((Date.now() + 30_000) / 60_000) * 60_000);

// row: CM10
test('a post with a date to come waits', async (t) => {
  const { page } = await signedIn(t, house, { timezoneId: 'UTC' });
  await begin(page, house.node, 'At eight', 'at-eight');
  await page.fill('[name=publish_at]', due.toISOString().slice(0, 16));
  await publish(page);
  assert.match(page.url(), /done=scheduled/);
  await visit(house.node, '/at-eight/', 404);
  assert.ok(Date.now() < due, 'and it was looked at in time');
});

// row: OP01, CM01, ED02, CM13
test('from the set-up address to a page that visitors read', async (t) => {
  const node = await startNode(t);
  const { page } = await person(t, house.browser);
  await setUp(page, node);
  await page.fill('#title', 'Fresh bread');
  await page.fill('[name=slug]', 'fresh-bread');
  const saved = page.waitForResponse((r) => r.request().method() === 'PUT' && (r.request().postData() ?? '').includes('every morning.'));
  await write(page, 'From the oven, every morning.');
  assert.equal((await saved).status(), 200);
  await visit(node, '/fresh-bread/', 404);
  await page.reload();
  assert.match(await page.innerText('#canvas'), /every morning/, 'what was saved by itself is there after a reload');
  await publish(page);
  assert.match(await visit(node, '/fresh-bread/'), /From the oven, every morning\./);

  await write(page, 'From the oven, twice a day.');
  await press(page, 'header button[value=publish]');
  assert.match(await visit(node, '/fresh-bread/'), /twice a day/, 'the next request sees the change');
});

// row: CM13
test('something new is kept from its first words on', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${house.node.panel}/admin/s/1/posts/new`);
  const kept = page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().endsWith('/posts/new'));
  await page.fill('#title', 'A thought');
  assert.equal((await kept).status(), 200);
  await page.waitForURL(/\/posts\/\d+$/);
  await page.goto(`${house.node.panel}/admin/s/1/posts`);
  await page.click('text=A thought');
  assert.equal(await page.inputValue('#title'), 'A thought');
});

// row: CM13
test('who publishes while the first words are being kept has one post, not two', async (t) => {
  const { page } = await signedIn(t, house);
  await page.clock.install();
  const list = `${house.node.panel}/admin/s/1/posts`;
  for (const [title, slow] of [['Kept slowly', 'PUT'], ['Sent slowly', 'POST']]) {
    let letGo;
    const held = new Promise((done) => { letGo = done; });
    await page.route('**/posts/new', async (route) => {
      if (route.request().method() === slow) await held;
      await route.continue();
    });
    await begin(page, house.node, title, title.toLowerCase().replace(' ', '-'));
    if (slow === 'PUT') await page.waitForRequest((r) => r.method() === 'PUT');
    await page.click('button[data-dialog=publish-dialog]');
    const arrived = page.waitForEvent('load');
    await page.click('#publish-dialog button[value=publish]', { noWaitAfter: true });
    // Longer than the pause after which words are kept, by the page's own clock.
    await page.clock.runFor(1500);
    letGo();
    await arrived;
    await page.unroute('**/posts/new');
    await page.goto(list);
    assert.equal(await page.locator('td.lead a', { hasText: title }).count(), 1, title);
  }
});

// row: CM17
test('from the trash and back, by the row, the toast and several at once', async (t) => {
  const { page } = await signedIn(t, house);
  for (const name of ['first', 'second']) {
    await begin(page, house.node, `The ${name} loaf`, `${name}-loaf`);
    await publish(page);
  }
  const list = `${house.node.panel}/admin/s/1/posts`;
  await page.goto(list);
  await page.click('[aria-label="More for The first loaf"]');
  await press(page, 'details[open] button:has-text("Move to trash")');
  await visit(house.node, '/first-loaf/', 404);
  await press(page, '.toast button:has-text("Undo")');
  await visit(house.node, '/first-loaf/');

  await page.goto(list);
  for (const name of ['first', 'second']) await page.check(`[aria-label="Select The ${name} loaf"]`);
  assert.equal(await page.innerText('[data-count]'), '2');
  await press(page, '.bulk button[value=trash]');
  await visit(house.node, '/first-loaf/', 404);
  await visit(house.node, '/second-loaf/', 404);

  await turn(page, '.tabs a:has-text("Trash")', /status=trash/);
  await page.click('[aria-label="More for The first loaf"]');
  await press(page, 'details[open] button:has-text("Restore")');
  await visit(house.node, '/first-loaf/');
  await page.goto(`${list}?status=trash`);
  await page.check('[aria-label="Select The second loaf"]');
  await page.click('.bulk button[value=delete]');
  await press(page, '#delete-dialog button.danger');
  await visit(house.node, '/second-loaf/', 404);
  await page.goto(`${list}?status=trash`);
  await page.waitForSelector('text=The trash is empty');
});

// row: CM01, CM17
test('without scripts: write, publish, edit, trash and restore', async (t) => {
  const node = await startNode(t);
  const { page } = await person(t, house.browser, { javaScriptEnabled: false });
  await setUp(page, node);
  await page.fill('#title', 'Plain bread');
  await page.fill('[name=slug]', 'plain-bread');
  await page.fill('[name=markdown]', 'No **script** was needed.');
  await press(page, 'header button[value=publish]');
  assert.match(await visit(node, '/plain-bread/'), /No <strong>script<\/strong> was needed/);

  await page.fill('[name=markdown]', 'Still *none*.');
  await press(page, 'header button[value=publish]');
  assert.match(await visit(node, '/plain-bread/'), /Still <em>none<\/em>/);

  await press(page, 'button:has-text("Move to trash")');
  await visit(node, '/plain-bread/', 404);
  await press(page, '.toast button:has-text("Undo")');
  await visit(node, '/plain-bread/');
});

// row: CM10
test('the post with a date to come went live by itself', async () => {
  // Nobody asks for the post itself until it is on the front page: no visit may be what wakes it.
  await until('the post is on the front page', async () => (await visit(house.node, '/')).includes('At eight'));
  assert.ok(Date.now() >= due, 'not before its time');
  assert.match(await visit(house.node, '/at-eight/'), /<h1>At eight/);
});
