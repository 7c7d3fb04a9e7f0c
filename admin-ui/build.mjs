// Builds the panel's styles, scripts, fonts and icons into the folder given as argument:
//   node build.mjs OUT_DIR
// Every output name carries the hash of its bytes, so the server can call it immutable;
// `manifest.json` maps the plain name ("main.css") to the hashed one.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const manifest = {};
/** What templates name; all other scripts are parts that these fetch themselves. */
const ENTRIES = ['main.js', 'passkeys.js', 'panel.css', 'writing.css', 'files.css', 'looks.css', 'editor.js', 'files.js', 'code.js', 'terminal.js', 'xterm.css', 'customise.js'];

/** Name of a file whose content is `bytes`: `name-HASH.ext`. */
function hashedName(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
}

/** Writes one file under its hashed name and notes it in the manifest. */
async function emit(name, bytes) {
  const file = hashedName(name, bytes);
  await writeFile(join(out, file), bytes);
  manifest[name] = file;
}

/** One sprite of the Lucide icons named in icons.txt; `<use href="icons.svg#i-name">`. */
async function sprite() {
  const names = (await readFile(join(here, 'icons.txt'), 'utf8')).split('\n').filter(Boolean);
  const folder = join(here, 'node_modules/lucide-static/icons');
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(join(folder, `${name}.svg`), 'utf8');
    const inner = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, '')}</symbol>`;
  }));
  await emit('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

/** Styles and scripts; fonts and pictures named by the style sheet come along, hashed. */
async function bundles() {
  const first = await bundle(
    { main: 'scripts/main.ts', passkeys: 'scripts/passkeys.ts', panel: 'styles/index.css',
      writing: 'styles/editor.css', files: 'styles/files.css', looks: 'styles/looks.css' },
    false,
  );
  // Islands: the writing page loads its Markdown part only when somebody asks for the source, the editor of files the
  // language of the one that is open.
  const second = await bundle({ editor: 'scripts/editor.ts', files: 'scripts/files.ts', code: 'scripts/code.ts' }, true);
  // The terminal's page and the customiser load what they need alone.
  const third = await bundle({ terminal: 'scripts/terminal.ts', xterm: 'styles/xterm.css', customise: 'scripts/customise.ts' }, false);
  for (const file of [first, second, third].flatMap((run) => Object.keys(run.metafile.outputs))) {
    const plain = basename(file).replace(/-[A-Z0-9]{8}(?=\.)/, '');
    if (ENTRIES.includes(plain) || plain.endsWith('.woff2')) manifest[plain] = basename(file);
  }
}

/** One run of esbuild. */
function bundle(entryPoints, splitting) {
  return build({
    absWorkingDir: here,
    entryPoints,
    splitting,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    outdir: out,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'file' },
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
  });
}

/** Pictures that templates name by `asset(name="…")`. */
async function pictures() {
  const names = ['start-journal.svg', 'start-business.svg', 'start-portfolio.svg', 'preview-sea.svg', 'mark.svg'];
  for (const name of names) await emit(name, await readFile(join(here, 'images', name)));
}

/** Pages about to be opened are fetched on hover; the server names this file in `Speculation-Rules`. */
async function speculation() {
  const where = { and: [{ href_matches: '/admin/*' }, { not: { selector_matches: '[download], [target]' } }] };
  await emit('speculation.json', JSON.stringify({ prefetch: [{ where, eagerness: 'moderate' }] }));
}

/** Licence texts of the fonts and icons travel with the program. */
async function licences() {
  const packages = ['@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono',
    '@fontsource-variable/newsreader', 'lucide-static', 'htmx.org', '@tiptap/core', 'codemirror', '@lezer/highlight',
    '@xterm/xterm'];
  const texts = await Promise.all(packages.map(async (name) => {
    const folder = join(here, 'node_modules', name);
    for (const file of ['LICENSE', 'LICENSE.md']) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => null);
      if (text) return `${name}\n\n${text}`;
    }
    const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return `${name}\n\nLicence: ${license}`;
  }));
  await writeFile(join(out, 'licences.txt'), texts.join('\n\n----\n\n'));
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([sprite(), bundles(), pictures(), speculation(), licences()]);
await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest, Object.keys(manifest).sort(), 1));
