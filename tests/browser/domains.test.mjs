// A name of one's own: typed, set up against a real name server, live; in both colours, on a phone, and without script.
import test from 'node:test';
import assert from 'node:assert/strict';
import { looks, person, press, setUp, startBrowser, startNode } from './lib.mjs';
import { startNames } from './names.mjs';

const OLD = ['@ A 198.51.100.7', '@ MX 10 mail.elsewhere.example.', '@ TXT "v=spf1 mx ~all"'];
const NEW = ['@ A 203.0.113.10', '@ AAAA 2001:db8:4f::10', '@ MX 10 mail.elsewhere.example.', 'www CNAME harbour.example.'];

async function begin(t, options = { bypassCSP: true }) {
  const names = await startNames(t, { 'harbour.example': OLD });
  const [node, browser] = [await startNode(t, { env: names.env }), await startBrowser(t)];
  const first = await person(t, browser, options);
  await setUp(first.page, node);
  return { names, node, browser, ...first };
}

// row: H023, H024, H032
test('a name is set up while its page watches, and becomes the main address', async (t) => {
  const { names, node, page } = await begin(t);
  await page.goto(`${node.panel}/admin/s/1/domains`);
  await looks(page, 'domains');
  await page.click('a:has-text("Add a domain")');
  await looks(page, 'a name to add');
  await page.fill('#host', 'https://Harbour.example/about');
  await press(page, 'form button.primary', /\/domains\/harbour\.example/);
  await page.getByText('Remove the old A record 198.51.100.7.').waitFor();
  await page.getByText('Gandi runs the DNS').waitFor();
  await looks(page, 'the set-up');
  // The page is read anew by itself as soon as the name points here.
  await names.zone('harbour.example', NEW);
  await page.getByText('It is live:').waitFor();
  await page.getByText('Every network sees the new address.').waitFor();
  await looks(page, 'the set-up, done');
  await press(page, 'a:has-text("Health")', /\/health$/);
  await page.getByText('Nobody has looked yet').waitFor();
  await press(page, '.head button.primary', /asked=/);
  await page.getByText('There is only one; if it stops').waitFor();
  await looks(page, 'health');
  await page.goto(`${node.panel}/admin/server/domains?q=harbour`);
  await page.getByText('Added by a hosting admin').first().waitFor();
  await looks(page, 'all names');
  await page.goto(`${node.panel}/admin/s/1/domains`);
  await looks(page, 'domains with names');
  const main = page.locator('tr', { has: page.locator('.badge', { hasText: 'Main' }) });
  assert.match(await main.innerText(), /harbour\.example[\s\S]*Points here/);
});

// row: H023
test('the same without script: the page asks again by itself', async (t) => {
  const { names, node, browser, context } = await begin(t);
  const { page } = await person(t, browser, { javaScriptEnabled: false, storageState: await context.storageState() });
  await page.goto(`${node.panel}/admin/s/1/domains/new`);
  await page.fill('#host', 'harbour.example');
  await page.check('[name=what][value=alias]');
  await Promise.all([page.waitForURL(/\/domains\/harbour\.example/), page.click('form button.primary')]);
  await page.getByText('Remove the old A record 198.51.100.7.').waitFor();
  await names.zone('harbour.example', NEW);
  await page.getByText('It is live:').waitFor();
  await page.click('a:has-text("Back")');
  const row = page.locator('tr', { has: page.getByText('harbour.example', { exact: false }) }).filter({ hasText: 'Points here' }).first();
  await row.locator('summary').click();
  await row.getByText('Remove…').click();
  await page.getByText('no longer finds the site').waitFor();
  await Promise.all([page.waitForURL(/done=removed/), page.click('button:has-text("Remove")')]);
});
