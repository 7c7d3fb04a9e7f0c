// People at the screen: two-step sign-in, recovery codes, sessions.
import test from 'node:test';
import assert from 'node:assert/strict';
import { OWNER, person, setUp, startBrowser, startNode, totp } from './lib.mjs';

/** Switches two-step sign-in on; gives the key and the recovery codes. */
async function enrol(page, node) {
  await page.goto(`${node.panel}/admin/me/factor`);
  await page.click('button[value=begin]');
  const key = /[A-Z2-7 ]{16,}/.exec(await page.innerText('.enrol'))[0].replaceAll(' ', '');
  await page.fill('[name=code]', totp(key));
  await page.click('button[value=confirm]');
  await page.waitForSelector('.codes');
  return { key, codes: await page.$$eval('.codes li', (all) => all.map((li) => li.textContent.trim())) };
}

async function password(page, node) {
  await page.goto(`${node.panel}/admin/login`);
  await page.fill('[name=email]', OWNER.email);
  await page.fill('[name=password]', OWNER.password);
  await Promise.all([page.waitForURL(/\/admin\/login\/code/), page.press('[name=password]', 'Enter')]);
}

async function code(page, text, field = 'code') {
  await page.fill(`[name=${field}]`, text);
  await page.press(`[name=${field}]`, 'Enter');
}

// row: US05
test('the second step: an app code signs in once, a recovery code once, a wrong one never', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser);
  await setUp(page, node);
  const { key, codes } = await enrol(page, node);
  assert.ok(codes.length >= 8, `${codes}`);

  const other = await person(t, browser);
  await password(other.page, node);
  await other.page.goto(`${node.panel}/admin/s/1`);
  assert.match(other.page.url(), /\/admin\/login/, 'the password alone opens nothing');
  await password(other.page, node);
  await code(other.page, '000000');
  await other.page.waitForSelector('[name=code]');
  // The step of the confirmation is spent; the next one is accepted ahead of its time.
  await code(other.page, totp(key, Date.now() + 30_000));
  await other.page.waitForURL(/\/admin\/s\/1/);

  const third = await person(t, browser);
  await password(third.page, node);
  await third.page.goto(`${node.panel}/admin/login/code?recovery=1`);
  await code(third.page, codes[0], 'recovery_code');
  await third.page.waitForURL(/\/admin\/s\/1/);

  await third.page.goto(`${node.panel}/admin/me/security`);
  assert.equal(await third.page.locator('.lines > li').count(), 3, 'three devices are signed in');
  await third.page.click('text=End all others');
  await other.page.goto(`${node.panel}/admin/s/1`);
  assert.match(other.page.url(), /\/admin\/login/, 'an ended session is out');
});
