// Files of a site's account: brought in, arranged, written in, thrown away, by hand and by keys.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { axe, noSideways, person, picture, press, pressAndConfirm, signIn, signedIn, startHouse, until } from './lib.mjs';

const house = await startHouse();
const files = `${house.node.panel}/admin/s/1/files`;
const home = path.join(house.node.data, 'accounts/1/home');

/** A folder of the account for one test, with these files. Gives its place on the disk and its address. */
async function folder(name, contents = {}) {
  // The service makes an account's folders when somebody first looks.
  await until('the account has its home', () => fs.existsSync(home));
  const place = path.join(home, name);
  fs.mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(contents)) {
    fs.mkdirSync(path.dirname(path.join(place, file)), { recursive: true });
    fs.writeFileSync(path.join(place, file), text);
  }
  return { place, at: `${files}/${name}`, has: (file) => fs.existsSync(path.join(place, file)), text: (file) => fs.readFileSync(path.join(place, file), 'utf8') };
}

/** A file outside, as somebody's computer has it. */
function own(name, bytes) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'own-')), name);
  fs.writeFileSync(file, bytes);
  return file;
}

const begin = async (t, options = {}) => {
  const someone = await signedIn(t, house, options);
  await someone.page.goto(files);
  return someone;
};

/** Waits for the part of the page that changes to stand at an address. */
const shown = async (page, address) => {
  await page.waitForURL(address);
  await page.waitForSelector('[data-part]:not([aria-busy])');
};

/** Makes uploads slow, so that there is time to stop them. */
async function slowly(page) {
  const wire = await page.context().newCDPSession(page);
  await wire.send('Network.enable');
  await wire.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 5 << 20 });
}

// row: H077
test('an account without files shows where to drop the first ones', async (t) => {
  const { page } = await begin(t);
  await page.waitForSelector('.fm-drop.big');
  assert.match(await page.innerText('.fm-drop'), /Your files live here/);
  await axe(page, 'no files');
  await page.setInputFiles('#files-input', own('first.txt', 'hello'));
  await page.waitForSelector('a.title:has-text("first.txt")');
  assert.equal(fs.readFileSync(path.join(home, 'first.txt'), 'utf8'), 'hello');
});

// row: H077
test('a folder that is dropped comes in with everything in it, empty folders too', async (t) => {
  const { page } = await begin(t);
  const { at, text, has } = await folder('dropped', { 'here.txt': '' });
  await page.goto(at);
  // A browser gives a dropped folder as entries; a test can only play them.
  const transfer = await page.evaluateHandle(() => {
    const file = (name, words) => ({ isFile: true, isDirectory: false, name, file: (done) => done(new File([words], name)) });
    const dir = (name, inside) => {
      let given = false;
      return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries: (done) => { done(given ? [] : inside); given = true; } }) };
    };
    DataTransferItem.prototype.webkitGetAsEntry = () => dir('trip', [file('one.txt', '1'), dir('deep', [file('two.txt', '22')]), dir('empty', [])]);
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'trip'));
    return data;
  });
  for (const event of ['dragenter', 'dragover']) await page.dispatchEvent('main', event, { dataTransfer: transfer });
  await page.waitForSelector('.fm-over');
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await page.waitForSelector('.tray >> text=3 uploaded');
  await page.waitForSelector('a.title:has-text("trip")');
  assert.deepEqual([text('trip/one.txt'), text('trip/deep/two.txt'), has('trip/empty')], ['1', '22', true]);
});

