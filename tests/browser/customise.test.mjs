// The customiser: tried out beside the site, shown to others, published, taken back.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DESK, axe, noSideways, person, press, run, signIn, signedIn, startHouse, until, visit } from './lib.mjs';

const house = await startHouse({ posts: 8 });
const { node } = house;
const address = `${node.panel}/admin/s/1/theme-customise`;

/** The frame that is shown now: another one is loaded beside it before it takes its place. */
const shown = (page) => page.frameLocator('.cz-frames iframe:not(.next)');
const style = (page, name) => shown(page).locator('html').evaluate((html, one) => getComputedStyle(html).getPropertyValue(one).trim(), name);
const slide = (page, name, to) => page.locator(`[name=${name}]`).evaluate((slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })); slider.dispatchEvent(new Event('change', { bubbles: true })); }, to);
const count = (page, words) => page.locator('#changes', { hasText: words }).waitFor();

// row: TH03
test('a design is tried out, shown to a friend, published and taken back', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/theme`);
  await page.click('text=Customise');
  await shown(page).locator('h1', { hasText: 'Harbour' }).waitFor();
  await axe(page, 'the customiser');

  // A choice of colours is drawn anew.
  await page.click('.cz-option:has-text("Moss")');
  await shown(page).locator('html.moss').waitFor();
  await count(page, '1 change, not live yet');
  // A slider changes the page that is there.
  await shown(page).locator('html').evaluate((html) => { html.dataset.same = 'yes'; });
  await slide(page, 's_measure', '75');
  await until('the line is longer', async () => (await style(page, '--measure')) === '75ch');
  await count(page, '2 changes, not live yet');
  assert.equal(await shown(page).locator('html').getAttribute('data-same'), 'yes', 'it was not drawn anew');
  assert.equal(await page.locator('output[for=s_measure]').innerText(), '75 letters');
  assert.ok(!(await visit(node, '/')).includes('class="moss'), 'visitors see what they saw');

  // What is hard to read is said, and what is no colour is not kept.
  await page.fill('[name=s_accent]', '#ffe9a8');
  await page.locator('[data-setting=accent] [data-contrast].bad', { hasText: 'Hard to read, 1.' }).waitFor();
  await page.fill('[name=s_accent]', 'reddish');
  await page.locator('[data-setting=accent] .err', { hasText: 'a colour such as' }).waitFor();
  await page.fill('[name=s_accent]', '#0b5d3b');
  await page.locator('[data-setting=accent] [data-contrast].good').waitFor();
  await count(page, '3 changes');

  // The draft is there on another device, and after signing out.
  const elsewhere = await signedIn(t, house);
  await elsewhere.page.goto(address);
  assert.equal(await elsewhere.page.locator('[name=s_accent]').inputValue(), '#0b5d3b');

  await page.locator('summary', { hasText: 'Share' }).click();
  await press(page, 'button[value=share]', /done=design-shared/);
  const link = await page.locator('#share-link').inputValue();
  const friend = await person(t, house.browser);
  await friend.page.goto(link);
  await friend.page.locator('html.moss').waitFor();

  await press(page, 'button[value=publish]', /done=design$/);
  assert.ok((await visit(node, '/')).includes('class="moss'));
  await count(page, 'As it is live');
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await page.waitForURL(/done=design-undone/);
  assert.ok(!(await visit(node, '/')).includes('class="moss'));
  await page.goto(`${node.panel}/admin/s/1/theme-history`);
  await axe(page, 'earlier designs');
  await press(page, 'tr:has-text("Published") button', /done=design-back/);
  assert.ok((await visit(node, '/')).includes('class="moss'));
});

// row: TH03
test('steps are taken back, and two who work at once see each other', async (t) => {
  const { page } = await signedIn(t, house, { colorScheme: 'dark' });
  await page.goto(address);
  await page.click('.cz-option:has-text("Ink")');
  await count(page, '1 change');
  await axe(page, 'the customiser in the dark');
  await Promise.all([page.waitForEvent('load'), page.click('[data-step=undo]')]);
  await count(page, 'As it is live');
  await Promise.all([page.waitForEvent('load'), page.click('[data-step=redo]')]);
  await count(page, '1 change');
  // A button that is pressed while what was typed is on its way waits for it: nobody is told of themselves.
  const accent = await page.inputValue('[name=s_accent]');
  await page.fill('[name=s_accent]', '#123456');
  await Promise.all([page.waitForEvent('load'), page.click('[data-step=undo]')]);
  await count(page, '1 change');
  assert.equal(await page.inputValue('[name=s_accent]'), accent);
  assert.equal(await page.locator('#notes', { hasText: 'opened it' }).count(), 0);
  const other = await signedIn(t, house);
  await other.page.goto(address);
  await page.click('.cz-option:has-text("Tide")');
  await shown(page).locator('html.tide').waitFor();
  await other.page.click('.cz-option:has-text("Paper")');
  await other.page.locator('#notes', { hasText: 'changed this design after you opened it' }).waitFor();
  await axe(other.page, 'somebody was faster');
  assert.match(await other.page.getByRole('link', { name: 'Compare theirs with live' }).getAttribute('href'), /theme-customise\/compare$/);
  await other.page.click('text=Show theirs');
  await other.page.locator('.cz-option:has-text("Tide") input:checked').waitFor({ state: 'attached' });
  await page.goto(`${address}/compare`);
  await page.locator('.cz-pair iframe').first().waitFor();
  await axe(page, 'beside what is live');
});

// row: TH03
test('without scripts and on a phone every step is a form', async (t) => {
  const { page } = await signedIn(t, house, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await page.goto(`${address}?options=all`);
  await noSideways(page, 'the customiser on a phone');
  await page.locator('summary', { hasText: 'Footer' }).click();
  await page.fill('[name=s_footer_text]', 'Written by the sea');
  await press(page, 'text=Keep as a draft', /done=design-kept/);
  // Enter keeps, and takes nothing back.
  await page.fill('[name=s_footer_text]', 'Written by the tide');
  await Promise.all([page.waitForEvent('load'), page.press('[name=s_footer_text]', 'Enter')]);
  await page.waitForURL(/done=design-kept/);
  assert.equal(await page.inputValue('[name=s_footer_text]'), 'Written by the tide');
  assert.ok(!(await visit(node, '/')).includes('Written by the'));
  await press(page, 'button[value=publish]', /done=design$/);
  assert.ok((await visit(node, '/')).includes('Written by the tide'));
  const { page: with_script } = await signedIn(t, house, { viewport: { width: 390, height: 844 } });
  await with_script.goto(address);
  await axe(with_script, 'the customiser on a phone');
  await noSideways(with_script, 'the customiser on a phone, with scripts');
  for (const width of [900, 320]) {
    await with_script.setViewportSize({ width, height: 844 });
    await noSideways(with_script, `the customiser at ${width} px`);
    assert.ok(await with_script.locator('#changes').isVisible(), `what is tried out is said at ${width} px`);
  }
});

// row: TH03. rule: B6
test('in the frame a script of the theme stays silent, and ours alone runs', async (t) => {
  const base = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../themes/croft/templates/base.html');
  const own = path.join(node.data, 'base.html');
  fs.writeFileSync(own, fs.readFileSync(base, 'utf8').replace('</body>', '<script>document.documentElement.dataset.ran = 1</script></body>'));
  await run(node.data, ['theme', 'new', 'loud', '--child-of', 'croft']);
  await run(node.data, ['theme', 'write', 'loud', 'templates/base.html', own]);
  await run(node.data, ['theme', 'activate', 'loud', '--site', '1']);
  // Chromium tells of each script that a policy stops as of an error: this person is not watched.
  const context = await house.browser.newContext({ viewport: DESK });
  t.after(() => context.close());
  const page = await context.newPage();
  await signIn(page, node);
  await page.goto(address);
  const html = shown(page).locator('html');
  await until('the script stands in the page', () => html.evaluate((page) => page.innerHTML.includes('dataset.ran')));
  await slide(page, 's_measure', '75');
  await until('ours runs', async () => (await style(page, '--measure')) === '75ch');
  assert.equal(await html.getAttribute('data-ran'), null);
});
