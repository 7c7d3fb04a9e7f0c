// A real name server for browser tests: knot on loopback, with the zones that a test writes.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import dns from 'node:dns/promises';

let next = process.pid * 16;

/** A port that is free, for TCP and UDP, below those that the kernel gives to connections. */
export async function freePort() {
  for (;;) {
    next += 1;
    const port = 10_000 + (next % 20_000);
    const listens = await new Promise((told) => {
      const server = net.createServer().once('error', () => told(false));
      server.listen(port, '127.0.0.1', () => server.close(() => told(true)));
    });
    const free = listens && await new Promise((told) => {
      const socket = dgram.createSocket('udp4');
      socket.once('error', () => told(false));
      socket.bind(port, '127.0.0.1', () => socket.close(() => told(true)));
    });
    if (free) return port;
  }
}

/** Serves the root and `zones`: `{ 'harbour.example': ['@ A 203.0.113.10'] }`. `zone(name, records)` changes one. `env` is for the node. */
export async function startNames(t, zones = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'names-'));
  const port = await freePort();
  let serial = 1;
  const write = () => {
    serial += 1;
    const head = (zone) => `${zone} 660 IN SOA ns.invalid. root.invalid. ${serial} 60 60 60 1\n${zone} 660 IN NS ns-1.gandi.net.\n`;
    fs.writeFileSync(path.join(folder, 'root.zone'), `${head('.')}ns-1.gandi.net. 660 IN A 127.0.0.1\n`);
    let text = `server:\n  listen: 127.0.0.1@${port}\n  rundir: ${folder}\n  pidfile: ${folder}/knot.pid\nlog:\n  - target: stderr\n    any: error\n`
      + `database:\n  storage: ${folder}/db\ntemplate:\n  - id: default\n    storage: ${folder}\n    zonefile-load: whole\n    journal-content: none\nzone:\n  - domain: .\n    file: root.zone\n`;
    for (const [zone, records] of Object.entries(zones)) {
      text += `  - domain: ${zone}\n    file: ${zone}.zone\n`;
      const lines = records.map((line) => { const [name, ...rest] = line.split(' '); return `${name === '@' ? '' : `${name}.`}${zone}. 660 IN ${rest.join(' ')}\n`; });
      fs.writeFileSync(path.join(folder, `${zone}.zone`), head(`${zone}.`) + lines.join(''));
    }
    fs.writeFileSync(path.join(folder, 'knot.conf'), text);
  };
  write();
  const child = spawn('knotd', ['-c', path.join(folder, 'knot.conf')], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', done));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const resolver = new dns.Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  const served = async (zone) => {
    for (const end = Date.now() + 30_000; ; await new Promise((next) => setTimeout(next, 50))) {
      const soa = await resolver.resolveSoa(zone).catch(() => null);
      if (soa?.serial === serial) return;
      if (Date.now() > end) throw new Error(`the name server never served ${zone || 'the root'}`);
    }
  };
  await served(Object.keys(zones)[0] ?? '.');
  return {
    env: {
      FREEHOLD__DNS__RESOLVERS: `["127.0.0.1:${port}"]`, FREEHOLD__DNS__PORT: String(port), FREEHOLD__DNS__RDAP: '',
      FREEHOLD__OUTBOUND__ALLOW: `["127.0.0.1:${port}"]`, FREEHOLD__PUBLIC_ADDRESSES: '["203.0.113.10", "2001:db8:4f::10"]',
    },
    async zone(name, records) {
      zones[name] = records;
      write();
      child.kill('SIGHUP');
      await served(name);
    },
  };
}