// row: H077
test('an upload is paused, the tray stays while one walks through folders, and it goes on where it stopped', async (t) => {
  const { page } = await begin(t);
  const { at, place } = await folder('large', { 'below/a.txt': 'a' });
  await page.goto(at);
  await slowly(page);
  const bytes = Buffer.alloc(24 << 20, 'tide');
  const file = own('film.bin', bytes);
  await page.setInputFiles('#files-input', file);
  await page.waitForFunction(() => document.querySelector('.tray progress')?.value > 0.2);
  await page.click('.tray header button:has-text("Pause")');
  await page.waitForSelector('.tray >> text=Paused at');
  await page.click('a.title:has-text("below")');
  await shown(page, /large\/below$/);
  await page.waitForSelector('.tray >> text=Paused at');

  // The page is left: the same file, chosen again, goes on.
  await page.goto(at);
  await page.waitForSelector('.tray >> text=1 upload waits');
  await slowly(page);
  const parts = [];
  page.on('request', (request) => { if (request.method() === 'PUT') parts.push(Number(/at=(\d+)/.exec(request.url())[1])); });
  await page.setInputFiles('#files-input', file);
  await page.waitForSelector('.tray >> text=1 uploaded');
  assert.ok(parts[0] > 0, `it began at ${parts[0]}`);
  assert.ok(fs.readFileSync(path.join(place, 'film.bin')).equals(bytes), 'byte for byte');
});

// row: H077
test('a name that is taken is asked about', async (t) => {
  const { page } = await begin(t);
  const { at, text, has } = await folder('taken', { 'a.txt': 'old' });
  await page.goto(at);
  await page.setInputFiles('#files-input', own('a.txt', 'new'));
  await page.click('.tray li >> text=Keep both');
  await page.waitForSelector('.tray >> text=1 uploaded');
  assert.deepEqual([text('a.txt'), text('a (2).txt')], ['old', 'new']);
  await page.setInputFiles('#files-input', own('a.txt', 'newer'));
  await page.click('.tray li >> text=Replace');
  await page.waitForSelector('.tray >> text=1 uploaded');
  assert.equal(text('a.txt'), 'newer');
  await page.setInputFiles('#files-input', own('a.txt', 'never'));
  await page.click('.tray li >> text=Leave out');
  await page.waitForSelector('.tray >> text=Left out');
  assert.equal(text('a.txt'), 'newer');
  assert.ok(!has('a (3).txt'));
});

// row: H077
test('an answer is for one file, and for all only where that is asked', async (t) => {
  const { page } = await begin(t);
  const { at, text } = await folder('several', { 'a.txt': 'old', 'b.txt': 'old', 'c.txt': 'old' });
  await page.goto(at);
  const files = () => ['a.txt', 'b.txt', 'c.txt'].map((name) => own(name, 'new'));
  await page.setInputFiles('#files-input', files());
  const row = (name) => page.locator('.tray li', { hasText: name });
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await row(name).locator('.acts >> text=Replace').waitFor();
  await row('b.txt').locator('.acts >> text=Replace').click();
  await row('b.txt').locator('text=Done').waitFor();
  assert.deepEqual([text('a.txt'), text('b.txt'), text('c.txt')], ['old', 'new', 'old']);
  await page.click('.tray > .all >> text=Replace');
  await page.waitForSelector('.tray >> text=3 uploaded');
  assert.deepEqual([text('a.txt'), text('c.txt')], ['new', 'new']);
});

// row: H077
test('F2 renames in place, with the stem selected', async (t) => {
  const { page } = await begin(t);
  const { at, has } = await folder('renamed', { 'tide.js': '1', 'wave.js': '2' });
  await page.goto(at);
  await page.keyboard.press('j');
  await page.keyboard.press('F2');
  const chosen = await page.evaluate(() => { const field = document.activeElement; return field.value.slice(field.selectionStart, field.selectionEnd); });
  assert.equal(chosen, 'tide');
  await page.keyboard.type('tide-table');
  await Promise.all([page.waitForURL(/done=file-renamed/), page.keyboard.press('Enter')]);
  assert.ok(has('tide-table.js') && !has('tide.js'));

  await page.keyboard.press('j');
  await page.keyboard.press('F2');
  await page.keyboard.type('other');
  await page.keyboard.press('Escape');
  await page.waitForSelector('a.title:has-text("tide-table.js")');
  // A name that is taken is refused, and nothing is lost.
  await page.keyboard.press('F2');
  await page.keyboard.type('wave');
  await Promise.all([page.waitForSelector('.errors'), page.keyboard.press('Enter')]);
  assert.match(await page.innerText('.errors'), /wave\.js.* exists already/);
  assert.ok(has('tide-table.js') && has('wave.js'));
});

