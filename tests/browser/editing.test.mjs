// What goes wrong while one writes: two tabs, somebody who takes over, no connection, an ended session. No word is lost.
import test from 'node:test';
import assert from 'node:assert/strict';
import { OWNER, begin, press, publish, run, signIn, signedIn, startHouse, until, visit } from './lib.mjs';

const house = await startHouse();
const { node } = house;

/** Types at the end of the text. */
async function add(page, words) {
  await page.click('#canvas .ProseMirror');
  await page.keyboard.press('Control+End');
  await page.keyboard.type(words);
}

/** Types at the end of the text and waits until the server has answered to these words. */
async function addAndSend(page, words) {
  const answer = page.waitForResponse((r) => r.request().method() === 'PUT' && (r.request().postData() ?? '').includes(words));
  await add(page, words);
  return (await answer).status();
}

const state = (page, words) => page.waitForSelector(`#save-state:has-text("${words}")`);

/** A draft with an address; the page stands in its editor. */
async function draft(page, title) {
  await begin(page, node, title, title.toLowerCase().replaceAll(' ', '-'));
  assert.equal(await addAndSend(page, 'The first words.'), 200);
  await page.waitForURL(/\/posts\/\d+$/);
  return page.url();
}

// row: CM16
test('two tabs: who comes later is told, and nothing of either is lost', async (t) => {
  const { context, page: first } = await signedIn(t, house);
  const address = await draft(first, 'Two tabs');
  const second = await context.newPage();
  await second.goto(address);
  assert.equal(await addAndSend(second, ' From the second tab.'), 200);
  assert.equal(await addAndSend(first, ' From the first tab.'), 409);
  await first.waitForSelector('.note:has-text("while you wrote")');
  assert.match(await first.innerText('#canvas'), /From the first tab/, 'the words stand where they were typed');
  const [both] = await Promise.all([context.waitForEvent('page'), first.click('.note a:has-text("See both")')]);
  assert.match(await both.innerText('main'), /From the second tab[^]*From the first tab|From the first tab[^]*From the second tab/);

  await first.click('.note button:has-text("Save mine over it")');
  await state(first, 'Saved');
  await second.reload();
  assert.match(await second.innerText('#canvas'), /From the first tab/);
});

// row: CM15
test('somebody takes over: the other one is told, and what was typed is kept', async (t) => {
  const { page: mara } = await signedIn(t, house);
  const address = await draft(mara, 'Taken over');
  const who = { email: 'ida@example.org', password: 'a-net-with-small-meshes' };
  await run(node.data, ['user', 'create', who.email, '--name', 'Ida', '--site', '1', '--role', 'editor', '--password-stdin'], who.password);
  const { page: ida } = await signedIn(t, house, {}, who);
  await ida.goto(address);
  await ida.waitForSelector('.note:has-text("is writing here now")');
  assert.equal(await ida.getAttribute('#canvas .ProseMirror', 'contenteditable'), 'false', 'she can read along');
  await press(ida, 'header button:has-text("Take over")', /\/posts\/\d+/);
  assert.equal(await addAndSend(ida, ' Ida goes on.'), 200);
  assert.equal(await addAndSend(mara, ' Mara did not know.'), 409);
  await mara.waitForSelector('.note:has-text("took over")');
  assert.equal(await mara.getAttribute('#canvas .ProseMirror', 'contenteditable'), 'false');
  await ida.reload();
  assert.match(await ida.innerText('#canvas'), /Ida goes on/);
  assert.doesNotMatch(await ida.innerText('#canvas'), /Mara did not know/);
});

// row: CM13
test('without a connection the words are kept here, and go out when it is back', async (t) => {
  const { context, page } = await signedIn(t, house);
  const address = await draft(page, 'At sea');
  await context.setOffline(true);
  await add(page, ' Written at sea.');
  await state(page, 'kept on this device');
  await context.setOffline(false);
  await state(page, 'Saved');
  const other = await context.newPage();
  await other.goto(address);
  assert.match(await other.innerText('#canvas'), /Written at sea/);
});

// row: CM13
test('a tab that was closed without a connection offers its words again', async (t) => {
  const { context, page } = await signedIn(t, house);
  const address = await draft(page, 'Lost and found');
  await context.setOffline(true);
  await add(page, ' Nearly lost.');
  await state(page, 'kept on this device');
  await page.close();
  await context.setOffline(false);
  const later = await context.newPage();
  await later.goto(address);
  assert.doesNotMatch(await later.innerText('#canvas'), /Nearly lost/);
  await later.click('button:has-text("Bring them back")');
  assert.match(await later.innerText('#canvas'), /Nearly lost/);
  assert.equal(await addAndSend(later, ' Found.'), 200);
});

// row: CM13, US07
test('a session that ends while one writes loses nothing', async (t) => {
  const { context, page } = await signedIn(t, house);
  const address = await draft(page, 'Signed out');
  await context.clearCookies();
  await add(page, ' After the end.');
  await page.waitForSelector('.note:has-text("You are signed out")');
  assert.match(await page.innerText('#canvas'), /After the end/);
  const [tab] = await Promise.all([context.waitForEvent('page'), page.click('.note a:has-text("Sign in")')]);
  await tab.waitForSelector('[name=password]');
  await signIn(tab, node, OWNER);
  // Back in this tab, as a browser tells it.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await state(page, 'Saved');
  await tab.goto(address);
  assert.match(await tab.innerText('#canvas'), /After the end/);
});

// row: CM11
test('versions are compared word by word, brought back and undone', async (t) => {
  const { page } = await signedIn(t, house);
  await begin(page, node, 'The ice', 'the-ice');
  await add(page, 'Three weeks of ice.');
  await publish(page);
  await page.click('#canvas .ProseMirror');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('A month of ice.');
  await press(page, 'header button[value=publish]');
  await press(page, '.ed-panel a:has-text("Versions") >> nth=0', /versions/);
  await page.waitForSelector('del:has-text("Three weeks")');
  await page.waitForSelector('ins:has-text("A month")');
  await press(page, 'nav.seg a:has-text("Settings")', /view=settings/);
  await page.goBack();
  await press(page, '.vers li:last-child a', /versions\/\d+/);
  await press(page, 'header button:has-text("back")', /./);
  assert.match(await visit(node, '/the-ice/'), /Three weeks of ice/);
  await press(page, '.note button:has-text("Undo")', /./);
  assert.match(await visit(node, '/the-ice/'), /A month of ice/);
});

// row: CM14
test('what is typed beside a live post is kept for its writer and shown to nobody else', async (t) => {
  const { page } = await signedIn(t, house);
  await begin(page, node, 'Live', 'live-post');
  await add(page, 'As it is.');
  await publish(page);
  await add(page, ' Not yet for readers.');
  await state(page, 'Kept for you');
  assert.doesNotMatch(await visit(node, '/live-post/'), /Not yet for readers/);
  await page.reload();
  assert.match(await page.innerText('#canvas'), /Not yet for readers/);
  await press(page, 'header button[value=publish]');
  await until('readers have it', async () => (await visit(node, '/live-post/')).includes('Not yet for readers'));
});
