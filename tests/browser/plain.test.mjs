// The panel without scripts: everything works by forms and links alone.
import test from 'node:test';
import assert from 'node:assert/strict';
import { begin, person, picture, press, pressAndConfirm, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse();
const { node } = house;
const plainly = { javaScriptEnabled: false };

/** A picture is drawn by somebody with scripts; what it is sent with has none. */
async function aPicture(t, name) {
  const { page } = await person(t, house.browser);
  return picture(page, name, 400, 250);
}

test('without scripts: a file is uploaded, described and put away', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  await page.goto(`${node.panel}/admin/s/1/media`);
  await page.setInputFiles('input[type=file]', await aPicture(t, 'pier.png'));
  await press(page, '.no-js:visible');
  assert.match(await page.innerText('.file-card h2'), /pier/);
  await page.fill('.file-card [name=alt]', 'A pier in the fog');
  await press(page, '.file-card button.primary');
  assert.equal(await page.inputValue('.file-card [name=alt]'), 'A pier in the fog');
  const address = new URL(await page.getAttribute('.file-card a[download]', 'href'), node.panel).pathname;
  await pressAndConfirm(page, '.file-card button:has-text("Delete the file")');
  await visit(node, address, 404);
});

test('without scripts: a menu is made, arranged and shown', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  await begin(page, node, 'Plain page', 'plain-page', 'pages');
  await press(page, 'header button[value=publish]');
  await page.goto(`${node.panel}/admin/s/1/menus`);
  await press(page, 'text=Make a menu of them');
  await page.fill('[name=label]', 'Harbour office');
  await page.fill('[name=url]', 'https://office.example.org/');
  await press(page, 'button:has-text("Add the link")');
  await press(page, '[aria-label="Move Harbour office up"]', /menus/);
  await page.selectOption('section[aria-label="Where menus stand"] select >> nth=0', { label: 'Main menu' });
  await press(page, 'section[aria-label="Where menus stand"] button.primary');
  const html = await visit(node, '/');
  assert.ok(html.indexOf('Harbour office') < html.indexOf('>Plain page<'), 'in the new order');
});

test('without scripts: a category is made, renamed and deleted', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  const list = `${node.panel}/admin/s/1/terms/category`;
  await page.goto(list);
  await page.fill('[name=name]', 'Tides');
  await press(page, 'button:has-text("Add")');
  await visit(node, '/category/tides/');
  await press(page, 'td.lead a:has-text("Tides")', /terms\/category\/\d+/);
  await page.fill('[name=name]', 'High tides');
  await press(page, 'form button.primary');
  await pressAndConfirm(page, 'button:has-text("Delete this category")');
  await visit(node, '/category/tides/', 404);
});

test('without scripts: a comment is sent, approved and answered', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  await begin(page, node, 'Talk', 'talk');
  await press(page, 'header button[value=publish]');
  const reader = await person(t, house.browser, plainly);
  await reader.page.goto(`${node.site}/talk/`);
  await reader.page.fill('#c-name', 'Tuva');
  await reader.page.fill('#c-email', 'tuva@example.net');
  await reader.page.fill('#c-body', 'Good to know.');
  await press(reader.page, '.say button', /said=waiting/);
  await page.goto(`${node.panel}/admin/s/1/comments`);
  await press(page, 'tr:has-text("Tuva") button:has-text("Approve")');
  assert.match(await visit(node, '/talk/'), /Good to know/);
  await page.goto(`${node.panel}/admin/s/1/comments?status=approved`);
  await press(page, 'tr:has-text("Tuva") a:has-text("Answer")', /open=/);
  await page.fill('[name=body]', 'You are welcome.');
  await press(page, 'button:has-text("Answer")');
  assert.match(await visit(node, '/talk/'), /You are welcome/);
});

test('without scripts: settings are saved and taken back', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  await page.goto(`${node.panel}/admin/s/1/settings/general`);
  await page.fill('[name=tagline]', 'Without a script');
  await press(page, 'form.narrow button.primary');
  assert.match(await visit(node, '/'), /Without a script/);
  await press(page, '.toast button:has-text("Undo")');
  assert.doesNotMatch(await visit(node, '/'), /Without a script/);
});

test('without scripts: somebody is invited, joins, gets another role and is taken off', async (t) => {
  const { page } = await signedIn(t, house, plainly);
  const people = `${node.panel}/admin/s/1/people`;
  await page.goto(`${people}?invite=1`);
  await page.fill('#invite [name=email]', 'nils@example.org');
  await page.check('#invite [name=role][value=author]');
  await press(page, '#invite button.primary', /\/people/);
  const link = await page.innerText('.note.good code');
  const other = await person(t, house.browser, plainly);
  await other.page.goto(link);
  await other.page.fill('[name=name]', 'Nils');
  await other.page.fill('[name=password]', 'a-bell-under-the-water');
  await press(other.page, 'button:has-text("Join")', /\/admin\/login/);
  await other.page.fill('[name=email]', 'nils@example.org');
  await other.page.fill('[name=password]', 'a-bell-under-the-water');
  await press(other.page, 'form[action="/admin/login"] button.block', /\/admin\/s\/1/);
  const answer = await other.page.goto(`${node.panel}/admin/s/1/pages`);
  assert.equal(answer.status(), 403, 'pages are the editors’');

  await page.goto(people);
  const row = 'tr:has-text("nils@example.org")';
  await page.selectOption(`${row} [name=role]`, 'editor');
  await press(page, `${row} button:has-text("Set")`);
  assert.equal((await other.page.goto(`${node.panel}/admin/s/1/pages`)).status(), 200);
  await press(page, `${row} button:has-text("Take off")`);
  assert.equal((await other.page.goto(`${node.panel}/admin/s/1/posts`)).status(), 404);
});
