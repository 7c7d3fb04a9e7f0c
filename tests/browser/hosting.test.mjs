// A reseller's day, whole: a plan, an account, its owner, a name, files by three doors; suspended, restored, closed, taken back.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { accept, dropTree, press, signIn, signedIn, startBrowser, startNode, until } from './lib.mjs';
import { freePort, startNames } from './names.mjs';

const NAME = 'seal-bay.example';
const ELSEWHERE = ['@ A 198.51.100.7', '@ MX 10 mail.elsewhere.example.'];
const HERE = ['@ A 203.0.113.10', '@ AAAA 2001:db8:4f::10', '@ MX 10 mail.elsewhere.example.', `www CNAME ${NAME}.`];
const FOLDER = 'seal-bay.localhost/public';
const LOGIN = { name: 'tuva-laptop', password: 'low-tide-by-the-slip' };

// --- programs of other people ----------------------------------------------------------------------------------------

/** Runs a program to its end: its code and what it said. */
function program(name, words, { input = '', env = {} } = {}) {
  return new Promise((done) => {
    const options = { env: { ...process.env, LC_ALL: 'C.UTF-8', no_proxy: '*', ...env } };
    const child = execFile(name, words, options, (error, out, told) => done({ code: error ? (error.code ?? -1) : 0, said: `${out}${told}` }));
    child.stdin.on('error', () => {}); // it may have ended
    child.stdin.end(input);
  });
}

/** What somebody has on their own machine: a folder, a key, programs. */
function desk(t, ports) {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'desk-'));
  t.after(() => fs.rmSync(place, { recursive: true, force: true }));
  const ssh = (auth) => ['-P', String(ports.sftp), '-F', '/dev/null', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null',
    '-o', 'LogLevel=ERROR', '-o', 'BatchMode=no', '-o', 'NumberOfPasswordPrompts=1', '-o', `PreferredAuthentications=${auth}`, '-b', '-'];
  const key = path.join(place, 'key');
  return {
    place,
    keep(name, bytes, mode = 0o644) {
      const file = path.join(place, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, bytes, { mode });
      return file;
    },
    /** OpenSSH's own client, with the key that the panel made. */
    byKey: (batch, name = LOGIN.name) => program('sftp', [...ssh('publickey'), '-o', 'IdentitiesOnly=yes', '-i', key, `${name}@127.0.0.1`], { input: batch }),
    byPassword: (batch, { name, password } = LOGIN) => program('sshpass', ['-e', 'sftp', ...ssh('password'), `${name}@127.0.0.1`], { input: batch, env: { SSHPASS: password } }),
    async rclone(...words) {
      const hidden = (await program('rclone', ['obscure', LOGIN.password])).said.trim();
      return program('rclone', words, { env: {
        RCLONE_CONFIG: path.join(place, 'rclone.conf'), RCLONE_CONFIG_DAV_TYPE: 'webdav', RCLONE_CONFIG_DAV_URL: `http://127.0.0.1:${ports.webdav}/`,
        RCLONE_CONFIG_DAV_VENDOR: 'owncloud', RCLONE_CONFIG_DAV_USER: LOGIN.name, RCLONE_CONFIG_DAV_PASS: hidden, RCLONE_RETRIES: '1', RCLONE_LOW_LEVEL_RETRIES: '1',
      } });
    },
    /** The status of WebDAV to this login. */
    async dav() {
      const words = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-u', `${LOGIN.name}:${LOGIN.password}`, '-X', 'PROPFIND', '-H', 'Depth: 1', `http://127.0.0.1:${ports.webdav}/`];
      return (await program('curl', words)).said;
    },
  };
}

// --- looking ---------------------------------------------------------------------------------------------------------

/** What the visitors' door answers under a name. */
function visitor(node, host, address) {
  return new Promise((done, failed) => {
    http.get(`${node.site}${address}`, { headers: { host }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => done({ status: answer.statusCode, bytes: Buffer.concat(parts), to: answer.headers.location }));
    }).on('error', failed);
  });
}