// row: H077
test('files are cut by one key and pasted in another folder by another; copied by the button and the page', async (t) => {
  const { page } = await begin(t);
  const { at, has } = await folder('moved', { 'a.txt': 'a', 'b.txt': 'b', 'there/c.txt': 'c' });
  await page.goto(at);
  for (const name of ['a.txt', 'b.txt']) await page.check(`input[value="${name}"]`);
  assert.match(await page.innerText('.fm-bar .cnt'), /2 selected\s+· 2 B/);
  const told = await page.evaluate(() => {
    document.querySelector('input[value="b.txt"]').click();
    const words = document.querySelector('.fm-bar .cnt').innerText;
    document.querySelector('input[value="b.txt"]').click();
    return words;
  });
  assert.match(told, /1 selected\s+· 1 B/, 'number and size are written in the same moment');
  await page.keyboard.press('Control+x');
  await page.waitForSelector('[data-paste]');
  await page.click('a.title:has-text("there")');
  await shown(page, /moved\/there$/);
  await page.waitForSelector('[data-paste]');
  await page.check('input[value="c.txt"]');
  assert.match(await page.innerText('.fm-bar .cnt'), /1 selected\s+· 1 B/, 'also in a list that came in place');
  await page.uncheck('input[value="c.txt"]');
  await Promise.all([page.waitForURL(/done=file-moved/), page.keyboard.press('Control+v')]);
  assert.ok(has('there/a.txt') && has('there/b.txt') && !has('a.txt'));

  await page.check('input[value="a.txt"]');
  await Promise.all([page.waitForEvent('load'), page.click('.fm-bar button:has-text("Copy…")')]);
  await axe(page, 'where to');
  await page.check('input[name=place][value="moved"]');
  await press(page, 'button:has-text("Copy there")');
  assert.ok(has('a.txt') && has('there/a.txt'));
});

// row: H078, H088
test('a text is written in, saved by Ctrl+S with its encoding and line ends, and its versions come back', async (t) => {
  const { page } = await begin(t);
  const { at, text } = await folder('written', { 'old.css': Buffer.from('a { color: red }\r\n/* caf\xe9 */\r\n', 'latin1') });
  await page.goto(`${at}?open=old.css`);
  await press(page, '.fm-file a:has-text("Edit")', /as=edit/);
  await page.waitForSelector('.cm-editor .cm-line span');
  assert.deepEqual([await page.inputValue('[name=encoding]'), await page.inputValue('[name=end]')], ['windows-1252', 'crlf']);
  await axe(page, 'editor');
  const saved = () => page.waitForFunction(() => document.querySelector('[data-saved]').textContent === 'Saved');
  await page.keyboard.type('b { }');
  await page.waitForSelector('[data-saved]:has-text("Not saved yet")');
  await page.keyboard.press('Control+s');
  await saved();
  assert.equal(fs.readFileSync(path.join(home, 'written/old.css')).toString('latin1'), 'b { }a { color: red }\r\n/* caf\xe9 */\r\n');
  await page.selectOption('[name=encoding]', 'utf-8');
  await page.selectOption('[name=end]', 'lf');
  await page.click('button.primary:has-text("Save")');
  await saved();
  assert.equal(text('old.css'), 'b { }a { color: red }\n/* café */\n');

  await page.goto(`${at}?open=old.css`);
  assert.equal(await page.locator('.vlist li').count(), 3, 'as it was found, and two saves');
  await press(page, '.vlist li:last-child a:has-text("Compare")', /as=version/);
  assert.match(await page.innerText('.sbs'), /b \{ \}/);
  await axe(page, 'compare');
  await press(page, 'button:has-text("Restore this version")');
  assert.equal(fs.readFileSync(path.join(home, 'written/old.css')).toString('latin1'), 'a { color: red }\r\n/* caf\xe9 */\r\n');
});

