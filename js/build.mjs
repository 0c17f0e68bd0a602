// Bundles stub, kernel and module from TypeScript, the glue and the wasm.
//
//   node js/build.mjs --glue glue.js --wasm touchmark.wasm --out pkg
//   node js/build.mjs --kernel-only --out pkg      stub and kernel alone, to measure
//
// Writes touchmark.js with touchmark.wasm (two files), touchmark.inline.js (one file),
// touchmark.mjs (module, with touchmark.wasm), stub.js, touchmark.d.ts and size/kernel.js; and the
// parts that a page loads when it needs them: touchmark.forms.js, touchmark.<adapter>.js.

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
    out: { type: 'string', default: join(here, '..', 'pkg') },
    'kernel-only': { type: 'boolean', default: false },
  },
});
const out = resolve(given.out);

const version = /^\[workspace\.package\][^[]*^version = "([^"]+)"/ms.exec(readFileSync(join(here, '..', 'Cargo.toml'), 'utf8'))?.[1];
if (!version) throw new Error('Cargo.toml names no version under [workspace.package]');

/** Answers the two modules that the sources leave open. Without glue: a stand-in of a few bytes. */
const openModules = (glue, wasmText) => ({
  name: 'touchmark',
  setup(plugin) {
    plugin.onResolve({ filter: /^touchmark:/ }, ({ path }) =>
      path === 'touchmark:glue' && glue ? { path: resolve(glue) } : { path, namespace: 'touchmark', sideEffects: false },
    );
    plugin.onLoad({ filter: /./, namespace: 'touchmark' }, ({ path }) => ({
      contents: path === 'touchmark:glue' ? 'export const glue = globalThis.glue' : `export default ${JSON.stringify(wasmText)}`,
    }));
  },
});

async function bundle(entry, { glue, inline = false, format = 'iife', stub = false, part = false } = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    charset: 'utf8',
    target: 'es2020',
    format,
    write: false,
    legalComments: 'none',
    plugins: [openModules(glue, inline ? PLACEHOLDER : '')],
    define: {
      __INLINE_WASM__: String(inline),
      __WASM_URL__: '"touchmark.wasm"',
      __VERSION__: JSON.stringify(version),
      __STUB__: String(stub),
      __MODULE__: String(format === 'esm' && !part),
      __LAZY__: String(format === 'iife'),
    },
  });
  // esbuild joins, terser inlines what is used once: 5 % less after brotli.
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    module: format === 'esm',
    compress: { passes: 4, unsafe_arrows: true },
  });
  return `${code}\n`;
}

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

function write(name, content) {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  if (/\.d\.ts$/.test(name)) return;
  const bytes = Buffer.from(content);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`${name.padEnd(22)} ${String(bytes.length).padStart(7)} B  gzip ${gzipSync(bytes, { level: 9 }).length}  brotli ${brotli.length}`);
}

write('stub.js', await bundle('stub.ts', { stub: true }));
write('size/kernel.js', await bundle('kernel.ts'));
// Parts are modules, loaded by address when a page needs them.
write('touchmark.forms.js', await bundle('parts/forms.ts', { format: 'esm', part: true }));
for (const file of readdirSync(join(here, 'adapters')).filter((name) => name.endsWith('.ts'))) {
  write(`touchmark.${file.slice(0, -3)}.js`, await bundle(`adapters/${file}`, { format: 'esm', part: true }));
}

if (!given['kernel-only']) {
  const { glue, wasm: wasmPath } = given;
  if (!glue || !wasmPath) throw new Error('--glue and --wasm are needed, or --kernel-only');
  const wasm = readFileSync(wasmPath);
  write('touchmark.js', await bundle('kernel.ts', { glue }));
  write('touchmark.inline.js', withWasm(await bundle('kernel.ts', { glue, inline: true }), wasm));
  write('touchmark.mjs', await bundle('index.ts', { glue, format: 'esm' }));
  write('touchmark.d.ts', readFileSync(join(here, 'touchmark.d.ts')));
  write('touchmark.wasm', wasm);
}