/** Everything in a folder: what it is, who may read it, and the hash of each file. */
function listing(folder) {
  const lines = [];
  for (const one of fs.readdirSync(folder, { recursive: true }).sort()) {
    const stat = fs.lstatSync(path.join(folder, one));
    const hash = stat.isFile() ? createHash('sha256').update(fs.readFileSync(path.join(folder, one))).digest('hex') : '';
    lines.push(`${one} ${stat.mode.toString(8)} ${stat.isFile() ? `${stat.size} ${Math.floor(stat.mtimeMs)}` : ''} ${hash}`);
  }
  return lines;
}

// --- the day ---------------------------------------------------------------------------------------------------------

// row: H001 H002 H003 H016 H018 H023 H024 H034 H077 H082 H083 H086
test('from a reseller’s plan to an account that is suspended, closed, and taken back byte for byte', async (t) => {
  const names = await startNames(t, { [NAME]: ELSEWHERE });
  const ports = { sftp: await freePort(), webdav: await freePort() };
  const doors = { FREEHOLD__SFTP: `127.0.0.1:${ports.sftp}`, FREEHOLD__WEBDAV: `127.0.0.1:${ports.webdav}` };
  const [node, browser] = await Promise.all([startNode(t, { env: { ...names.env, ...doors }, posts: 0 }), startBrowser(t)]);
  const house = { node, browser };
  const own = desk(t, ports);

  // The hosting admin makes a reseller, and never comes again.
  const { page: admin } = await signedIn(t, house);
  await admin.goto(`${node.panel}/admin/server/resellers/new`);
  await admin.fill('[name=name]', 'Kust');
  await press(admin, 'button:has-text("Make the reseller")');
  await admin.fill('#people [name=email]', 'kim@kust.example');
  await press(admin, '#people button:has-text("Invite")', /resellers/);
  const { page: kim } = await accept(t, house, admin, 'kim@kust.example');

  // The reseller makes a plan, and an account with a person and a site of files.
  await kim.goto(`${node.panel}/admin`);
  await press(kim, 'nav.nav a:has-text("Plans")', /plans/);
  await kim.goto(`${node.panel}/admin/server/plans/new`);
  await kim.fill('[name=name]', 'Skerry');
  for (const [limit, most] of [['disk_mb', '200'], ['traffic_gb', '100']]) {
    await kim.uncheck(`[name=${limit}_free]`);
    await kim.fill(`[name=${limit}]`, most);
  }
  await press(kim, 'button:has-text("Make the plan")');
  await kim.goto(`${node.panel}/admin/server/accounts/new`);
  await kim.fill('[name=title]', 'Seal Bay');
  await kim.fill('[name=owner]', 'tuva@seal.example');
  await kim.selectOption('[name=plan]', { label: 'Skerry' });
  await kim.selectOption('[name=start]', 'files');
  await press(kim, 'form.narrow button.primary', /accounts/);
  const account = (await kim.getAttribute('form[action$="/people"]', 'action')).replace('/people', '');
  const home = path.join(node.data, 'accounts', account.split('/').pop(), 'home');
  const { page: tuva, who } = await accept(t, house, kim, 'tuva@seal.example');

  // The customer adds a name; its page watches until it points here.
  await tuva.goto(`${node.panel}/admin`);
  await press(tuva, 'nav.nav a:has-text("Domains")', /domains$/);
  await press(tuva, 'a:has-text("Add a domain")', /domains\/new/);
  await tuva.fill('#host', NAME);
  await press(tuva, 'form button.primary', new RegExp(`/domains/${NAME}`));
  await tuva.getByText('Remove the old A record 198.51.100.7.').waitFor();
  assert.equal((await visitor(node, NAME, '/')).status, 421, 'a claim is not served');
  await names.zone(NAME, HERE);
  await tuva.getByText('It is live:').waitFor();

  // Some files are dropped on the page.
  const files = {
    'index.html': Buffer.from('<!doctype html><title>Seal Bay</title><link rel=stylesheet href=style.css><h1>Seals rest here</h1>'),
    'style.css': Buffer.from('h1 { color: teal }\n'),
    'pictures/seal.jpg': randomBytes(300_000),
    'pictures/far/rock.jpg': randomBytes(70_000),
  };
  await press(tuva, 'nav.nav a:has-text("Files")', /files/);
  for (const part of FOLDER.split('/')) {
    await until(`${part} is there`, async () => {
      if (await tuva.locator(`[data-rows] a.title:has-text("${part}")`).count()) return true;
      await tuva.reload();
      return false;
    });
    await tuva.click(`[data-rows] a.title:has-text("${part}")`);
    await tuva.waitForURL(new RegExp(`${part}$`));
    await tuva.waitForSelector('[data-part]:not([aria-busy])');
  }
  const before = fs.readdirSync(path.join(home, FOLDER));
  await dropTree(tuva, 'main', {
    'index.html': files['index.html'],
    'style.css': files['style.css'],
    pictures: { 'seal.jpg': files['pictures/seal.jpg'], far: { 'rock.jpg': files['pictures/far/rock.jpg'] } },
  });
  // The welcome page has that name.
  if (before.includes('index.html')) await tuva.click('.tray li >> text=Replace');
  await tuva.waitForSelector('.tray >> text=4 uploaded');

  // A login is made for the laptop; the panel makes its key too.
  await press(tuva, 'nav.nav a:has-text("Logins to files")', /access$/);
  // The form is open while there is no login.
  await tuva.waitForSelector('details[open] [name=name]');
  await tuva.fill('[name=name]', LOGIN.name);
  await tuva.fill('[name=password]', LOGIN.password);
  await tuva.fill('[name=home]', FOLDER);
  await press(tuva, 'button:has-text("Make the login")', /access/);
  if (!/access\/\d/.test(tuva.url())) await press(tuva, `a.title:has-text("${LOGIN.name}")`, /access\/\d/);
  await tuva.fill('[name=key_name]', 'Laptop');
  await press(tuva, 'button:has-text("Make a new key")', /access\/\d/);
  own.keep('key', `${(await tuva.innerText('pre.keytext')).trim()}\n`, 0o600);

  // Some go up by OpenSSH's sftp, with the key; some by rclone, with the password.
  files['papers/tides.csv'] = randomBytes(400_000);
  const tides = own.keep('tides.csv', files['papers/tides.csv']);
  const sent = await own.byKey(`mkdir papers\nput ${tides} papers/tides.csv\nls -l papers\n`);
  assert.equal(sent.code, 0, sent.said);
  for (let n = 0; n < 12; n += 1) {
    files[`album/day ${n % 3}/${n}.bin`] = randomBytes(5000 + n);
    own.keep(`album/day ${n % 3}/${n}.bin`, files[`album/day ${n % 3}/${n}.bin`]);
  }
  const copied = await own.rclone('copy', path.join(own.place, 'album'), 'dav:album');
  assert.equal(copied.code, 0, copied.said);

  /** All of it is served under the name, as it was sent; the other names lead to it. */
  const served = async () => {
    for (const [file, bytes] of Object.entries(files)) {
      const answer = await visitor(node, NAME, `/${file.split('/').map(encodeURIComponent).join('/')}`);
      assert.equal(answer.status, 200, file);
      assert.ok(answer.bytes.equals(bytes), `${file} is served as it was sent`);
    }
    assert.ok((await visitor(node, NAME, '/')).bytes.equals(files['index.html']));
    const www = await visitor(node, `www.${NAME}`, '/style.css');
    assert.deepEqual([www.status, www.to?.includes(`//${NAME}`)], [301, true]);
  };
  await until('www is looked at too', async () => (await visitor(node, `www.${NAME}`, '/')).status === 301);
  await served();
  const whole = listing(home);
  assert.ok(whole.length > 20, whole.join('\n'));

  /** Nobody gets in: not by the key, not by the password, not by WebDAV. */
  const shut = async () => {
    for (const refused of [await own.byKey('ls\n'), await own.byPassword('ls\n')]) {
      assert.notEqual(refused.code, 0);
      assert.match(refused.said, /Permission denied|Connection closed/);
    }
    assert.ok(['401', '403'].includes(await own.dav()), await own.dav());
    assert.notEqual((await own.rclone('lsf', 'dav:')).code, 0);
  };
  const open = async () => {
    for (const let_in of [await own.byKey('ls -1\n'), await own.byPassword('ls -1\n')]) {
      assert.equal(let_in.code, 0, let_in.said);
      assert.match(let_in.said, /album[\s\S]*index\.html[\s\S]*papers/);
    }
    assert.equal(await own.dav(), '207');
    const same = await own.rclone('check', '--download', path.join(own.place, 'album'), 'dav:album');
    assert.equal(same.code, 0, same.said);
  };
  await open();

  // Suspended: visitors are told to come back, nobody gets in, nothing is lost.
  await kim.goto(`${node.panel}${account}`);
  await kim.fill('#suspend [name=reason]', 'unpaid since March');
  await press(kim, '#suspend button');
  for (const address of ['/', '/style.css', '/pictures/seal.jpg', '/nothing']) {
    const answer = await visitor(node, NAME, address);
    assert.equal(answer.status, 503, address);
    assert.doesNotMatch(answer.bytes.toString(), /unpaid|Seals rest/, 'why is nobody else’s business');
  }
  await shut();
  await tuva.goto(`${node.panel}/admin`);
  assert.match(await tuva.innerText('main'), /is suspended[\s\S]*Unpaid since March/);
  assert.deepEqual(listing(home), whole);

  await press(kim, 'text=End the suspension');
  await served();
  await open();

  // Closed: its page says first what goes; then it is as if it had never been there.
  await kim.click('text=Close…');
  await kim.waitForURL(/close$/);
  const goes = await kim.innerText('form.ask');
  for (const words of ['Seal Bay', NAME, 'tuva@seal.example', 'kB']) assert.ok(goes.includes(words), `${words}: ${goes}`);
  await kim.fill('[name=typed]', 'Seal Bay');
  await press(kim, 'button.danger');
  const nobody = await visitor(node, 'petrel.example', '/');
  for (const host of [NAME, `www.${NAME}`, 'seal-bay.localhost']) {
    for (const address of ['/', '/style.css', '/papers/tides.csv']) {
      const answer = await visitor(node, host, address);
      assert.deepEqual([answer.status, answer.bytes.toString().replaceAll(host, '')], [nobody.status, nobody.bytes.toString().replaceAll('petrel.example', '')], `${host}${address}`);
    }
  }
  await shut();
  const [gone, never] = [await own.byPassword('ls\n'), await own.byPassword('ls\n', { name: 'petrel-phone', password: LOGIN.password })];
  assert.deepEqual([gone.code, gone.said.replaceAll(LOGIN.name, '')], [never.code, never.said.replaceAll('petrel-phone', '')]);
  await tuva.goto(`${node.panel}/admin`);
  assert.doesNotMatch(await tuva.innerText('body'), new RegExp(NAME));

  // Taken back: every byte, the name, the logins, the person.
  await press(kim, 'text=Take back');
  assert.deepEqual(listing(home), whole, 'every file as it was');
  await served();
  await open();
  await tuva.context().clearCookies();
  await signIn(tuva, node, who);
  await press(tuva, 'nav.nav a:has-text("Domains")', /domains$/);
  const main = tuva.locator('tr', { hasText: 'Your readers type this one' });
  assert.match(await main.innerText(), /^seal-bay\.example[\s\S]*Main[\s\S]*Points here/);
  await press(tuva, 'nav.nav a:has-text("Files")', /files/);
  await tuva.goto(`${node.panel}${new URL(tuva.url()).pathname.replace(/files.*/, 'files')}/${FOLDER}/papers`);
  await tuva.waitForSelector('a.title:has-text("tides.csv")');
});
