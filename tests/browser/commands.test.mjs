// Commands at set times and a terminal: set up, run, followed live, without script too; typed into a real shell.
import test from 'node:test';
import assert from 'node:assert/strict';
import { axe, noSideways, person, press, pressAndConfirm, signedIn, startHouse, startNode, startBrowser, setUp } from './lib.mjs';

const house = await startHouse({ posts: 0, unprivileged: true, env: { FREEHOLD__TERMINAL__ENABLED: 'true' } });
const { node } = house;
const cron = `${node.panel}/admin/s/1/cron`;

// row: H115
test('a command is set up in words, shows its next runs while they are typed, and is run and followed live', async (t) => {
  const { page } = await signedIn(t, house, { bypassCSP: true });
  await page.goto(cron);
  await page.getByText('Nothing runs by itself yet').waitFor();
  await axe(page, 'no commands');
  await page.getByRole('link', { name: 'New command' }).first().click();
  await page.fill('[name=name]', 'Greeting');
  await page.fill('[name=command]', 'for n in 1 2 3; do echo "turn $n"; sleep 0.7; done; echo "<b>done</b>"');
  await page.fill('[name=schedule]', 'Every weekday at 07:30');
  await page.locator('#preview').getByText('30 7 * * 1-5').waitFor();
  assert.equal(await page.locator('#preview .upcoming li').count(), 5);
  await page.fill('[name=schedule]', '*/15 * * * *');
  await page.locator('#preview').getByText('Every 15 minutes').waitFor();
  await page.fill('[name=schedule]', 'every 7 minutes');
  await page.locator('#preview .err').waitFor();
  await axe(page, 'the editor');
  await noSideways(page, 'the editor');
  await page.fill('[name=schedule]', 'Every day at 03:00');
  await page.selectOption('[name=time_zone]', 'Europe/Stockholm');
  await page.locator('#preview').getByText('Europe/Stockholm').waitFor();
  await press(page, '.form-foot button.primary');
  await page.getByText('It has not run yet').waitFor();
  await axe(page, 'the command');
  await Promise.all([page.waitForURL(/\/runs\/\d+/), page.getByRole('button', { name: 'Run now' }).click()]);
  // What it says comes while it runs, on the same page; at the end the page says more.
  await page.evaluate(() => { globalThis.sameDocument = true; });
  await page.locator('[data-stream]').getByText('turn 1').waitFor();
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
  await page.getByText('Went well').first().waitFor();
  assert.match(await page.locator('.output').textContent(), /^turn 1\nturn 2\nturn 3\n<b>done<\/b>\n$/);
  await axe(page, 'the result');
  await page.goto(cron);
  await page.getByText('Went well').waitFor();
  await axe(page, 'the list');
  await noSideways(page, 'the list');
});

// row: H115
test('the same without script, on a phone, in the dark; stopped and removed', async (t) => {
  const options = { javaScriptEnabled: false, viewport: { width: 390, height: 844 }, colorScheme: 'dark' };
  const { page } = await signedIn(t, house, options);
  await page.goto(`${cron}/new`);
  await page.fill('[name=name]', 'Long <i>"work"</i> $(id)');
  await page.fill('[name=command]', 'echo begun; sleep 300');
  await page.fill('[name=schedule]', '0 0 1 1 *');
  await press(page, 'button[value=preview]', /cron\/new/);
  await page.getByText('Every year on 1 January at 00:00').waitFor();
  assert.equal(await page.inputValue('[name=command]'), 'echo begun; sleep 300', 'nothing that was typed is lost');
  await press(page, '.form-foot button.primary');
  await page.getByRole('heading', { name: 'Long <i>"work"</i> $(id)' }).waitFor();
  await Promise.all([page.waitForURL(/\/runs\/\d+/), page.click('button[value=run]')]);
  await page.getByText('begun').waitFor();
  await noSideways(page, 'a run on a phone');
  await press(page, 'button[value=stop]', /\/runs\/\d+/);
  await page.getByText('Stopped on request.').waitFor();
  await page.goto(cron);
  await noSideways(page, 'the list on a phone');
  await page.getByRole('link', { name: 'Long' }).click();
  await pressAndConfirm(page, 'button[value=remove]');
  assert.doesNotMatch(await page.textContent('main'), /Long/);
});

// row: H145
test('a terminal opens by a button, and what is typed there is done', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/terminal`);
  await press(page, 'button.primary', /terminal/);
  await page.getByText('Connected').waitFor();
  assert.equal(await page.locator('[data-ticket]').count(), 0, 'the ticket is not left in the page');
  await page.keyboard.type('echo h$((40+2))i; pwd; id -un\n');
  await page.locator('.xterm-rows').getByText('h42i').waitFor();
  await page.locator('.xterm-rows').getByText('/home/account').first().waitFor();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.keyboard.type('clear; stty size\n');
  await page.waitForFunction(() => /\d+ \d+/.test(document.querySelector('.xterm-rows')?.textContent ?? ''));
  // Neither title nor clipboard of the browser are the shell's.
  await page.keyboard.type("printf '\\033]0;stolen\\007\\033]52;c;c3RvbGVu\\007done\\n'\n");
  await page.locator('.xterm-rows').getByText('done').first().waitFor();
  assert.doesNotMatch(await page.title(), /stolen/);
  await page.keyboard.type('exit\n');
  await page.getByText('Closed: the shell ended').waitFor();
});

// row: H145
test('the page of the terminal is for everybody, and says why there is none', async (t) => {
  const { page } = await signedIn(t, house, { bypassCSP: true });
  await page.goto(`${node.panel}/admin/s/1/terminal`);
  await axe(page, 'before the terminal');
  await press(page, 'button.primary', /terminal/);
  await page.getByText('Connected').waitFor();
  await axe(page, 'the terminal');
  await noSideways(page, 'the terminal');
  const off = await startNode(t, {});
  const browser = await startBrowser(t);
  const other = await person(t, browser);
  await setUp(other.page, off);
  await other.page.goto(`${off.panel}/admin/s/1/terminal`);
  await other.page.getByText('Terminals are off on this server').waitFor();
});
