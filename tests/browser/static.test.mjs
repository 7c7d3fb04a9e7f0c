// A site of one's own files and its rules: what leads on, what is private, what a folder and a missing page answer.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { axe, looks, person, press, signedIn, startHouse } from './lib.mjs';

const house = await startHouse();
const { node } = house;
const HOST = 'yard.localhost';
const port = new URL(node.site).port;
const at = (address, host = HOST) => `http://${host}:${port}${address}`;
let base;

/** The files of the site, as its visitors get them. */
function put(name, text) {
  const place = path.join(node.data, 'accounts/1/home', HOST, 'public', name);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, text);
}

/** What a visitor gets, without following anything. */
function ask(address, { host = HOST, headers = {} } = {}) {
  return new Promise((done, failed) => {
    http.get(`${node.site}${address}`, { headers: { host: `${host}:${port}`, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { text += part; });
      answer.on('end', () => done({ status: answer.statusCode, text, headers: answer.headers }));
    }).on('error', failed);
  });
}

test('a site of files is made, and visitors see what is in its folder', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/sites/new`);
  await page.fill('[name=title]', 'The Boatyard');
  await page.fill('[name=host]', HOST);
  await page.selectOption('[name=start]', 'files');
  await press(page, 'form.narrow button.primary', /\/admin\/s\/\d/);
  base = /\/admin\/s\/\d+/.exec(page.url())[0];
  put('index.html', '<!doctype html><title>Yard</title><h1>Boats for hire</h1>');
  assert.match((await ask('/')).text, /Boats for hire/);
});

// row: H027
test('an old address is led to a new one, tried first, followed by a browser, changed and removed', async (t) => {
  const { page } = await signedIn(t, house);
  put('prices.html', '<!doctype html><title>Prices</title><h1>Prices of this year</h1>');
  await page.goto(`${node.panel}${base}/redirects`);
  await page.getByText('No redirects yet').waitFor();
  await looks(page, 'no redirects');
  await page.fill('[name=source]', 'no slash');
  await page.fill('[name=target]', '/prices.html');
  await press(page, 'form button.primary', /redirects/);
  assert.ok(await page.locator('.errors a[href="#source"]').count(), 'what is wrong is said on top and leads to its field');
  assert.equal(await page.inputValue('[name=target]'), '/prices.html', 'what was typed is not lost');
  await looks(page, 'a wrong redirect');
  await page.fill('[name=source]', '/price-list-2019');
  await press(page, 'form button.primary', /done=added/);
  await looks(page, 'redirects');

  await page.fill('[name=try]', '/price-list-2019');
  await press(page, '#try button', /try=/);
  assert.match(await page.innerText('#try [role=status]'), /\/prices\.html/);

  const visitor = await person(t, house.browser);
  await visitor.page.goto(at('/price-list-2019?from=leaflet'));
  assert.equal(visitor.page.url(), at('/prices.html?from=leaflet'), 'what stands after ? goes along');
  assert.match(await visitor.page.innerText('h1'), /Prices of this year/);

  await press(page, 'a.title:has-text("/price-list-2019")', /edit=/);
  await page.selectOption('[name=status]', '302');
  await press(page, '#one button.primary', /done=saved/);
  assert.equal((await ask('/price-list-2019')).status, 302);
  await press(page, '[aria-label="Remove the redirect of /price-list-2019"]', /done=removed/);
  assert.equal((await ask('/price-list-2019')).status, 404);
});

test('a private folder asks for its password and lets in who has it', async (t) => {
  const { page } = await signedIn(t, house);
  put('members/index.html', '<!doctype html><title>Members</title><h1>The key hangs behind the door</h1>');
  const wallet = (name, password) => ({ headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` } });
  assert.equal((await ask('/members/')).status, 200);
  await page.goto(`${node.panel}${base}/rules`);
  await looks(page, 'rules of files');
  await page.fill('#folder-prefix', '/members');
  await page.fill('[name=title]', 'Members');
  await press(page, 'button:has-text("Make it private")', /rules\?done=/);
  assert.equal((await ask('/members/')).status, 401, 'nobody gets in before somebody may');
  await page.click('text=Let somebody in');
  await page.fill('[name=name] >> nth=0', 'astrid');
  await page.fill('[type=password]', 'short');
  await press(page, 'button[value=let-in]', /rules/);
  await page.waitForSelector('details[open] .err');
  await looks(page, 'a password that is too short');
  const password = 'a-boat-below-the-moon';
  await page.fill('[type=password]', password);
  await press(page, 'button[value=let-in]', /done=/);
  assert.match((await ask('/members/', wallet('astrid', password))).text, /behind the door/);
  assert.equal((await ask('/members/', wallet('astrid', 'guessed'))).status, 401);

  const member = await person(t, house.browser, { httpCredentials: { username: 'astrid', password } });
  await member.page.goto(at('/members/'));
  assert.match(await member.page.innerText('h1'), /behind the door/);
  await looks(page, 'rules with a private folder');
  await press(page, '[aria-label="Take astrid off /members"]', /done=/);
  assert.equal((await ask('/members/', wallet('astrid', password))).status, 401, 'who is taken off stays outside');
  await press(page, 'button:has-text("Open to all")', /done=/);
  assert.equal((await ask('/members/')).status, 200);
});

