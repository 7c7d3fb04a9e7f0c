// Passkeys with the browser's own virtual device, the page that asks for a fresh proof, the security page.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { OWNER, axe, noSideways, person, press, run, signIn, signedIn, startHouse, totp } from './lib.mjs';

const house = await startHouse();
const { node } = house;

/** Somebody of their own, so that no test is in another one's way. */
async function newcomer(name) {
  const who = { email: `${name}@example.org`, password: `${name}-walks-the-pier` };
  await run(node.data, ['user', 'create', who.email, '--site', '1', '--role', 'editor', '--password-stdin'], who.password);
  return who;
}

/** A device that keeps passkeys, in this context. `patient`: it waits to be asked by a button. */
async function device(page, { patient = true } = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const options = {
    protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: !patient,
  };
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  const finger = (enabled) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  const keys = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  const put = (credential) => cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  return { finger, keys, put, cdp, authenticatorId };
}

/** Adds a passkey on the person's own page; gives the recovery codes, if some came. */
async function addKey(page, key, name) {
  await page.goto(`${node.panel}/admin/me/security`);
  await page.fill('#new-name', name);
  await key.finger(true);
  await press(page, 'form[data-make] [data-go]', /passkeys|done=passkey/);
  await key.finger(false);
  return page.$$eval('.codes li', (all) => all.map((li) => li.textContent.trim()));
}

/** Makes the last proof of everybody an old one, past the running node. */
function age() {
  const sql = 'UPDATE sessions SET confirmed_at = confirmed_at - 3600000';
  const db = path.join(node.data, 'freehold.db');
  execFileSync('python3', ['-c', 'import sqlite3,sys; c = sqlite3.connect(sys.argv[1], timeout=30); c.execute(sys.argv[2]); c.commit()', db, sql]);
}

// row: H135
test('a passkey is added, signs in by the button, is the second step, and is renamed and removed', async (t) => {
  const who = await newcomer('ida');
  const { page } = await signedIn(t, house, {}, who);
  const key = await device(page);
  const codes = await addKey(page, key, 'My phone');
  assert.equal(codes.length, 10, 'the first one brings recovery codes');
  await page.goto(`${node.panel}/admin/me/security`);
  await page.waitForSelector('text=not used yet');

  await page.context().clearCookies();
  await page.goto(`${node.panel}/admin/login?next=%2Fadmin%2Fme`);
  await key.finger(true);
  // A device that answers by itself may answer in the field of the address already.
  await page.click('form[data-waits] [data-go]').catch(() => {});
  await page.waitForURL(`${node.panel}/admin/me`);
  await key.finger(false);
  await page.goto(`${node.panel}/admin/me/security`);
  assert.equal(await page.locator('text=not used yet').count(), 0);

  await page.context().clearCookies();
  await signIn(page, node, who);
  assert.match(page.url(), /\/admin\/login\/code/, 'the password alone is half');
  await page.waitForSelector('h1:has-text("Use your passkey")');
  await key.finger(true);
  await press(page, '[data-passkey] [data-go]', /\/admin\/s\/1/);
  await key.finger(false);

  await page.goto(`${node.panel}/admin/me/security`);
  await page.click('summary[aria-label="Change My phone"]');
  await page.fill('input[value="My phone"]', 'Old phone');
  await press(page, 'details[open] button[value=rename]');
  await page.click('summary[aria-label="Change Old phone"]');
  await press(page, 'details[open] button[value=remove]');
  await page.waitForSelector('text=A key on your phone');
  await page.context().clearCookies();
  await signIn(page, node, who);
  assert.match(page.url(), /\/admin\/s\/1/);
});

// row: H135
test('the field of the address offers the passkey', async (t) => {
  const who = await newcomer('siv');
  const { page } = await signedIn(t, house, {}, who);
  const key = await device(page);
  await addKey(page, key, 'Laptop');
  await page.context().clearCookies();
  await key.finger(true);
  const text = await (await page.request.get(`${node.panel}/admin/login`)).text();
  assert.match(text, /autocomplete="username webauthn"/);
  // The virtual device chooses at once what a person would press in the list below the field.
  await page.goto(`${node.panel}/admin/login`);
  await page.waitForURL(/\/admin\/s\/1/);
});