// row: H078
test('two people who save one file both keep what they wrote', async (t) => {
  const { page, context } = await begin(t);
  const { at, text } = await folder('both', { 'a.txt': 'one\ntwo\nthree\nfour\n' });
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto(`${at}/a.txt?as=edit`);
    await tab.waitForSelector('.cm-editor');
  }
  await other.bringToFront();
  await other.click('.cm-line >> nth=3');
  await other.keyboard.press('End');
  await other.keyboard.type(' (theirs)');
  await other.keyboard.press('Control+s');
  await other.waitForFunction(() => document.querySelector('[data-saved]').textContent === 'Saved');

  await page.bringToFront();
  await page.click('.cm-line >> nth=0');
  await page.keyboard.press('End');
  await page.keyboard.type(' (mine)');
  await Promise.all([page.waitForSelector('h1:has-text("was changed meanwhile")'), page.keyboard.press('Control+s')]);
  const sides = await page.innerText('.sbs');
  assert.match(sides, /four \(theirs\)/);
  assert.match(sides, /one \(mine\)/);
  await axe(page, 'conflict');
  await press(page, 'button:has-text("Save both")', /done=saved/);
  assert.equal(text('a.txt'), 'one (mine)\ntwo\nthree\nfour (theirs)\n');

  // The same line: one of both, and the other stays a version.
  await other.bringToFront();
  await other.click('.cm-line >> nth=1');
  await other.keyboard.press('End');
  await other.keyboard.type(' (late)');
  await Promise.all([other.waitForSelector('h1:has-text("was changed meanwhile")'), other.keyboard.press('Control+s')]);
  await press(other, 'button:has-text("Save yours")', /done=saved/);
  assert.match(text('a.txt'), /two \(late\)/);
});

// row: H079
test('files are packed and unpacked while one goes on, and the list shows them when they are there', async (t) => {
  const { page } = await begin(t);
  const { at, text } = await folder('packed', { 'a.txt': 'a', 'in/b.txt': 'b', 'out/.keep': '' });
  await page.goto(at);
  for (const name of ['a.txt', 'in']) await page.check(`input[value="${name}"]`);
  await press(page, '.fm-bar button:has-text("Zip")');
  await page.waitForSelector('a.title:has-text("packed.zip")');
  await page.click('tr:has-text("packed.zip") summary');
  await Promise.all([page.waitForEvent('load'), page.click('tr:has-text("packed.zip") button:has-text("Extract to…")')]);
  await page.check('input[name=place][value="packed/out"]');
  await press(page, 'button:has-text("Extract there")');
  await until('it is unpacked', () => fs.existsSync(path.join(home, 'packed/out/in/b.txt')));
  assert.deepEqual([text('out/a.txt'), text('out/in/b.txt')], ['a', 'b']);
  // Here, where both are already: nothing is replaced.
  await page.goto(at);
  await page.click('tr:has-text("packed.zip") summary');
  await press(page, 'tr:has-text("packed.zip") button:has-text("Extract here")');
  await page.waitForSelector('.errors:has-text("exists already")');
  assert.equal(text('a.txt'), 'a');
});

