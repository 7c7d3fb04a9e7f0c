// Customers at the screen: a plan, a reseller, an account, its owner; suspended, restored, closed, taken back.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { OWNER, accept, axe, noSideways, person, press, run, signIn, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse();
const { node } = house;
const LOOKS = [['light', 1440, 900], ['dark', 1440, 900], ['light', 390, 844]];

/** Looks at a page in both themes and on a phone. */
async function looks(t, who, addresses) {
  for (const [colorScheme, width, height] of LOOKS) {
    const { page } = await signedIn(t, house, { colorScheme, viewport: { width, height } }, who);
    for (const address of addresses) {
      await page.goto(`${node.panel}${address}`);
      const name = `${address} ${colorScheme} ${width}`;
      await axe(page, name);
      await noSideways(page, name);
    }
  }
}

/** Makes an account on the page for it; ends on its page. Gives its address. */
async function makeAccount(page, { title, owner, plan, host = '' }) {
  await page.goto(`${node.panel}/admin/server/accounts/new`);
  await page.fill('[name=title]', title);
  await page.fill('[name=owner]', owner);
  await page.selectOption('[name=plan]', { label: plan });
  await page.fill('[name=host]', host);
  await press(page, 'form.narrow button.primary', /accounts/);
  assert.equal(await page.innerText('h1'), title);
  const post = await page.getAttribute('form[action$="/people"]', 'action');
  // A name that a reseller names is a claim until it is shown to be theirs, or the hosting admin lets it be served.
  if (host) await run(node.data, ['domain', 'approve', host]);
  return post.replace('/people', '');
}

/** Asks for a site by its host name. */
function answers(host) {
  return new Promise((done, failed) => {
    http.get(`${node.site}/`, { headers: { host } }, (answer) => done({ status: answer.resume().statusCode })).on('error', failed);
  });
}

