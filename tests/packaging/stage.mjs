// What the packaging tests stand on: the package as a site installs it, a collector, a browser, and
// a static server for what a bundler wrote.

import { spawn, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRAM = process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark');
const WITHIN_MILLIS = 30_000;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };

export function tarball() {
  const found = readdirSync(join(ROOT, 'pkg')).filter((name) => /^touchmark-.*\.tgz$/.test(name));
  if (found.length !== 1) throw new Error(`pkg/ holds ${found.length} tarballs, not one: run \`cargo xtask package\``);
  return join(ROOT, 'pkg', found[0]);
}

export async function startStage() {
  const folder = mkdtempSync(join(tmpdir(), 'touchmark-packaging-'));
  const collector = await startCollector(join(folder, 'events.db'));
  const source = {
    touchmark: 1, development: true, site: 'packaging', endpoint: collector.endpoint, pages: [{ path: '/', id: 'home' }, { path: '/index.html', id: 'home' }],
    forms: [], events: ['landing'], consent: { source: 'not_required' },
  };
  const planOf = (name, change) => {
    const [from, to] = [join(folder, `${name}.source.json`), join(folder, `${name}.json`)];
    writeFileSync(from, JSON.stringify({ ...source, ...change }));
    execFileSync(PROGRAM, ['plan', 'build', from, '--out', to], { stdio: 'pipe' });
    return to;
  };
  const launched = chromium.launch({
    executablePath: process.env.TOUCHMARK_CHROMIUM || undefined,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  // A collector that is left behind would keep the run from ending.
  const browser = await launched.catch(async (fault) => {
    await collector.stop();
    throw fault;
  });

  const stage = {
    folder,
    collector,
    browser,
    plan: planOf('plan'),
    planOf,
    /** A folder with the package in its node_modules, as npm would put it there. */
    app(name, files = {}) {
      const app = join(folder, name);
      const modules = join(app, 'node_modules', 'touchmark');
      mkdirSync(modules, { recursive: true });
      execFileSync('tar', ['-xzf', tarball(), '--strip-components=1', '-C', modules]);
      symlinkSync(join(ROOT, 'node_modules/@playwright'), join(app, 'node_modules/@playwright'));
      symlinkSync(join(ROOT, 'node_modules/playwright'), join(app, 'node_modules/playwright'));
      symlinkSync(join(ROOT, 'node_modules/playwright-core'), join(app, 'node_modules/playwright-core'));
      const all = { 'package.json': '{"private": true, "type": "module"}', ...files };
      for (const [file, text] of Object.entries(all)) {
        mkdirSync(dirname(join(app, file)), { recursive: true });
        writeFileSync(join(app, file), text);
      }
      return app;
    },
    /**
     * Opens `origin` as a visitor who came by the campaign `name`; its landing, and nothing else of
     * it, is stored. Returns the paths that the page asked for.
     */
    async delivers(name, origin) {
      const context = await browser.newContext();
      const faults = [];
      const asked = [];
      context.on('weberror', (fault) => faults.push(String(fault.error())));
      context.on('request', (request) => request.url().startsWith(origin) && asked.push(new URL(request.url()).pathname));
      const page = await context.newPage();
      await page.goto(`${origin}/?utm_source=google&utm_medium=cpc&utm_campaign=${name}`);
      const mine = async () => (await collector.all()).filter(({ event }) => event.data.attribution?.last?.campaign === name);
      const until = Date.now() + WITHIN_MILLIS;
      while ((await mine()).length === 0) {
        if (Date.now() > until) {
          const told = await page.evaluate(() => JSON.stringify(window.touchmark?.('diagnostics') ?? 'touchmark is not there'));
          throw new Error(`${name}: no event within ${WITHIN_MILLIS / 1000} s; diagnostics ${told}; page ${faults.join('; ')}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await page.goto('about:blank');
      await context.close();
      const rows = (await mine()).map(({ type, subject, state }) => `${type} ${subject} ${state}`);
      if (rows.join() !== 'org.touchmark.landing home good') throw new Error(`${name}: stored ${rows.join()}`);
      if (faults.length) throw new Error(`${name}: the page threw ${faults.join('; ')}`);
      return asked;
    },
    async close() {
      await browser.close();
      await collector.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return stage;
}

/** Serves a folder, the plan, and `/` as its index.html; `headers` go with every page. */
export async function serve(folder, plan, headers = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = pathname === '/plan.json' ? plan : join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*', ...(type === 'text/html' && headers) }).end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startCollector(db) {
  const child = spawn(PROGRAM, ['collect', '--db', db, '--listen', '127.0.0.1:0', '--operator', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise((resolve, reject) => {
    const told = {};
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the collector ended at its start')));
    createInterface(child.stdout).on('line', (line) => {
      const [, name, address] = /^(ingestion|operator) (\S+)$/.exec(line) ?? [];
      if (name) told[name] = address;
      if (told.ingestion && told.operator) resolve(told);
    });
  });
  const operator = new URL(found.operator);
  const authorization = `Bearer ${operator.searchParams.get('token')}`;
  return {
    endpoint: found.ingestion,
    operator: found.operator,
    all: async () => (await fetch(new URL('/all', operator), { headers: { authorization } })).json(),
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', resolve);
        child.kill();
      }),
  };
}
