// Themes: the gallery with the site's own pages, a look at one before anybody else, chosen, taken back, added, removed.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { axe, noSideways, person, press, run, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse({ posts: 8 });
const { node } = house;
await run(node.data, ['theme', 'new', 'green-meadow']);

const gallery = `${node.panel}/admin/s/1/theme`;

/** The text of the site inside a frame of the panel. */
async function framed(page, title) {
  const frame = page.frameLocator(`iframe[title="${title}"]`);
  // a lazy frame is an empty page before it is the site's
  return frame.locator('body', { hasText: /\w/ }).innerText();
}

// row: TH01, TH02
test('a theme is looked at with the own pages, used, and taken back', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(gallery);
  assert.match(await framed(page, 'The site’s home page with Croft'), /Harbour/);
  await axe(page, 'gallery');
  await Promise.all([page.waitForURL(/\/preview$/), page.click('a[href$="/theme/green-meadow/preview"]')]);
  const inside = page.frameLocator('iframe');
  await inside.locator('h1', { hasText: 'Harbour' }).waitFor();
  await axe(page, 'preview');
  const title = await inside.locator('article h2').first().innerText();
  await inside.locator('article h2 a').first().click();
  await inside.locator('h1', { hasText: title }).waitFor();
  assert.ok(!(await visit(node, '/')).includes('green-meadow'), 'visitors see what they saw');
  await press(page, 'text=Use this theme');
  assert.ok((await visit(node, '/')).includes('green-meadow'), 'and now it is everybody’s');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForURL(/done=undone/);
  assert.ok(!(await visit(node, '/')).includes('green-meadow'));
});

// row: TH08
test('what is wrong with a theme stands on its page with its place', async (t) => {
  const { page } = await signedIn(t, house);
  const entry = path.join(node.data, 'themes/green-meadow/templates/entry.html');
  const before = fs.readFileSync(entry, 'utf8');
  t.after(() => fs.writeFileSync(entry, before));
  fs.writeFileSync(entry, before.replace('{{ entry.html }}', '{{ entry.html }}{% if page.nothing %}x{% endif %}'));
  for (let tries = 0; ; tries += 1) {
    await page.goto(`${gallery}/green-meadow`);
    if (await page.getByText('page.nothing', { exact: false }).count()) break;
    assert.ok(tries < 100, 'it is found');
  }
  assert.match(await page.locator('main').innerText(), /entry\.html, line 7/);
  await axe(page, 'theme');
});

// row: TH01
test('a theme is downloaded, removed and added again, without scripts and on a phone', async (t) => {
  const { page, context } = await signedIn(t, house, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const zip = Buffer.from(await (await context.request.get(`${gallery}/green-meadow/package`)).body());
  await page.goto(`${gallery}/green-meadow`);
  await noSideways(page, 'a theme on a phone');
  await page.click('text=Remove…');
  await page.click('main button:has-text("Remove")');
  await page.waitForURL(/done=removed/);
  await noSideways(page, 'the gallery on a phone');
  await page.click('text=Add a theme >> nth=0');
  await page.setInputFiles('input[type=file]', { name: 'meadow.zip', mimeType: 'application/zip', buffer: zip });
  await page.click('text=Upload');
  await page.getByText('Green meadow 0.1.0 is here.').waitFor();
  await page.goto(`${node.panel}/admin/s/1/theme-add`);
  await page.setInputFiles('input[type=file]', { name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('nothing') });
  await page.click('text=Upload');
  await page.getByText('neither a zip nor a tar.gz').waitFor();
});

test('who may not change the settings has no gallery', async (t) => {
  const { page } = await person(t, house.browser);
  const answer = await page.goto(gallery);
  assert.match(answer.url(), /login/);
});
