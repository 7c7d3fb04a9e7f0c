// Texts of a theme: an editor that keeps only what works, its versions, and a parent's change.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { axe, noSideways, press, run, signedIn, startHouse } from './lib.mjs';

const house = await startHouse({ posts: 3 });
const { node } = house;
await run(node.data, ['theme', 'new', 'green-meadow']);
const parent = path.join(node.data, 'themes/green-meadow/templates/404.html');
// Far enough from the line that a child changes for both changes to fit together.
fs.appendFileSync(parent, '\n\n\n\n{# the end #}\n');
const themes = `${node.panel}/admin/s/1/theme`;
const phone = { viewport: { width: 390, height: 844 } };

/** Puts a text into the editor and saves it; what the page then says. */
async function save(page, text) {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.locator('[data-saved]', { hasText: 'Not saved yet' }).waitFor();
  await page.keyboard.press('Control+s');
  const said = page.locator('[data-saved]', { hasNotText: /Not saved yet|Saving/ });
  await said.waitFor();
  return said.innerText();
}

/** The page of an address that there is not. */
const missing = async () => (await fetch(`${node.site}/nothing-here/`)).text();

// row: TH09, TH04
test('a child is begun, changed where it works, taken back, and hears of its parent', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${themes}/green-meadow`);
  await page.fill('[name=name]', 'shore');
  await press(page, 'button:has-text("Begin")', /theme\/shore\/code/);
  await page.getByText('of green-meadow').first().waitFor();
  await axe(page, 'the files');
  await press(page, 'a:text-is("404.html")', /file=/);
  await page.locator('.cm-content').waitFor();
  await axe(page, 'the editor');
  const before = await page.inputValue('textarea[name=text]');
  assert.match(await save(page, '{% for x in %}'), /Not saved: shore\/templates\/404\.html:1/);
  assert.equal(await save(page, before.replace('<h1>', '<h1>By the shore: ')), 'Saved');
  await run(node.data, ['theme', 'activate', 'shore', '--site', '1']);
  assert.match(await missing(), /By the shore: /);
  await page.getByRole('link', { name: 'Versions' }).click();
  await page.getByText('It never said anything else').waitFor();
  await page.goBack();
  assert.equal(await save(page, before.replace('<h1>', '<h1>At sea: ')), 'Saved');
  await page.getByRole('link', { name: 'Versions' }).click();
  await page.getByRole('button', { name: 'Restore this one' }).waitFor();
  await axe(page, 'the versions');
  await press(page, 'button:has-text("Restore this one")', /done=saved/);
  assert.match(await missing(), /By the shore: /);

  fs.writeFileSync(parent, fs.readFileSync(parent, 'utf8').replace('the end', 'one line more'));
  for (let tries = 0; ; tries += 1) {
    await page.goto(`${themes}/shore`);
    if (await page.getByText('changed files that this theme took over').count()) break;
    assert.ok(tries < 100, 'it is seen');
  }
  await axe(page, 'a theme whose parent changed');
  await press(page, 'a:text-is("templates/404.html")', /parent\?file=/);
  await axe(page, 'what the parent changed');
  await press(page, 'button:has-text("Take it over")', /code\?done=saved/);
  const own = path.join(node.data, 'themes/shore/templates/404.html');
  const text = fs.readFileSync(own, 'utf8');
  assert.ok(text.includes('By the shore: ') && text.includes('one line more'), text);
});

// row: TH09
test('files of a theme are read and changed on a phone and without scripts', async (t) => {
  const { page } = await signedIn(t, house, { javaScriptEnabled: false, ...phone });
  await page.goto(`${themes}/croft/code`);
  await page.getByText('This theme comes with Freehold.').waitFor();
  await noSideways(page, 'the files');
  await page.goto(`${themes}/green-meadow/code?file=templates%2F404.html`);
  await noSideways(page, 'the editor');
  await page.fill('textarea[name=text]', '{{ page.titel }}');
  await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'POST'), page.click('button:has-text("Save")')]);
  await page.getByText('Not saved: green-meadow/templates/404.html:1').waitFor();
  assert.equal(await page.inputValue('textarea[name=text]'), '{{ page.titel }}', 'what was typed is still there');
});