// row: H048
test('a folder shows what is in it only where that is switched on', async (t) => {
  const { page } = await signedIn(t, house);
  put('plans/dinghy.txt', 'oak');
  put('plans/.env', 'SECRET=1');
  assert.ok([403, 404].includes((await ask('/plans/')).status));
  await page.goto(`${node.panel}${base}/rules`);
  await page.check('[name=listing]');
  await press(page, 'form button.primary', /done=/);
  const listed = await ask('/plans/');
  assert.equal(listed.status, 200);
  assert.match(listed.text, /dinghy\.txt/);
  assert.doesNotMatch(listed.text, /\.env/, 'what is never served is not named either');
  const visitor = await person(t, house.browser);
  await visitor.page.goto(at('/plans/'));
  await axe(visitor.page, 'a listed folder');
  await page.uncheck('[name=listing]');
  await press(page, 'form button.primary', /done=/);
  assert.ok([403, 404].includes((await ask('/plans/')).status));
});

// row: H047
test('a page of one’s own says that something is missing', async (t) => {
  const { page } = await signedIn(t, house);
  put('lost.html', '<!doctype html><title>Lost</title><h1>Lost at sea</h1>');
  assert.doesNotMatch((await ask('/nowhere')).text, /Lost at sea/);
  await page.goto(`${node.panel}${base}/rules`);
  await page.fill('[name=page_404]', '/lost.html');
  await press(page, 'form button.primary', /done=/);
  const lost = await ask('/nowhere');
  assert.deepEqual([lost.status, /Lost at sea/.test(lost.text)], [404, true], 'the page is shown, and it still says that nothing is there');
  await page.fill('[name=page_404]', '');
  await press(page, 'form button.primary', /done=/);
  assert.doesNotMatch((await ask('/nowhere')).text, /Lost at sea/);
});

// row: H028
test('names with www. lead to those without, or the other way round', async (t) => {
  const { page } = await signedIn(t, house);
  const [bare, www] = ['yard.example', 'www.yard.example'];
  for (const name of [bare, www]) {
    await page.goto(`${node.panel}${base}/domains/new`);
    await page.fill('#host', name);
    await page.check('[name=what][value=alias]');
    await page.uncheck('[name=www]');
    await press(page, 'form button.primary', /\/domains\/[a-z.]+\.example/);
    assert.equal((await ask('/', { host: name })).status, 200, 'both answer to begin with');
  }
  await page.goto(`${node.panel}${base}/rules`);
  await page.selectOption('[name=www]', 'without');
  await press(page, 'form button.primary', /done=/);
  const away = await ask('/prices.html?a=1', { host: www });
  assert.equal(Math.floor(away.status / 100), 3);
  assert.equal(away.headers.location, at('/prices.html?a=1', bare));
  await page.selectOption('[name=www]', 'with');
  await press(page, 'form button.primary', /done=/);
  assert.equal((await ask('/prices.html', { host: bare })).headers.location, at('/prices.html', www));
  await page.selectOption('[name=www]', '');
  await press(page, 'form button.primary', /done=/);
  assert.deepEqual([(await ask('/', { host: bare })).status, (await ask('/', { host: www })).status], [200, 200]);
});

test('the rules work without script', async (t) => {
  const { page } = await signedIn(t, house, { javaScriptEnabled: false });
  await page.goto(`${node.panel}${base}/rules`);
  await page.fill('#header-name', 'cache-control');
  await page.fill('[name=value]', 'max-age=77');
  await page.fill('#header-prefix', '/plans');
  await press(page, 'button:has-text("Add the header")', /done=/);
  assert.match((await ask('/plans/dinghy.txt')).headers['cache-control'], /max-age=77/);
  await press(page, '[aria-label="Remove cache-control"]', /done=/);
  assert.doesNotMatch((await ask('/plans/dinghy.txt')).headers['cache-control'] ?? '', /max-age=77/);
});