// row: H001 H002 H003 H004 H012 H018 H021
for (const javaScriptEnabled of [true, false]) {
  const name = javaScriptEnabled ? 'Kust' : 'Fjord';
  test(`from a plan to an account that is suspended, restored, closed and taken back, ${javaScriptEnabled ? 'with' : 'without'} script`, async (t) => {
    const options = { javaScriptEnabled };
    const admin = await signedIn(t, house, options);
    const page = admin.page;
    const lower = name.toLowerCase();

    await page.goto(`${node.panel}/admin/server/plans`);
    if (await page.locator('text=Make these three').count()) await press(page, 'text=Make these three');
    await page.goto(`${node.panel}/admin/server/plans/new`);
    await page.fill('[name=name]', `${name} Small`);
    for (const limit of ['disk_mb', 'traffic_gb', 'sites']) {
      await page.uncheck(`[name=${limit}_free]`);
      await page.fill(`[name=${limit}]`, limit === 'sites' ? '1' : '100');
    }
    await page.uncheck('[name=features][value=terminal]');
    await press(page, 'button:has-text("Make the plan")');

    await page.goto(`${node.panel}/admin/server/resellers/new`);
    await page.fill('[name=name]', name);
    await page.uncheck('[name=disk_mb_free]').catch(() => {});
    await page.fill('[name=disk_mb]', '1000');
    await press(page, 'button:has-text("Make the reseller")');
    const email = `kim@${lower}.example`;
    await page.fill('#people [name=email]', email);
    await press(page, '#people button:has-text("Invite")', /resellers/);
    const reseller = await accept(t, house, page, email, options);

    // The reseller: its own hat, its own brand, its own customers.
    await reseller.page.goto(`${node.panel}/admin`);
    assert.match(reseller.page.url(), /\/admin\/server$/);
    const menu = (await reseller.page.innerText('nav.nav')).replace(/\s+/g, ' ');
    assert.match(menu, /Accounts/);
    assert.doesNotMatch(menu, /People|All sites|Audit|Settings/);
    await reseller.page.click('text=Resellers >> nth=0');
    await press(reseller.page, `a.title:has-text("${name}")`, /resellers\/\d/);
    await reseller.page.fill('[name=brand]', `${name} AB`);
    await reseller.page.fill('[name=colour]', '#7fd4b0');
    await reseller.page.fill('[name=support_url]', 'https://help.example.org/');
    await press(reseller.page, 'text=Save the brand', /brand/);
    assert.match(await reseller.page.innerText('#colour-help'), /darker/);
    await reseller.page.fill('[name=colour]', '#7a1f5c');
    await press(reseller.page, 'text=Save the brand');
    assert.equal(await reseller.page.innerText('.wordmark'), `${name} AB`);

    const host = `${lower}-brandt.example`;
    const account = await makeAccount(reseller.page, { title: `${name} Brandt`, owner: `owner@${lower}.example`, plan: `${name} Small`, host });
    const owner = await accept(t, house, reseller.page, `owner@${lower}.example`, options);
    assert.equal((await answers(host)).status, 200, 'the first site welcomes at once');
    await owner.page.goto(`${node.panel}/admin`);
    assert.equal(await owner.page.innerText('.wordmark'), `${name} AB`, 'the reseller sells under its own name');
    await press(owner.page, 'nav.nav a:has-text("Plan and usage")', /usage/);
    assert.match(await owner.page.innerText('.uses'), /Disk/);

    // As its owner, with the bar; nothing of one's own is reachable meanwhile.
    await page.goto(`${node.panel}${account}`);
    await press(page, 'text=Open as owner', /\/admin\/s\/\d/);
    assert.match(await page.innerText('.as-owner'), new RegExp(`${name} Brandt as its owner`));
    await press(page, '.as-owner button', /accounts\/\d/);

    await page.fill('#suspend [name=reason]', 'unpaid since March');
    await press(page, '#suspend button');
    assert.equal((await answers(host)).status, 503);
    await owner.page.goto(`${node.panel}/admin`);
    const calm = await owner.page.innerText('main');
    assert.match(calm, /is suspended/);
    assert.match(calm, /Unpaid since March/);
    assert.equal(await owner.page.getAttribute('main a', 'href'), 'https://help.example.org/');
    await press(page, 'text=End the suspension');
    assert.equal((await answers(host)).status, 200);
    await owner.page.goto(`${node.panel}/admin`);
    assert.match(owner.page.url(), /\/admin\/s\/\d/);

    await page.click('text=Close…');
    await page.waitForURL(/close$/);
    assert.match(await page.innerText('form.ask'), new RegExp(host));
    await page.fill('[name=typed]', 'something else');
    await press(page, 'button.danger', /close$/);
    assert.equal((await answers(host)).status, 200, 'a wrong name closes nothing');
    await page.fill('[name=typed]', `${name} Brandt`);
    await press(page, 'button.danger');
    assert.equal((await answers(host)).status, 421);
    await press(page, 'text=Take back');
    assert.equal((await answers(host)).status, 200);

    // Another reseller's tree is as missing.
    const first = await reseller.page.request.get(`${node.panel}/admin/server/accounts/1`);
    const missing = await reseller.page.request.get(`${node.panel}/admin/server/accounts/999999`);
    assert.deepEqual([first.status(), missing.status()], [404, 404]);
  });
}

