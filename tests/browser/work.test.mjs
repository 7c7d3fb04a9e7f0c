// Slow work at the panel: a WordPress site comes in, followed live and without script; jobs and the audit log.
import test from 'node:test';
import assert from 'node:assert/strict';
import { axe, noSideways, person, setUp, startBrowser, startNode, visit } from './lib.mjs';

const cdata = (text) => `<![CDATA[${text}]]>`;

function wxr(posts) {
  const items = Array.from({ length: posts }, (_, n) => `<item><title>Morning ${n + 1}</title><link>https://old.example/morning-${n + 1}/</link>
    <dc:creator>ida</dc:creator><content:encoded>${cdata(`<p>${'We bake before the sun is up. '.repeat(30)}</p>`)}</content:encoded><wp:post_id>${n + 1}</wp:post_id>
    <wp:post_date_gmt>2020-01-01 05:00:00</wp:post_date_gmt><wp:post_name>morning-${n + 1}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>`);
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Old bakery</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
    <wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>${items.join('')}</channel></rss>`;
}

const file = (posts) => ({ name: 'bakery.xml', mimeType: 'text/xml', buffer: Buffer.from(wxr(posts)) });

// row: IE01. row: OP05
test('a WordPress site comes in and is followed live', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const { page } = await person(t, browser, { bypassCSP: true });
  await setUp(page, node);
  await page.goto(`${node.panel}/admin/s/1/import`);
  await axe(page, 'choosing');
  await Promise.all([page.waitForURL(/import\/\d+/), page.setInputFiles('input[type=file]', file(1500))]);
  await page.getByRole('button', { name: 'Bring it in' }).waitFor();
  await axe(page, 'what comes along');
  await noSideways(page, 'what comes along');
  const looked = page.url();
  await Promise.all([page.waitForURL((url) => url.href !== looked), page.getByRole('button', { name: 'Bring it in' }).click()]);
  const meter = page.locator('[data-job-meter]');
  // The page itself is never loaded again while the import runs: what moves came by the stream.
  await page.evaluate(() => { globalThis.sameDocument = true; });
  await page.waitForFunction(() => document.querySelector('[data-job-meter]')?.value > 5 || document.body.textContent.includes('It is here.'));
  assert.ok(await page.evaluate(() => !document.querySelector('[data-job-meter]') || globalThis.sameDocument === true));
  await page.getByText('It is here.').waitFor({ timeout: 120_000 });
  await axe(page, 'the report');
  assert.match(await visit(node, '/feed/'), /Morning/);
  for (const [path, words] of [['/admin/server/jobs', 'Import from WordPress'], ['/admin/s/1/audit', 'Download as CSV'], ['/admin/server/audit', 'has not been checked yet']]) {
    await page.goto(`${node.panel}${path}`);
    await page.getByText(words).first().waitFor();
    await axe(page, path);
  }
});

// row: IE01
test('the same without script: the page asks again by itself', async (t) => {
  const node = await startNode(t);
  const browser = await startBrowser(t);
  const first = await person(t, browser);
  await setUp(first.page, node);
  const { page } = await person(t, browser, { javaScriptEnabled: false, storageState: await first.context.storageState() });
  await page.goto(`${node.panel}/admin/s/1/import`);
  await page.setInputFiles('input[type=file]', file(20));
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('button', { name: 'Bring it in' }).click({ timeout: 60_000 });
  await page.getByText('It is here.').waitFor({ timeout: 60_000 });
});
