// What readers say: on the page, in the queue, decided about in the panel.
import test from 'node:test';
import assert from 'node:assert/strict';
import { begin, person, press, publish, signedIn, startHouse, turn } from './lib.mjs';

const house = await startHouse();
const { node } = house;

/** A reader writes below a post. */
async function say(page, slug, name, words) {
  await page.goto(`${node.site}/${slug}/`);
  await page.fill('#c-name', name);
  await page.fill('#c-email', `${name.toLowerCase()}@example.net`);
  await page.fill('#c-body', words);
  await press(page, '.say button', /said=/);
}

async function seen(page, slug) {
  await page.goto(`${node.site}/${slug}/`);
  return page.innerText('main');
}

// row: CO01, CO02
test('a comment waits, is approved, answered, and stands below the post', async (t) => {
  const { page } = await signedIn(t, house);
  await begin(page, node, 'Open all night', 'open');
  await publish(page);

  const reader = await person(t, house.browser);
  const other = await person(t, house.browser);
  await seen(other.page, 'open');
  await say(reader.page, 'open', 'Tuva', 'Is there rye on Sundays?');
  assert.match(await reader.page.innerText('main'), /appears when somebody has looked at it/);
  assert.doesNotMatch(await seen(other.page, 'open'), /rye on Sundays/);

  await page.goto(`${node.panel}/admin/s/1`);
  assert.match(await page.innerText('section[aria-label="Comments to approve"]'), /rye on Sundays/, 'home shows who waits');
  await page.click('.nav a:has-text("Comments")');
  await page.click('tr:has-text("Tuva") a:has-text("Answer")');
  await page.fill('[name=body]', 'Every Sunday, from six.');
  await press(page, 'button:has-text("Approve and answer")');
  const text = await seen(other.page, 'open');
  assert.match(text, /rye on Sundays/);
  assert.match(text, /Every Sunday, from six/);
});

// row: CO02
test('several comments are decided about at once; spam and trash are left behind', async (t) => {
  const { page } = await signedIn(t, house);
  await begin(page, node, 'A long queue', 'queue');
  await publish(page);
  const reader = await person(t, house.browser);
  for (const name of ['Arne', 'Bodil', 'Cato']) await say(reader.page, 'queue', name, `${name} likes it.`);

  await page.goto(`${node.panel}/admin/s/1/comments`);
  await press(page, 'tr:has-text("Cato") button:has-text("Spam")');
  for (const name of ['Arne', 'Bodil']) await page.check(`[aria-label="Select the comment of ${name}"]`);
  assert.equal(await page.innerText('[data-count]'), '2');
  await press(page, '.bulk button[value=approve]');
  await page.waitForSelector('text=Nothing waits');
  const text = await seen(reader.page, 'queue');
  assert.match(text, /Arne likes it/);
  assert.match(text, /Bodil likes it/);
  assert.doesNotMatch(text, /Cato likes it/);

  await turn(page, '.tabs a:has-text("Spam")', /status=spam/);
  await press(page, 'tr:has-text("Cato") button:has-text("Not spam")');
  assert.match(await seen(reader.page, 'queue'), /Cato likes it/);
});
