// The main way of a writer: set-up, write, publish, edit, trash and back; with scripts and without.
import test from 'node:test';
import assert from 'node:assert/strict';
import { person, setUp, signIn, startBrowser, startNode, visit } from './lib.mjs';

/** Publishes what is in the editor, by the button and its dialog. */
async function publish(page) {
  await page.click('button[data-dialog=publish-dialog]');
  await Promise.all([page.waitForURL(/done=/), page.click('#publish-dialog button[value=publish]')]);
}

/** Replaces the text on the canvas. */
async function write(page, text) {
  await page.click('#canvas .ProseMirror');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

// row: OP01, CM01, ED02, CM13
test('from the set-up address to a page that visitors read', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page, errors } = await person(t, browser);
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
  await Promise.all([page.waitForURL(/done=/), page.click('header button[value=publish]')]);
  assert.match(await visit(node, '/fresh-bread/'), /twice a day/, 'the next request sees the change');
  assert.deepEqual(errors, []);
});

// row: CM13
test('something new is kept from its first words on', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser);
  await setUp(page, node);
  await page.goto(`${node.panel}/admin/s/1/posts/new`);
  const kept = page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().endsWith('/posts/new'));
  await page.fill('#title', 'A thought');
  assert.equal((await kept).status(), 200);
  await page.waitForURL(/\/posts\/\d+$/);
  await page.goto(`${node.panel}/admin/s/1/posts`);
  await page.click('text=A thought');
  assert.equal(await page.inputValue('#title'), 'A thought');
});

// row: CM10
test('a post with a date to come waits, and goes live by itself', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser, { timezoneId: 'UTC' });
  await setUp(page, node);
  await page.fill('#title', 'Tomorrow');
  await page.fill('[name=slug]', 'tomorrow');
  const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await page.fill('[name=publish_at]', soon);
  await publish(page);
  assert.match(page.url(), /done=scheduled/);
  await visit(node, '/tomorrow/', 404);
});

// row: CM01, CM17
test('without scripts: write, publish, edit, trash and restore', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser, { javaScriptEnabled: false });
  const press = async (selector) => Promise.all([page.waitForURL(/done=/), page.click(selector)]);
  await setUp(page, node);
  await page.fill('#title', 'Plain bread');
  await page.fill('[name=slug]', 'plain-bread');
  await page.fill('[name=markdown]', 'No **script** was needed.');
  await press('header button[value=publish]');
  assert.match(await visit(node, '/plain-bread/'), /No <strong>script<\/strong> was needed/);

  await page.fill('[name=markdown]', 'Still *none*.');
  await press('header button[value=publish]');
  assert.match(await visit(node, '/plain-bread/'), /Still <em>none<\/em>/);

  await press('button:has-text("Move to trash")');
  await visit(node, '/plain-bread/', 404);
  await press('.toast button:has-text("Undo")');
  await visit(node, '/plain-bread/');
});

test('a wrong password says so and keeps the address', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser);
  await setUp(page, node);
  await page.context().clearCookies();
  await page.goto(`${node.panel}/admin/login`);
  await page.fill('[name=email]', 'mara@example.org');
  await page.fill('[name=password]', 'not-the-password');
  await page.press('[name=password]', 'Enter');
  await page.waitForSelector('text=do not match');
  assert.equal(await page.inputValue('[name=email]'), 'mara@example.org');
  await signIn(page, node);
  assert.match(page.url(), /\/admin\/s\/1/);
  assert.match(await visit(node, '/'), /Harbour/);
});
