// Bundles stub, kernel and module from TypeScript, the glue and the wasm.
//
//   node js/build.mjs --glue glue.js --wasm touchmark.wasm --out pkg
//       [--script touchmark.wasm.js --script-glue glue.js]   the core as JavaScript, too
//       [--full touchmark.wasm --full-glue glue.js]          the larger core, too
//       [--inspector touchmark.wasm --inspector-glue glue.js]   the inspector, too
//   node js/build.mjs --kernel-only --out pkg      stub and kernel alone, to measure
//
// Writes touchmark.js with touchmark.wasm (two files), touchmark.inline.js (one file),
// touchmark.mjs (module, with touchmark.wasm), touchmark.inline.mjs and .cjs (modules in one file, for
// bundlers that leave files beside a module behind), touchmark.wasm.mjs (the core as JavaScript),
// touchmark.full.js with touchmark.full.wasm (for plans that say `core: full`),
// touchmark.inspector.js with touchmark.inspector.wasm (for testers), stub.js,
// touchmark.d.ts, size/kernel.js; what pages load only when they need it: touchmark.forms.js,
// touchmark.cookies.js, touchmark.links.js, touchmark.<adapter>.js, and each consent source as consent/<source>.js; integrity.json has the
// hash of each for a tag's `integrity`.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';
import { asTemplate, readTemplate } from './latin1.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const PLACEHOLDER = '@touchmark-wasm@';

const { values: given } = parseArgs({
  options: {
    glue: { type: 'string' },
    wasm: { type: 'string' },
    script: { type: 'string' },
    'script-glue': { type: 'string' },
    full: { type: 'string' },
    'full-glue': { type: 'string' },
    inspector: { type: 'string' },
    'inspector-glue': { type: 'string' },
    out: { type: 'string', default: join(here, '..', 'pkg') },
    'kernel-only': { type: 'boolean', default: false },
  },
});
const out = resolve(given.out);

const version = /^\[workspace\.package\][^[]*^version = "([^"]+)"/ms.exec(readFileSync(join(here, '..', 'Cargo.toml'), 'utf8'))?.[1];
if (!version) throw new Error('Cargo.toml names no version under [workspace.package]');

/** Answers the modules that the sources leave open. Without glue: a stand-in of a few bytes. */
const openModules = (glue, wasmText) => ({
  name: 'touchmark',
  setup(plugin) {
    plugin.onResolve({ filter: /^touchmark:/ }, ({ path }) =>
      path === 'touchmark:glue' && glue ? { path: resolve(glue) } : { path, namespace: 'touchmark', sideEffects: false },
    );
    plugin.onLoad({ filter: /./, namespace: 'touchmark' }, ({ path }) => ({
      contents: {
        'touchmark:glue': () => 'export const glue = globalThis.glue',
        'touchmark:wasm': () => `export default ${JSON.stringify(wasmText)}`,
        'touchmark:script': () => `${readFileSync(given.script, 'utf8')}\nexport { instantiate };`,
      }[path](),
    }));
  },
});

/**
 * The kernel's functions run as the page loads: told so, V8 compiles them with the script, mostly
 * off the main thread, instead of each at its first call. Other engines read a comment.
 */
const EAGER = '//# allFunctionsCalledOnLoad\n';

async function bundle(entry, { glue, wasmName = 'touchmark.wasm', integrity = '', inline = false, format = 'iife', stub = false, part = false } = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    charset: 'utf8',
    target: 'es2020',
    format,
    write: false,
    legalComments: 'none',
    loader: { '.css': 'text' },
    plugins: [openModules(glue, inline ? PLACEHOLDER : '')],
    define: {
      __INLINE_WASM__: String(inline),
      __WASM_URL__: JSON.stringify(wasmName),
      __WASM_INTEGRITY__: JSON.stringify(integrity),
      __VERSION__: JSON.stringify(version),
      __STUB__: String(stub),
      __MODULE__: String(format !== 'iife' && !part),
      __LAZY__: String(format === 'iife'),
      // Bundled, a module has no address of its own: what belongs to the page is trusted.
      ...(inline && { 'import.meta.url': 'location.href' }),
    },
  });
  // esbuild joins, terser inlines what is used once: 5 % less after brotli.
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    module: format !== 'iife',
    compress: { passes: 4, unsafe_arrows: true },
  });
  return `${format === 'iife' && !stub ? EAGER : ''}${code}\n`;
}

