// A WordPress site comes in through the panel, and the pages that tell what runs and who did what.
import test from 'node:test';
import assert from 'node:assert/strict';
import { drop, press, signedIn, startHouse, visit } from './lib.mjs';

const house = await startHouse();
const { node } = house;

const item = (n) => `<item><title>Old news ${n}</title><link>https://old.example/2024/05/01/old-news-${n}/</link><dc:creator>ida</dc:creator>
<content:encoded><![CDATA[<p>Words of ${n}.</p>]]></content:encoded><excerpt:encoded></excerpt:encoded><wp:post_id>${n}</wp:post_id>
<wp:post_date>2024-05-01 08:00:00</wp:post_date><wp:post_date_gmt>2024-05-01 08:00:00</wp:post_date_gmt><wp:post_name>old-news-${n}</wp:post_name>
<wp:status>publish</wp:status><wp:post_parent>0</wp:post_parent><wp:menu_order>0</wp:menu_order><wp:post_type>post</wp:post_type><wp:post_password></wp:post_password>
<wp:is_sticky>0</wp:is_sticky><category domain="category" nicename="news"><![CDATA[News]]></category></item>`;

/** An export of a small WordPress site. */
const wxr = (posts) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old site</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ida</wp:author_login><wp:author_email>ida@example.net</wp:author_email><wp:author_display_name><![CDATA[Ida Berg]]></wp:author_display_name></wp:author>
<wp:category><wp:term_id>11</wp:term_id><wp:category_nicename>news</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name><![CDATA[News]]></wp:cat_name></wp:category>
${Array.from({ length: posts }, (_, n) => item(n + 1)).join('\n')}
</channel></rss>`);

// row: IE01
test('an export is dropped, looked at, brought in before one’s eyes, and reported', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/import`);
  await drop(page, 'main', { name: 'old-site.xml', mimeType: 'text/xml', buffer: wxr(40) });
  await page.waitForURL(/\/import\/\d+$/);
  // Nobody reloads: the page follows by itself.
  await page.waitForSelector('text=What comes along');
  assert.match(await page.innerText('tr:has-text("Posts")'), /40/);
  assert.doesNotMatch(await visit(node, '/'), /Old news/, 'nothing is written yet');
  await page.click('button[value=run]');
  await page.waitForSelector('text=It is here.');
  assert.match(await page.innerText('tr:has-text("Posts")'), /40/);
  assert.match(await visit(node, '/?s=%22Words+of+7%22'), /Old news (<mark>)?7/);

  await page.goto(`${node.panel}/admin/s/1/jobs`);
  await press(page, 'td.lead a:has-text("Import") >> nth=0', /jobs\/\d+/);
  await page.waitForSelector('text=About');
  await page.goto(`${node.panel}/admin/s/1/audit`);
  assert.match(await page.innerText('table'), /old-site\.xml/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=Download as CSV')]);
  assert.match(file.suggestedFilename(), /\.csv$/);
});

// row: IE01
test('what is no export says so, and nothing changes', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/s/1/import`);
  await drop(page, 'main', { name: 'letter.xml', mimeType: 'text/xml', buffer: Buffer.from('<letter>Dear Mara</letter>') });
  await page.waitForSelector('text=cannot be brought in');
  await page.click('text=Choose another file');
  await page.waitForURL(/\/import$/);
});

// row: OP05
test('the hosting admin sees all jobs and the whole audit log, and has it checked', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${node.panel}/admin/server/jobs`);
  await page.waitForSelector('table td.lead');
  await page.goto(`${node.panel}/admin/server/audit`);
  await press(page, 'button:has-text("Check now")', /audit/);
  await page.fill('[name=who]', 'nobody@example.org');
  await press(page, 'form.filters button:has-text("Show")', /who=/);
  await page.waitForSelector('text=Nothing matches');
});
