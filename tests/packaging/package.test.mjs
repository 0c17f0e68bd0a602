// The package without a bundler: what judges of packages say, what servers import, script tags by
// integrity and by immutable names, each line of csp.txt. These pages declare no encoding, as some do.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { serve, startStage, tarball } from './stage.mjs';

let stage;
let app;
let pack;
let manifest;
before(async () => {
  stage = await startStage();
  app = stage.app('app');
  pack = join(app, 'node_modules/touchmark');
  manifest = JSON.parse(readFileSync(join(pack, 'integrity.json'), 'utf8'));
});
after(() => stage?.close());

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: pack, strict: true });
  const about = JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8'));
  assert.deepEqual(messages.map((message) => formatMessage(message, about, { color: false })), []);
});

test('are the types wrong? They are not', () => {
  const program = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
  const judged = spawnSync(process.execPath, [join(dirname(program), 'dist/index.js'), tarball(), '--no-color', '--no-emoji'], { encoding: 'utf8' });
  assert.equal(judged.status, 0, judged.stdout + judged.stderr);
});

test('a server may import it and call init: nothing happens', async () => {
  const script = `const all = [await import('touchmark'), await import('touchmark/streamed'), require('touchmark')];
    for (const { init, touchmark } of all) console.log(await init({ plan: '/plan.json' }) === touchmark, touchmark('diagnostics'));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', `import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/x.js'); ${script}`], { cwd: app, encoding: 'utf8' });
  assert.equal(printed, 'true undefined\n'.repeat(3));
});

test('every member of the exports map is there', async () => {
  const { exports } = JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8'));
  const files = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(files));
  for (const file of files(exports).filter((name) => !name.includes('*'))) assert.ok(existsSync(join(pack, file)), file);
  const require = createRequire(join(app, 'x.js'));
  assert.equal(require('touchmark/schema/event.schema.json').$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.ok(require('touchmark/schema/plan.schema.json').properties.forms);
  assert.ok(require.resolve('touchmark/touchmark.wasm').endsWith('touchmark.wasm'));
});

test('the Playwright fixture loads as both kinds of module', async () => {
  const require = createRequire(join(app, 'x.js'));
  const modules = [require('touchmark/playwright'), await import(pathToFileURL(join(pack, 'playwright/index.mjs')).href)];
  for (const { test: fixture, expect } of modules) assert.deepEqual([typeof fixture, typeof expect], ['function', 'function']);
});

test('integrity.json holds of every file that pages load', () => {
  const loaded = readdirSync(pack, { recursive: true }).filter((name) => /^(touchmark|stub|consent\/).*\.(js|mjs|wasm)$/.test(name));
  assert.deepEqual(Object.keys(manifest.files), loaded.sort());
  for (const [name, { integrity, bytes, immutable }] of Object.entries(manifest.files)) {
    const content = readFileSync(join(pack, name));
    assert.equal(integrity, `sha384-${createHash('sha384').update(content).digest('base64')}`, name);
    assert.equal(bytes, content.length, name);
    if (immutable) assert.ok(manifest.files[immutable], immutable);
  }
});

/** The package's files on a site of their own; `html` is its page. */
async function visited(name, html, policy) {
  const folder = join(stage.folder, `site-${name}`);
  mkdirSync(folder);
  for (const file of Object.keys(manifest.files)) cpSync(join(pack, file), join(folder, file), { recursive: true });
  const site = await serve(folder, stage.plan, policy ? { 'content-security-policy': policy } : {});
  try {
    writeFileSync(join(folder, 'index.html'), `<!doctype html><title>a site</title>${html(site.origin)}`);
    return await stage.delivers(name, site.origin);
  } finally {
    await site.close();
  }
}

const tag = (src, rest = '') => `<script async src="${src}" data-plan="/plan.json" referrerpolicy="no-referrer" ${rest}></script>`;

for (const plain of ['touchmark.js', 'touchmark.inline.js']) {
  test(`script tag: ${plain}`, () => visited(plain, () => tag(`/${plain}`)));

  test(`script tag by integrity, under its immutable name: ${plain}`, async () => {
    const { immutable } = manifest.files[plain];
    const { integrity } = manifest.files[immutable];
    const asked = await visited(`immutable-${plain}`, () => tag(`/${immutable}`, `integrity="${integrity}" crossorigin="anonymous"`));
    const own = asked.filter((path) => /touchmark/.test(path));
    const expected = plain === 'touchmark.js' ? [immutable, manifest.files['touchmark.wasm'].immutable] : [immutable];
    assert.deepEqual(own, expected.map((name) => `/${name}`));
  });
}

const policies = () => {
  const lines = readFileSync(join(pack, 'csp.txt'), 'utf8').split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  assert.equal(lines.length, 3);
  return lines.map((line) => line.replaceAll('https://events.example.org', new URL(stage.collector.endpoint).origin));
};

test('csp.txt: files from one’s own origin', () => visited('csp-own', () => tag('/touchmark.js'), `default-src 'none'; ${policies()[0]}`));

test('csp.txt: a nonce', () =>
  visited('csp-nonce', () => tag('/touchmark.js', 'nonce="abc"'), `default-src 'none'; ${policies()[1].replace('{nonce}', 'abc')}`));

test('csp.txt: another host, by integrity', async () => {
  const host = await serve(pack, stage.plan);
  const { immutable } = manifest.files['touchmark.js'];
  try {
    await visited(
      'csp-host',
      () => tag(`${host.origin}/${immutable}`, `integrity="${manifest.files[immutable].integrity}" crossorigin="anonymous"`),
      `default-src 'none'; ${policies()[2].replaceAll('{host}', host.origin)}`,
    );
  } finally {
    await host.close();
  }
});

test('the bill of materials names what is compiled in, and no tool', () => {
  const { components } = JSON.parse(readFileSync(join(pack, 'sbom.cdx.json'), 'utf8'));
  const names = components.map(({ name }) => name);
  for (const name of ['uuid', 'wasm-bindgen', 'lol_alloc', 'js-sys', 'serde']) assert.ok(names.includes(name), `${name} is not listed`);
  for (const name of ['web-sys', 'clap', 'wasm-bindgen-cli-support', 'serde_json']) assert.ok(!names.includes(name), `${name} is listed`);
});
