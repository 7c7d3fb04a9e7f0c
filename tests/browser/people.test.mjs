// People at the screen: signing in, two steps, recovery codes, sessions, a new password, tokens.
import test from 'node:test';
import assert from 'node:assert/strict';
import { OWNER, person, press, run, signIn, signedIn, startHouse, totp } from './lib.mjs';

const house = await startHouse();
const { node } = house;

/** Somebody of their own, so that no test is in another one's way. */
async function newcomer(name) {
  const who = { email: `${name}@example.org`, password: `${name}-walks-the-pier` };
  await run(node.data, ['user', 'create', who.email, '--site', '1', '--role', 'editor', '--password-stdin'], who.password);
  return who;
}

/** Switches two-step sign-in on; gives the key and the recovery codes. */
async function enrol(page) {
  await page.goto(`${node.panel}/admin/me/factor`);
  await page.click('button[value=begin]');
  const key = /[A-Z2-7 ]{16,}/.exec(await page.innerText('.enrol'))[0].replaceAll(' ', '');
  await page.fill('[name=code]', totp(key));
  await page.click('button[value=confirm]');
  await page.waitForSelector('.codes');
  return { key, codes: await page.$$eval('.codes li', (all) => all.map((li) => li.textContent.trim())) };
}

async function code(page, text, field = 'code') {
  await page.fill(`[name=${field}]`, text);
  await press(page, 'form button.primary', /./);
}

test('a wrong password says so and keeps the address', async (t) => {
  const { page } = await person(t, house.browser);
  await page.goto(`${node.panel}/admin/login`);
  await page.fill('[name=email]', OWNER.email);
  await page.fill('[name=password]', 'not-the-password');
  await press(page, 'form[action="/admin/login"] button.block', /\/admin\/login/);
  await page.waitForSelector('text=do not match');
  assert.equal(await page.inputValue('[name=email]'), OWNER.email);
  await signIn(page, node);
  assert.match(page.url(), /\/admin\/s\/1/);
});

// row: US05
test('the second step: an app code signs in once, a recovery code once, a wrong one never', async (t) => {
  const who = await newcomer('ida');
  const { page } = await signedIn(t, house, {}, who);
  const { key, codes } = await enrol(page);
  assert.ok(codes.length >= 8, `${codes}`);

  const other = await signedIn(t, house, {}, who);
  assert.match(other.page.url(), /\/admin\/login\/code/);
  await other.page.goto(`${node.panel}/admin/s/1`);
  assert.match(other.page.url(), /\/admin\/login/, 'the password alone opens nothing');
  await signIn(other.page, node, who);
  await code(other.page, '000000');
  await other.page.waitForSelector('[name=code]');
  // The step of the confirmation is spent; the next one is accepted ahead of its time.
  await code(other.page, totp(key, Date.now() + 30_000));
  await other.page.waitForURL(/\/admin\/s\/1/);

  const third = await signedIn(t, house, {}, who);
  await third.page.goto(`${node.panel}/admin/login/code?recovery=1`);
  await code(third.page, codes[0], 'recovery_code');
  await third.page.waitForURL(/\/admin\/s\/1/);

  await third.page.goto(`${node.panel}/admin/me/security`);
  assert.equal(await third.page.locator('.lines > li').count(), 3, 'three devices are signed in');
  await press(third.page, 'text=End all others');
  await other.page.goto(`${node.panel}/admin/s/1`);
  assert.match(other.page.url(), /\/admin\/login/, 'an ended session is out');
});

// row: US07
test('a new password lets the old one in no more, and ends the other sessions', async (t) => {
  const who = await newcomer('per');
  const { page } = await signedIn(t, house, {}, who);
  const other = await signedIn(t, house, {}, who);
  await page.goto(`${node.panel}/admin/me/security`);
  await page.fill('[name=current]', 'something else');
  await page.fill('[name=password]', 'a-lamp-on-the-far-shore');
  await press(page, 'button:has-text("Change the password")', /\/admin\/me\/password/);
  assert.equal(await page.getAttribute('[name=current]', 'aria-invalid'), 'true');
  await page.fill('[name=current]', who.password);
  await page.fill('[name=password]', 'a-lamp-on-the-far-shore');
  await press(page, 'button:has-text("Change the password")');
  await other.page.goto(`${node.panel}/admin/s/1`);
  assert.match(other.page.url(), /\/admin\/login/);
  await signIn(other.page, node, { ...who, password: 'a-lamp-on-the-far-shore' });
  assert.match(other.page.url(), /\/admin\/s\/1/);
});

// row: US02
test('the name under what one writes is changed in the profile, and so are the colours of the panel', async (t) => {
  const who = await newcomer('liv');
  const { page } = await signedIn(t, house, {}, who);
  await page.goto(`${node.panel}/admin/me`);
  await page.fill('[name=name]', 'Liv of the Mill');
  await page.selectOption('select[name=theme]', 'dark');
  await press(page, 'form.narrow button.primary');
  assert.match(await page.innerText('.side-foot'), /Liv of the Mill/);
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await page.click('.side-foot summary');
  const told = page.waitForResponse((r) => r.url().endsWith('/admin/me/appearance'));
  await page.click('[data-theme-switch] button[value=light]');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'light', 'at once');
  await told;
  await page.reload();
  assert.equal(await page.getAttribute('html', 'data-theme'), 'light', 'and from now on');
});

// row: US06
test('a token opens the API for a program until it is revoked', async (t) => {
  const who = await newcomer('ola');
  const { page } = await signedIn(t, house, {}, who);
  const ask = async (token) => (await fetch(`${node.panel}/api/v1/sites`, { headers: { authorization: `Bearer ${token}` } })).status;
  await page.goto(`${node.panel}/admin/me/tokens`);
  await page.fill('[name=name]', 'Photo uploader');
  await page.check('[name=scopes] >> nth=0');
  await press(page, 'button:has-text("Make the token")', /\/tokens/);
  const token = await page.getAttribute('.note.good [data-copy]', 'data-copy');
  assert.equal(await ask(token), 200);
  await page.goto(`${node.panel}/admin/me/tokens`);
  assert.ok(!(await page.content()).includes(token), 'it is shown once');
  await press(page, '[aria-label="Revoke Photo uploader"]');
  assert.equal(await ask(token), 401);
});