// row: H005 H010 H011
test('people of an account, a smaller plan that lists what is over it, and what a plan leaves out', async (t) => {
  const { page } = await signedIn(t, house);
  const account = await makeAccount(page, { title: 'Skog & Data', owner: 'ops@skog.example', plan: 'No plan: nothing is limited' });
  const owner = await accept(t, house, page, 'ops@skog.example');
  await owner.page.goto(`${node.panel}/admin`);
  await press(owner.page, 'nav.nav a:has-text("Plan and usage")', /usage/);
  await press(owner.page, 'text=People of the account', /people/);
  await owner.page.click('.fold-in summary');
  await owner.page.fill('[name=email]', 'books@skog.example');
  await owner.page.check('[name=role][value=billing]');
  await press(owner.page, 'button[value=invite]', /people/);
  const books = await accept(t, house, owner.page, 'books@skog.example');
  await books.page.goto(`${node.panel}/admin`);
  assert.match(books.page.url(), /\/admin\/account\/\d+\/usage/, 'who looks after the plan sees the plan');

  for (const n of [1, 2]) {
    await owner.page.goto(`${node.panel}/admin/sites/new`);
    await owner.page.fill('[name=title]', `Side ${n}`);
    await press(owner.page, 'form.narrow button.primary', /\/admin\/s\/\d/);
  }
  await page.goto(`${node.panel}${account}`);
  await page.selectOption('select[name=plan]', { label: 'Kust Small' });
  await press(page, 'text=Change the plan');
  assert.match(await page.innerText('main'), /More than the plan has: 3 of 1 sites/);
  await owner.page.goto(`${node.panel}/admin/sites/new`);
  await owner.page.fill('[name=title]', 'One too many');
  const [answer] = await Promise.all([owner.page.waitForResponse((r) => r.request().method() === 'POST'), owner.page.click('form.narrow button.primary')]);
  assert.equal(answer.status(), 409);
});

// row: H017
test('accounts from a table: every line is tried first, then done by a job', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/server/accounts/import`);
  await page.fill('[name=text]', [
    'title,owner,plan,domain,action',
    'Villa Tång,boka@villa.example,Kust Small,villa.example,create',
    'Nobody,,,,suspend',
    'Pust,,No such plan,pust.example,create',
    'Kvarnby,not an address,,,create',
  ].join('\n'));
  await press(page, 'text=See what would happen', /import/);
  const lines = await page.$$eval('tbody tr', (all) => all.map((tr) => tr.innerText.replace(/\s+/g, ' ')));
  assert.equal(lines.length, 4);
  assert.equal(lines.filter((line) => /Refused/.test(line)).length, 3);
  assert.match(lines.find((line) => /Villa/.test(line)), /Can be done/);
  assert.equal((await answers('villa.example')).status, 421, 'nothing is done yet');
  await press(page, 'button:has-text("Do these"), button:has-text("Do this")', /import\/\d+/);
  await page.waitForSelector('text=was done');
  assert.equal((await answers('villa.example')).status, 200);
  await page.goto(`${node.panel}/admin/server/accounts?q=villa`);
  assert.match(await page.innerText('tbody'), /boka@villa\.example/);
});

test('several accounts are suspended at once, with a reason', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/server/accounts?q=villa`);
  await page.check('tbody .pick input');
  await page.click('.bulk button[value=suspend]');
  await page.fill('#suspend-dialog [name=reason]', 'moved away');
  await press(page, '#suspend-dialog button.danger');
  await page.goto(`${node.panel}/admin/server/accounts?show=suspended`);
  assert.match(await page.innerText('tbody'), /Villa/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=Export')]);
  assert.equal(file.suggestedFilename(), 'accounts.csv');
  await page.check('tbody .pick input');
  await press(page, '.bulk button[value=unsuspend]');
  assert.equal((await answers('villa.example')).status, 200);
});

test('the pages of customers are for everybody: no axe finding in both themes, nothing too wide on a phone', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/server/accounts`);
  const one = await page.getAttribute('tbody a.title', 'href');
  await page.goto(`${node.panel}/admin/server/plans`);
  const plan = await page.getAttribute('tbody a.title', 'href');
  await page.goto(`${node.panel}/admin/server/resellers`);
  const reseller = await page.getAttribute('tbody a.title', 'href');
  await looks(t, OWNER, [
    '/admin/server', '/admin/server/accounts', '/admin/server/accounts?show=closed', '/admin/server/accounts?q=nobody-has-this',
    '/admin/server/accounts/new', '/admin/server/accounts/import', one, `${one}/close`,
    '/admin/server/plans', plan, '/admin/server/plans/new', '/admin/server/resellers', reseller, '/admin/server/resellers/new', '/admin/s/1/usage',
  ]);
  await looks(t, { email: 'books@skog.example', password: 'a-boat-below-the-moon' }, ['/admin']);
  await visit(node, '/');
});