/** Bundlers leave these imports to the browser: what they name is loaded from touchmark's own folder. */
const unbundled = (script) => script.replaceAll(/\bimport\(/g, 'import(/* webpackIgnore: true */ /* @vite-ignore */ ');

/** Puts the wasm where the placeholder is, and proves that a browser will read the same bytes. */
function withWasm(script, wasm) {
  const pieces = script.split(`"${PLACEHOLDER}"`);
  if (pieces.length !== 2) throw new Error(`the bundle holds the wasm's place ${pieces.length - 1} times, not once`);
  const text = pieces.join(asTemplate(wasm));
  const sent = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text));
  if (!readTemplate(sent.slice(pieces[0].length, sent.length - pieces[1].length)).equals(wasm)) {
    throw new Error('the wasm did not survive its way through the script');
  }
  return text;
}

/** Subresource integrity of what was written, by file. */
const hashes = {};

/** A browser passes over a hash that it can't read, so the shape is checked here. */
function integrityOf(content, algorithm = 'sha384') {
  const hash = `${algorithm}-${createHash(algorithm).update(content).digest('base64')}`;
  if (!/^sha(256-[A-Za-z0-9+/]{43}=|384-[A-Za-z0-9+/]{64})$/.test(hash)) throw new Error(`${hash} is no integrity that a browser reads`);
  return hash;
}

function write(name, content) {
  if (/\.([cm]?js|wasm)$/.test(name) && !/^size/.test(name)) hashes[name] = integrityOf(content);
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  if (/\.d\.ts$|\.json$/.test(name)) return;
  const bytes = Buffer.from(content);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`${name.padEnd(22)} ${String(bytes.length).padStart(7)} B  gzip ${gzipSync(bytes, { level: 9 }).length}  brotli ${brotli.length}`);
}

write('stub.js', await bundle('stub.ts', { stub: true }));
write('size/kernel.js', await bundle('kernel.ts'));
// Parts are modules, loaded by address when a page needs them.
for (const part of ['forms', 'cookies', 'links']) write(`touchmark.${part}.js`, await bundle(`parts/${part}.ts`, { format: 'esm', part: true }));
for (const file of readdirSync(join(here, 'adapters')).filter((name) => name.endsWith('.ts'))) {
  write(`touchmark.${file.slice(0, -3)}.js`, await bundle(`adapters/${file}`, { format: 'esm', part: true }));
}

if (!given['kernel-only']) {
  const { glue, wasm: wasmPath } = given;
  if (!glue || !wasmPath) throw new Error('--glue and --wasm are needed, or --kernel-only');
  const wasm = readFileSync(wasmPath);
  // The shorter hash: these are bytes that every visitor downloads.
  const integrity = integrityOf(wasm, 'sha256');
  write('touchmark.js', await bundle('kernel.ts', { glue, integrity }));
  // A byte order mark: else a page that declares no encoding would read the wasm's bytes as another's.
  write('touchmark.inline.js', `\uFEFF${withWasm(await bundle('kernel.ts', { glue, inline: true }), wasm)}`);
  write('touchmark.mjs', unbundled(await bundle('index.ts', { glue, integrity, format: 'esm' })));
  for (const [format, ending] of [['esm', 'mjs'], ['cjs', 'cjs']]) {
    write(`touchmark.inline.${ending}`, withWasm(unbundled(await bundle('index.ts', { glue, inline: true, format })), wasm));
  }
  write('touchmark.d.ts', readFileSync(join(here, 'touchmark.d.ts')));
  write('touchmark.wasm', wasm);
  if (given.script) {
    write('touchmark.wasm.mjs', await bundle('script.ts', { glue: given['script-glue'], format: 'esm' }));
  }
  if (given.full) {
    const [wasmName, wasm] = ['touchmark.full.wasm', readFileSync(given.full)];
    write('touchmark.full.js', await bundle('kernel.ts', { glue: given['full-glue'], wasmName, integrity: integrityOf(wasm, 'sha256') }));
    write(wasmName, wasm);
  }
  if (given.inspector) {
    const wasm = readFileSync(given.inspector);
    write('touchmark.inspector.js', await bundle('inspector/index.ts', { glue: given['inspector-glue'], integrity: integrityOf(wasm, 'sha256'), format: 'esm', part: true }));
    write('touchmark.inspector.wasm', wasm);
  }
  for (const file of readdirSync(join(here, 'consent'))) {
    if (file !== 'gate.ts') write(`consent/${file.replace(/\.ts$/, '.js')}`, await bundle(`consent/${file}`, { format: 'esm' }));
  }
  write('integrity.json', `${JSON.stringify(hashes, null, 2)}\n`);
}
