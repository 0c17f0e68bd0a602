// A tiny site with each bundler, from the tarball, as its documentation's first page builds one:
// each delivers its landing to a real collector, once.

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import * as vite from 'vite';
import webpack from 'webpack';
import { serve, startStage } from './stage.mjs';

let stage;
before(async () => (stage = await startStage()));
after(() => stage?.close());

const ENTRY = (name) => `import { init } from '${name}';\nawait init({ plan: '/plan.json' });\n`;
const REQUIRED = (name) => `const { init } = require('${name}');\ninit({ plan: '/plan.json' });\n`;
const page = (src, kind = 'type="module"') => `<!doctype html><meta charset="utf-8"><title>a site</title><script ${kind} src="${src}"></script>`;

async function delivered(name, folder, plan = stage.plan) {
  const site = await serve(folder, plan);
  try {
    return await stage.delivers(name, site.origin);
  } finally {
    await site.close();
  }
}

const viteConfig = (root) => ({ root, configFile: false, logLevel: 'error' });

for (const [name, entry] of [['vite', 'touchmark'], ['vite-streamed', 'touchmark/streamed']]) {
  test(`${name}: build`, async () => {
    const app = stage.app(name, { 'main.js': ENTRY(entry), 'index.html': page('/main.js') });
    await vite.build(viteConfig(app));
    const asked = await delivered(name, join(app, 'dist'));
    assert.equal(asked.some((path) => path.endsWith('.wasm')), entry !== 'touchmark', asked.join(' '));
  });
}

test('vite: development server', async () => {
  const app = stage.app('vite-dev', {
    'main.js': ENTRY('touchmark'),
    'index.html': page('/main.js'),
    'public/plan.json': (await import('node:fs')).readFileSync(stage.plan, 'utf8'),
  });
  const server = await vite.createServer({ ...viteConfig(app), server: { host: '127.0.0.1', port: 0, hmr: false } });
  await server.listen();
  try {
    await stage.delivers('vite-dev', `http://127.0.0.1:${server.httpServer.address().port}`);
  } finally {
    await server.close();
  }
});

for (const [name, entry, text] of [
  ['webpack', 'touchmark', ENTRY],
  ['webpack-streamed', 'touchmark/streamed', ENTRY],
  ['webpack-commonjs', 'touchmark', REQUIRED],
]) {
  test(name, async () => {
    const app = stage.app(name, {
      'package.json': text === REQUIRED ? '{"private": true}' : '{"private": true, "type": "module"}',
      'main.js': text(entry),
      'dist/index.html': page('/main.js', 'defer'),
    });
    const compiler = webpack({ mode: 'production', context: app, entry: './main.js', output: { path: join(app, 'dist') } });
    const stats = await new Promise((resolve, reject) => compiler.run((fault, told) => (fault ? reject(fault) : resolve(told))));
    await new Promise((resolve) => compiler.close(resolve));
    assert.deepEqual(stats.toJson().errors.map(({ message }) => message), []);
    const asked = await delivered(name, join(app, 'dist'));
    assert.equal(asked.some((path) => path.endsWith('.wasm')), entry !== 'touchmark', asked.join(' '));
  });
}

test('rollup', async () => {
  const app = stage.app('rollup', { 'main.js': ENTRY('touchmark'), 'dist/index.html': page('/main.js') });
  const bundle = await rollup({ input: join(app, 'main.js'), plugins: [nodeResolve({ browser: true })] });
  await bundle.write({ dir: join(app, 'dist'), format: 'es' });
  await bundle.close();
  await delivered('rollup', join(app, 'dist'));
});

for (const [name, text, format] of [['esbuild', ENTRY, 'esm'], ['esbuild-commonjs', REQUIRED, 'iife']]) {
  test(name, async () => {
    const app = stage.app(name, { 'main.js': text('touchmark'), 'dist/index.html': page('/main.js') });
    await esbuild.build({ entryPoints: [join(app, 'main.js')], bundle: true, minify: true, format, outfile: join(app, 'dist/main.js'), logLevel: 'error' });
    await delivered(name, join(app, 'dist'));
  });
}

test('the streamed module without a bundler, its wasm named', async () => {
  const app = stage.app('bare', {
    'index.html': '<!doctype html><title>a site</title><script type="module">import { init } from "/node_modules/touchmark/touchmark.mjs"; await init({ plan: "/plan.json", wasm: "/node_modules/touchmark/touchmark.wasm" })</script>',
  });
  await delivered('bare', app);
});

// A consent source is a part that only some plans ask for: bundlers must leave its import alone, and
// the page must find it in the folder that `files` names.
for (const name of ['webpack', 'esbuild', 'vite', 'rollup']) {
  test(`${name}: a consent source beside the bundle`, async () => {
    const gtag = '<script>window.dataLayer = []; function gtag() { dataLayer.push(arguments) } gtag("consent", "default", { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted", analytics_storage: "granted" })</script>';
    const main = "import { init } from 'touchmark';\nawait init({ plan: '/plan.json', files: '/touchmark/' });\n";
    const html = page('/main.js').replace('<script', `${gtag}<script`);
    const app = stage.app(`${name}-consent`, { 'main.js': main, 'index.html': html, 'dist/index.html': html });
    const [entry, dist] = [join(app, 'main.js'), join(app, 'dist')];
    if (name === 'webpack') {
      const compiler = webpack({ mode: 'production', context: app, entry: './main.js', output: { path: dist } });
      const stats = await new Promise((resolve, reject) => compiler.run((fault, told) => (fault ? reject(fault) : resolve(told))));
      const { errors, warnings } = stats.toJson();
      assert.deepEqual([...errors, ...warnings.filter(({ message }) => !/size limit|performance/.test(message))].map(({ message }) => message), []);
    } else if (name === 'esbuild') {
      const { warnings } = await esbuild.build({ entryPoints: [entry], bundle: true, minify: true, format: 'esm', outfile: join(dist, 'main.js'), logLevel: 'silent' });
      assert.deepEqual(warnings, []);
    } else if (name === 'vite') {
      await vite.build(viteConfig(app));
    } else {
      const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })] });
      await bundle.write({ dir: dist, format: 'es' });
    }
    cpSync(join(app, 'node_modules/touchmark'), join(dist, 'touchmark'), { recursive: true });
    const plan = stage.planOf(name, { consent: { source: 'consent-mode' } });
    const asked = await delivered(`${name}-consent`, dist, plan);
    assert.ok(asked.some((path) => path.startsWith('/touchmark/consent/')), asked.join(' '));
  });
}
