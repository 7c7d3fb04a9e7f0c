// Plugins: one comes, is looked at and let run; a newer version that asks for more waits; its settings on a site.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { axe, noSideways, person, press, run, signedIn, startHouse, until, visit } from './lib.mjs';

const house = await startHouse({ posts: 3 });
const { node } = house;
const server = `${node.panel}/admin/server/plugins`;
const site = `${node.panel}/admin/s/1/plugins`;
const brought = fs.mkdtempSync(path.join(os.tmpdir(), 'plugins-'));
test.after(() => fs.rmSync(brought, { recursive: true, force: true }));

/** A folder with a plugin that writes a word below each entry; the word is a setting. */
function written(version, needs = '', id = 'signature') {
  const folder = fs.mkdtempSync(path.join(brought, 'one-'));
  fs.writeFileSync(path.join(folder, 'plugin.toml'), `[plugin]
id = "${id}"
name = "${id[0].toUpperCase()}${id.slice(1)}"
version = "${version}"
api = 1
author = "Ida Holm"
description = "Writes a word below each post."
${needs}
[hooks]
"entry.render" = true

[[settings]]
id = "word"
label = "The word"
type = "text"
default = "Farewell"
help = "Stands below each post."

[[settings]]
id = "key"
label = "Key of the archive"
type = "secret"

[[settings]]
id = "times"
label = "How often"
type = "number"
min = 1
max = 3
default = 1
`);
  fs.writeFileSync(path.join(folder, 'plugin.js'), 'freehold.on("entry.render", (e) => e.html + `<p>${freehold.settings.word}, version ' + version + '</p>`.repeat(freehold.settings.times));\n');
  return folder;
}

/** The address of a post. */
async function post() {
  const list = JSON.parse(await run(node.data, ['--json', 'content', 'list', '--site', '1']));
  return list.find((entry) => entry.type === 'post' && entry.status === 'published').path;
}
const address = await post();

// rows: PL01, PL02
test('a plugin is installed, seen for what it may do, let run, and switched on', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(server);
  await page.getByText('No plugins yet').waitFor();
  await axe(page, 'plugins, none');
  // What runs scripts is made with the first one: seconds, for which nobody need wait at a screen here.
  await run(node.data, ['plugin', 'enable', 'reading-time', '--yes']);
  await page.click('main a:has-text("Add a plugin") >> nth=0');
  await axe(page, 'adding a plugin');
  await page.setInputFiles('input[type=file]', { name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('nothing') });
  await page.getByText('neither a zip nor a tar.gz').waitFor();
  await run(node.data, ['plugin', 'install', written('1.0.0', '[needs]\ncapabilities = ["kv"]')]);
  await page.goto(server);
  await page.click('a:has-text("Signature")');
  await page.getByRole('heading', { name: 'Let Signature run?' }).waitFor();
  const asked = await page.locator('main').innerText();
  assert.match(asked, /Changes how entries look to visitors/);
  assert.match(asked, /Keeps notes of its own for this site/);
  await axe(page, 'consent');
  assert.ok(!(await visit(node, address)).includes('Farewell'), 'nothing runs yet');
  await press(page, 'text=Agree and let it run');
  await axe(page, 'a plugin');
  await page.goto(site);
  await axe(page, 'plugins of a site');
  await press(page, '[aria-label="Switch Signature on"]');
  assert.ok((await visit(node, address)).includes('Farewell, version 1.0.0'));
});

// row: PL04
test('its settings are a form, and a secret is never shown again', async (t) => {
  const { page } = await signedIn(t, house);
  await page.goto(`${site}/signature`);
  await axe(page, 'settings of a plugin');
  await page.fill('#word', 'So long');
  await page.fill('#key', 'canary-of-the-quay');
  await page.fill('#times', '2');
  await press(page, 'main form.card button:has-text("Save")');
  assert.equal(await page.inputValue('#word'), 'So long');
  assert.equal(await page.inputValue('#key'), '');
  assert.ok(!(await page.content()).includes('canary-of-the-quay'));
  await page.getByText('Forget Key of the archive').waitFor();
  assert.equal((await visit(node, address)).split('So long, version 1.0.0').length, 3, 'twice, at once');
});

// row: PL02
test('a newer version that asks for more waits until somebody agrees', async (t) => {
  const { page } = await signedIn(t, house);
  await run(node.data, ['plugin', 'install', written('2.0.0', '[needs]\ncapabilities = ["kv", "secrets"]')]);
  assert.ok((await visit(node, address)).includes('version 1.0.0'), 'the one that is here runs on');
  await page.goto(`${node.panel}/admin/notices`);
  await page.getByText('Version 2.0.0 of the plugin Signature waits for you').waitFor();
  await page.goto(`${server}/signature`);
  await page.click('main a:has-text("Look at it")');
  const asked = await page.locator('main').innerText();
  assert.match(asked, /It asks for more than before/);
  assert.match(asked, /Reads the secrets that you type into its own settings\s+New/);
  await axe(page, 'consent to an update');
  await press(page, 'text=Keep version 1.0.0');
  assert.ok((await visit(node, address)).includes('version 1.0.0'));
  await run(node.data, ['plugin', 'install', written('2.0.0', '[needs]\ncapabilities = ["kv", "secrets"]')]);
  await page.goto(`${server}/signature/consent`);
  await press(page, 'text=Agree and update');
  await until('the newer version runs', async () => (await visit(node, address)).includes('version 2.0.0'));
});

test('all pages of plugins look right, also on a phone and in the dark, and work without scripts', async (t) => {
  await run(node.data, ['plugin', 'install', written('1.0.0', '[needs]\ncapabilities = ["kv", "secrets"]', 'closing')]);
  for (const options of [{}, { colorScheme: 'dark' }, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false }]) {
    const { page } = await signedIn(t, house, options);
    for (const [name, url] of [
      ['installed', server],
      ['add', `${node.panel}/admin/server/plugin-add`],
      ['one', `${server}/signature`],
      ['consent', `${server}/closing/consent`],
      ['site', site],
      ['settings', `${site}/signature`],
    ]) {
      await page.goto(url);
      await noSideways(page, name);
      if (process.env.LOOKS) {
        const kind = options.colorScheme ?? (options.viewport ? 'phone' : 'wide');
        await page.screenshot({ path: path.join(process.env.LOOKS, `plugins-${name}-${kind}.png`), fullPage: true });
      }
    }
    if (options.javaScriptEnabled === false) {
      await page.goto(site);
      await page.click('[aria-label="Switch Signature off"]');
      await page.waitForURL(/done=plugin-off/);
      assert.ok(!(await visit(node, address)).includes('So long'));
    }
  }
});

test('who may not change the settings has no plugins', async (t) => {
  const { page } = await person(t, house.browser);
  const answer = await page.goto(site);
  assert.match(answer.url(), /login/);
});