// row: H135
test('closing the window of the device says what to do, and the challenge is not kept', async (t) => {
  const { page } = await person(t, house.browser);
  await page.addInitScript(() => {
    navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await page.goto(`${node.panel}/admin/login`);
  await page.click('form[data-waits] [data-go]');
  await page.waitForSelector('text=Nothing was chosen');
  await axe(page, 'sign-in with a refusal');
});

// row: H135. rule: C4
test('a dangerous button asks anew after ten minutes, by passkey or by password, and then does just that', async (t) => {
  const who = await newcomer('lars');
  await run(node.data, ['user', 'role', who.email, 'hosting_admin']);
  const { page } = await signedIn(t, house, {}, who);
  const key = await device(page);
  const codes = await addKey(page, key, 'Stick');
  await newcomer('gone');
  await page.goto(`${node.panel}/admin/server/people?q=gone`);
  await page.click('tbody a');
  const profile = page.url();
  age();
  await press(page, 'button[value=disable]', /\/admin\/confirm/);
  await page.waitForSelector('text=keep this person out');
  await axe(page, 'the page that asks anew');
  await noSideways(page, 'the page that asks anew');
  await page.fill('form:not([data-passkey]) [name=password]', 'not-the-password');
  await page.fill('[name=code]', codes[0]);
  await press(page, 'form:not([data-passkey]) button.block', /\/admin\/confirm/);
  await page.waitForSelector('text=This is not your password');
  await key.finger(true);
  await page.click('[data-passkey] [data-go]');
  await page.waitForURL(/people\/\d+\?done=changed/);
  await key.finger(false);
  await page.waitForSelector('button[value=enable]');

  age();
  await page.goto(`${node.panel}/admin/me/security`);
  await page.fill('#new-name', 'Another');
  await press(page, 'form[data-make] [data-go]', /\/admin\/confirm\?next=/);
  await page.fill('form:not([data-passkey]) [name=password]', who.password);
  await page.fill('[name=code]', codes[1]);
  await press(page, 'form:not([data-passkey]) button.block', /\/admin\/me\/security/);

  await t.test('without script one more press does it', async (inner) => {
    const plain = await person(inner, house.browser, { javaScriptEnabled: false, storageState: await page.context().storageState() });
    age();
    await plain.page.goto(profile);
    await press(plain.page, 'button[value=disable], button[value=enable]', /./);
    const dead = await plain.page.locator('button[value=disable]').count();
    if (dead) await press(plain.page, 'button[value=disable]', /\/admin\/confirm/);
    assert.equal(await plain.page.locator('[data-passkey]:visible').count(), 0);
    await plain.page.fill('form:not([data-passkey]) [name=password]', who.password);
    await plain.page.fill('[name=code]', codes[2]);
    await press(plain.page, 'form:not([data-passkey]) button.block', /\/admin\/confirm/);
    await press(plain.page, 'button:has-text("Keep this person out")', /done=changed/);
    await plain.page.waitForSelector('button[value=enable]');
  });
});

// row: H135. rule: C5
test('who must have a second factor sets one up before anything else: a passkey, or an app without script', async (t) => {
  const [first, second] = [await newcomer('eva'), await newcomer('tor')];
  await run(node.data, ['security', 'second-factor', '--of', 'everybody']);
  t.after(() => run(node.data, ['security', 'second-factor', '--of', 'none']));
  const { page } = await signedIn(t, house, {}, first);
  await page.waitForURL(/\/admin\/login\/factor/);
  await axe(page, 'setting up the first factor');
  const key = await device(page);
  await key.finger(true);
  await press(page, 'form[data-make] [data-go]', /\/admin\/login\/factor/);
  await page.waitForSelector('.codes li');
  await page.goto(`${node.panel}/admin/s/1`);
  assert.match(page.url(), /\/admin\/s\/1/);

  const plain = await person(t, house.browser, { javaScriptEnabled: false });
  await signIn(plain.page, node, second);
  await press(plain.page, 'button[value=begin]', /factor/);
  const secret = /[A-Z2-7 ]{16,}/.exec(await plain.page.innerText('.enrol'))[0].replaceAll(' ', '');
  await plain.page.fill('[name=code]', totp(secret));
  await press(plain.page, 'button[value=confirm]', /factor/);
  await plain.page.waitForSelector('.codes li');
});

// rows: H137 H144
test('the security page says what is open, and networks are blocked and let in, in both colours and on a phone', async (t) => {
  for (const options of [{}, { colorScheme: 'dark' }, { viewport: { width: 390, height: 844 } }, { javaScriptEnabled: false }]) {
    const { page } = await signedIn(t, house, options);
    const look = options.javaScriptEnabled === false ? async () => {} : axe;
    const sideways = options.javaScriptEnabled === false ? async () => {} : noSideways;
    await page.goto(`${node.panel}/admin/server/security`);
    await page.waitForSelector('text=Only Freehold reads the key file');
    await page.waitForSelector('text=without a second factor');
    await look(page, 'security');
    await sideways(page, 'security');
    await page.goto(`${node.panel}/admin/server/security/networks`);
    await page.waitForSelector('text=No network is kept out');
    await page.fill('#network', '203.0.113.77/24');
    await press(page, 'button[value=block]');
    await page.waitForSelector('text=203.0.113.0/24');
    await look(page, 'networks');
    await sideways(page, 'networks');
    await press(page, 'button[value=let-in]');
    await page.waitForSelector('text=No network is kept out');
    for (const address of ['/admin/me/security', '/admin/me/tokens', '/admin/server/people/1', '/admin/confirm']) {
      await page.goto(`${node.panel}${address}`);
      await look(page, address);
      await sideways(page, address);
    }
  }
});

// row: H135
test('a passkey button shows only where the passkey works', async (t) => {
  const elsewhere = await person(t, house.browser);
  await elsewhere.page.goto(`${node.panel.replace('localhost', '127.0.0.1')}/admin/login`);
  await elsewhere.page.waitForSelector('text=Passkeys work at');
  assert.equal(await elsewhere.page.locator('[data-passkey]:visible').count(), 0);
  const plain = await person(t, house.browser, { javaScriptEnabled: false });
  await plain.page.goto(`${node.panel}/admin/login`);
  assert.equal(await plain.page.locator('[data-passkey]:visible').count(), 0);
  await signIn(plain.page, node, OWNER);
  assert.match(plain.page.url(), /\/admin\/s\/1/);
});