// row: H080
test('what is thrown away comes back by Undo and from the trash, and goes for good when the trash is emptied', async (t) => {
  const { page } = await begin(t);
  const { at, has } = await folder('thrown', { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
  await page.goto(at);
  await page.keyboard.press('j');
  await Promise.all([page.waitForURL(/done=file-trashed/), page.keyboard.press('Delete')]);
  assert.ok(!has('a.txt'));
  await press(page, '.toast button:has-text("Undo")', /done=file-restored/);
  assert.ok(has('a.txt'));
  assert.match(page.url(), /files\/thrown/, 'back in the folder');

  for (const name of ['a.txt', 'b.txt']) await page.check(`input[value="${name}"]`);
  await press(page, '.fm-bar button:has-text("Trash")');
  await page.goto(`${files}-trash`);
  await axe(page, 'trash');
  await page.check('tr:has-text("b.txt") input');
  await press(page, '.bulk button:has-text("Restore")');
  assert.ok(has('b.txt') && !has('a.txt'));
  await pressAndConfirm(page, 'button:has-text("Empty the trash…")');
  await page.waitForSelector('text=The trash is empty');
});

// row: H081
test('files are found by name while one types, and by what is in them', async (t) => {
  const { page } = await begin(t);
  const { at } = await folder('found', { 'a/herring.txt': 'silver', 'b.txt': 'a herring swims' });
  await page.goto(at);
  await page.fill('[data-find]', 'herr');
  await page.waitForSelector('tr:has-text("herring.txt") .subline:has-text("found/a")');
  assert.equal(await page.locator('.fm tbody tr').count(), 1);
  await page.click('.seg a:has-text("Text in files")');
  await page.waitForSelector('tr:has-text("b.txt") .hit:has-text("a herring swims")');
  await page.click('.fm-bar a:has-text("Clear")');
  await shown(page, /found$/);
});

// row: H077, H089
test('the preview shows text, pictures and who may read them; permissions are changed and repaired', async (t) => {
  const { page } = await begin(t);
  const { at, place } = await folder('looked', { 'a.html': '<script>alert(1)</script>\n', '.env': 'SECRET=1', 'open.php': '<?php' });
  fs.chmodSync(path.join(place, 'open.php'), 0o666);
  fs.writeFileSync(path.join(place, 'quay.jpg'), (await picture(page, 'quay.jpg', 1200, 800)).buffer);
  await page.goto(at);
  assert.match(await page.innerText('tr:has-text(".env")'), /never served/);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press(' ');
  await page.waitForSelector('.fm-file .code');
  assert.match(await page.innerText('.fm-file .code'), /<script>alert\(1\)<\/script>/);
  await axe(page, 'preview');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.fm-file', { state: 'detached' });
  await page.click('a.title:has-text("quay.jpg")');
  await page.waitForFunction(() => document.querySelector('.fm-file img')?.naturalWidth === 640);

  await page.click('.fm-file summary:has-text("Change who")');
  await page.check('.fm-file [name=mode][value="600"]');
  await press(page, '.fm-file button:has-text("Set")');
  assert.equal(fs.statSync(path.join(place, 'quay.jpg')).mode & 0o777, 0o600);

  await page.goto(`${files}-check`);
  await page.waitForSelector('tr:has-text("looked/open.php"):has-text("Anybody may change it")');
  await axe(page, 'check');
  await press(page, 'button:has-text("Repair all")');
  assert.equal(fs.statSync(path.join(place, 'open.php')).mode & 0o777, 0o644);
  assert.equal(fs.statSync(path.join(place, '.env')).mode & 0o777, 0o600);

  await page.goto(files);
  await press(page, 'nav a:has-text("Largest folders")', /-space$/);
  await press(page, 'a:has-text("Look again")', /look=again/);
  await page.waitForSelector('tr:has-text("looked") .meter');
  await axe(page, 'space');
});

// row: H077
test('pictures stand small in the list, and what cannot be drawn keeps its icon', async (t) => {
  const { page } = await begin(t);
  const { at, place } = await folder('pictures', { 'broken.png': 'no picture', 'notes.txt': 'x', 'sub/a.txt': 'a' });
  fs.writeFileSync(path.join(place, 'quay.jpg'), (await picture(page, 'quay.jpg', 1200, 800)).buffer);
  fs.writeFileSync(path.join(place, 'tall.png'), (await picture(page, 'tall.png', 300, 900)).buffer);
  await page.goto(at);
  const drawn = (name) => page.waitForFunction((n) => document.querySelector(`tr[data-name="${n}"] .thumb img`)?.naturalWidth === 160, name);
  await drawn('quay.jpg');
  await drawn('tall.png');
  await page.waitForSelector('tr[data-name="broken.png"] .thumb img', { state: 'detached' });
  assert.ok(await page.isVisible('tr[data-name="broken.png"] .thumb svg'));
  assert.equal(await page.locator('.thumb').count(), 3);
  // Names stand below each other, with and without a picture.
  const starts = await page.$$eval('.fm tbody a.title', (all) => [...new Set(all.map((a) => Math.round(a.getBoundingClientRect().left)))]);
  assert.equal(starts.length, 1, `${starts}`);
  await axe(page, 'pictures');
  await page.setViewportSize({ width: 390, height: 844 });
  await noSideways(page, 'pictures on a phone');
  await drawn('quay.jpg');
});

// row: H077
test('everything works without scripts', async (t) => {
  const { context, page } = await person(t, house.browser, { javaScriptEnabled: false });
  await signIn(page, house.node);
  await page.goto(files);
  const { at, has, text } = await folder('plain', { 'a.txt': 'one\r\n' });
  await page.goto(at);
  await page.setInputFiles('#files-input', [own('b.txt', 'b'), own('c.txt', 'c')]);
  await press(page, '.fm-drop button:has-text("Upload")');
  assert.deepEqual([text('b.txt'), text('c.txt')], ['b', 'c']);

  await page.click('summary:has-text("New")');
  await page.fill('#new-folder', 'below');
  await press(page, 'button:has-text("Make the folder")');
  await page.click('tr:has-text("b.txt") summary');
  await page.click('tr:has-text("b.txt") a:has-text("Rename")');
  await page.fill('#rename', 'd.txt');
  await page.press('#rename', 'Enter');
  await page.waitForURL(/done=file-renamed/);
  assert.ok(has('d.txt') && !has('b.txt'));

  await page.check('input[value="d.txt"]');
  await page.click('.fm-bar button:has-text("Move…")');
  await page.check('input[name=place][value="plain/below"]');
  await press(page, 'button:has-text("Move there")');
  assert.ok(has('below/d.txt'));

  await page.click('a.title:has-text("a.txt")');
  await page.click('.fm-file a:has-text("Edit")');
  await page.fill('textarea[name=text]', 'two\n');
  await press(page, 'button:has-text("Save")');
  assert.equal(text('a.txt'), 'two\r\n', 'line ends stay');
  fs.writeFileSync(path.join(home, 'plain/a.txt'), 'somebody else\r\n');
  await page.fill('textarea[name=text]', 'three\n');
  await page.click('button:has-text("Save")');
  await page.waitForSelector('h1:has-text("was changed meanwhile")');
  await press(page, 'button:has-text("Save yours")');
  assert.equal(text('a.txt'), 'three\r\n');

  await page.goto(at);
  await page.check('input[value="c.txt"]');
  await press(page, '.fm-bar button:has-text("Trash")');
  await page.goto(`${files}-trash`);
  await page.check('tr:has-text("c.txt") input');
  await press(page, '.bulk button:has-text("Restore")');
  assert.equal(text('c.txt'), 'c');

  await page.goto(at);
  await page.check('input[value="below"]');
  await page.check('input[value="c.txt"]');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.fm-bar button:has-text("Download")')]);
  assert.equal(download.suggestedFilename(), 'plain.zip');
  assert.equal(fs.readFileSync(await download.path()).subarray(0, 2).toString(), 'PK');
  await context.close();
});

test('the pages of files hold on a phone and in the dark', async (t) => {
  const { context, page } = await begin(t);
  const { at } = await folder('small', { 'a-name-that-is-so-long-that-nobody-would-ever-type-it-by-hand.css': 'a { }\n'.repeat(50), 'in/b.txt': 'b', '.env': 'x' });
  await page.goto(`${at}/in`);
  await page.check('input[value="b.txt"]');
  await press(page, '.fm-bar button:has-text("Trash")');
  const pages = [at, `${at}?open=a-name-that-is-so-long-that-nobody-would-ever-type-it-by-hand.css`, `${at}?q=b`, `${at}/in`,
    `${at}/a-name-that-is-so-long-that-nobody-would-ever-type-it-by-hand.css?as=edit`, `${files}-trash`, `${files}-check`];
  for (const options of [{ viewport: { width: 390, height: 844 } }, { viewport: { width: 1024, height: 768 } }, { colorScheme: 'dark' }]) {
    const small = await person(t, house.browser, { ...options, storageState: await context.storageState() });
    for (const address of pages) {
      await small.page.goto(address);
      await axe(small.page, `${address} ${JSON.stringify(options)}`);
      await noSideways(small.page, `${address} ${JSON.stringify(options)}`);
    }
  }
});
