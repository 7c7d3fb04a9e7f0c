// Several sites in one house: their own names, their own people; nobody sees what is not theirs. Settings of a site.
import test from 'node:test';
import assert from 'node:assert/strict';
import { begin, person, press, publish, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse();
const { node } = house;
const port = new URL(node.site).port;

/** Makes a site in the panel; gives its number and its name on this machine. */
async function newSite(page, title, name) {
  await page.goto(`${node.panel}/admin/sites/new`);
  await page.fill('[name=title]', title);
  await press(page, 'button:has-text("Make the site")', /\/admin\/s\/\d+\?done=site/);
  return { id: /\/s\/(\d+)/.exec(page.url())[1], address: `http://${name}.localhost:${port}` };
}

/** Invites somebody to a site; they take the link, choose a password and sign in. */
async function invited(t, owner, site, email, role) {
  await owner.goto(`${node.panel}/admin/s/${site}/people`);
  await owner.click('summary:has-text("Invite somebody")');
  await owner.fill('#invite [name=email]', email);
  await owner.check(`#invite [name=role][value=${role}]`);
  await press(owner, '#invite button.primary', /\/people/);
  const link = await owner.getAttribute('.note.good [data-copy]', 'data-copy');
  const { page } = await person(t, house.browser);
  await page.goto(link);
  await page.fill('[name=name]', email.split('@')[0]);
  await page.fill('[name=password]', 'a-rope-of-seven-strands');
  await press(page, 'button:has-text("Join")', /\/admin\/login/);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', 'a-rope-of-seven-strands');
  await press(page, 'form[action="/admin/login"] button.block', /\/admin\/s\//);
  return { page, link };
}

// row: CM29
test('a second site answers at its own name, with its own words', async (t) => {
  const { page } = await signedIn(t, house);
  const second = await newSite(page, 'The Boatyard', 'the-boatyard');
  await page.goto(`${node.panel}/admin/s/${second.id}/posts/new`);
  await page.fill('#title', 'A new keel');
  await page.fill('[name=slug]', 'keel');
  await publish(page);
  const reader = await person(t, house.browser);
  await reader.page.goto(`${second.address}/keel/`);
  assert.match(await reader.page.innerText('h1'), /A new keel/);
  await visit(node, '/keel/', 404);
  await page.goto(`${node.panel}/admin/s/${second.id}`);
  await page.click('details.sites summary');
  await press(page, 'details.sites a:has-text("Harbour")', /\/admin\/s\/1$/);
});

// row: CM29, US01
test('who works on one site does not see that there is another', async (t) => {
  const { page } = await signedIn(t, house);
  await begin(page, node, 'Secret of the harbour', 'secret');
  const mill = await newSite(page, 'The Mill', 'the-mill');
  const { page: jonas, link } = await invited(t, page, mill.id, 'jonas@example.org', 'editor');
  assert.equal(new URL(jonas.url()).pathname, `/admin/s/${mill.id}`);
  assert.doesNotMatch(await jonas.innerText('body'), /Harbour|Server/);
  assert.equal(await jonas.locator('details.sites').count(), 0, 'one site needs no switch');
  for (const path of ['/admin/s/1', '/admin/s/1/posts', '/admin/s/1/media', '/admin/s/1/people', '/admin/s/1/settings/general', '/admin/s/4711', '/admin/server', '/admin/server/people']) {
    const answer = await jonas.goto(`${node.panel}${path}`);
    assert.equal(answer.status(), path.startsWith('/admin/s/') ? 404 : 403, path);
    assert.doesNotMatch(await jonas.innerText('body'), /Harbour/, path);
  }
  await jonas.goto(`${node.panel}/admin/search?q=secret`);
  assert.doesNotMatch(await jonas.innerText('main'), /Secret of the harbour/);
  await jonas.goto(`${node.panel}/admin/s/${mill.id}/posts`);

  const late = await person(t, house.browser);
  const answer = await late.page.goto(link);
  assert.ok(answer.status() >= 400, 'a link works once');

  await page.goto(`${node.panel}/admin/s/${mill.id}/people`);
  await press(page, '[aria-label="Take off: jonas"]');
  await jonas.reload();
  assert.doesNotMatch(await jonas.innerText('body'), /The Mill/, 'taken off, at the next press');
});

// row: CM22
test('settings are saved, seen by visitors, and taken back with one press', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/settings/general`);
  await page.fill('[name=tagline]', 'Bread and boats since 1911');
  await press(page, 'form.narrow button.primary');
  assert.match(await visit(node, '/'), /Bread and boats since 1911/);
  await press(page, '.toast button:has-text("Undo")', /done=undone/);
  assert.doesNotMatch(await visit(node, '/'), /Bread and boats since 1911/);

  await page.goto(`${node.panel}/admin/s/1/settings/reading`);
  await page.fill('[name=page_size]', '0');
  await press(page, 'form.narrow button.primary', /reading/);
  assert.equal(await page.getAttribute('[name=page_size]', 'aria-invalid'), 'true');
  assert.equal(await page.inputValue('[name=page_size]'), '0', 'what was typed is kept');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.errors') !== null), true, 'the summary has the focus');
});

test('a site that is deleted is gone for visitors too', async (t) => {
  const { page } = await signedIn(t, house);
  const short = await newSite(page, 'Short Lived', 'short-lived');
  const reader = await person(t, house.browser);
  await reader.page.goto(`${short.address}/`);
  await reader.page.waitForSelector('h1:has-text("Short Lived")');
  await page.goto(`${node.panel}/admin/s/${short.id}/settings/delete`);
  await page.fill('[name=typed]', 'Short');
  await press(page, 'button.danger', /delete/);
  await page.fill('[name=typed]', 'Short Lived');
  await press(page, 'button.danger', /done=site-deleted/);
  const answer = await reader.page.goto(`${short.address}/`);
  assert.ok(answer.status() >= 400, `${answer.status()}`);
});
