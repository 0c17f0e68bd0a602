// A site for each tracker: the same pages with the tracker's script, its own origin, and a server that
// takes what the tracker sends, keeps it, and fails on demand. The first site has no tracker.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { CASES } from './cases.mjs';
import { PEERS } from './peers/index.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const ROOT = join(here, '..', '..');
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
const SLOW_MILLIS = 1_000;

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });

/** touchmark itself: a lead is a submission that went out, by its own word or that of the page that followed. */
const TOUCHMARK = {
  id: 'touchmark',
  name: 'touchmark',
  packages: [],
  by: 'itself',
  leads(body) {
    const events = JSON.parse(body.toString());
    const went = events.filter(({ data }) => ['sent', 'accepted'].includes(data.form?.outcome));
    return went.map(({ id, data }) => data.form.submission ?? id);
  },
};

export const TRACKERS = [TOUCHMARK, ...PEERS];

/** Starts the blank site and one for each tracker. */
export async function startSites(program) {
  const folder = mkdtempSync(join(tmpdir(), 'touchmark-sites-'));
  const sites = [];
  for (const tracker of [undefined, ...TRACKERS]) sites.push(await startSite(tracker, tracker ? await filesOf(tracker, program, folder) : {}));
  return {
    sites,
    async close() {
      await Promise.all(sites.map((site) => site.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

async function filesOf(tracker, program, folder) {
  if (tracker.id === 'touchmark') {
    const read = (name) => readFileSync(join(ROOT, 'pkg', name));
    const beside = ['touchmark.wasm', 'touchmark.forms.js'].map((name) => [`/${name}`, read(name)]);
    return { '/tracker.js': read('touchmark.js'), ...Object.fromEntries(beside), '/plan.json': plan(program, folder) };
  }
  const { outputFiles } = await build({
    entryPoints: [join(here, 'peers', tracker.entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return { '/tracker.js': Buffer.from(outputFiles[0].contents) };
}

/** The plan of a site whose forms are all of one kind. */
function plan(program, folder) {
  const source = {
    touchmark: 1, site: 'compare', endpoint: '/sink', pages: [{ path: '/*', id: 'page' }],
    forms: [{
      id: 'lead', selector: 'form', contract: 'callback_request', fields: { name: 'name', phone: 'phone' }, request: '/api/lead',
      success: [{ request: true }, { selector: '.ok' }, { url: '/thanks.html' }], failure: [{ selector: '.error' }],
    }],
    events: ['landing'], consent: { source: 'not_required' },
  };
  const [from, to] = [join(folder, 'source.json'), join(folder, 'plan.json')];
  writeFileSync(from, JSON.stringify(source));
  execFileSync(program, ['plan', 'build', from, '--out', to], { stdio: 'pipe' });
  return readFileSync(to);
}

async function startSite(tracker, files) {
  const compressed = new Map(Object.entries(files).map(([path, bytes]) => [path, brotli(bytes)]));
  const site = {
    tracker,
    origin: '',
    /** Bytes of files and configuration, as they went over the line, by path. */
    bytes: {},
    /** Requests that carried events. */
    posts: 0,
    /** Every submission told, in order; the same id twice was sent twice. */
    told: [],
    /** `down` closes connections; `slow` answers late; `deaf` takes one request and gives no answer. */
    fault: undefined,
    reset() {
      Object.assign(site, { bytes: {}, posts: 0, told: [], fault: undefined });
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  const head =
    tracker?.id === 'touchmark'
      ? '<script async src="/tracker.js" data-plan="/plan.json" referrerpolicy="no-referrer"></script>'
      : tracker
        ? '<script async type="module" src="/tracker.js"></script>'
        : '';
  const page = (body) => {
    const tagged = tracker?.id === 'walkeros' ? body.replaceAll('<form id="lead"', '<form id="lead" data-elb="lead" data-elbaction="submit:send"').replaceAll('<form id=\\"lead\\"', '<form id=\\"lead\\" data-elb=\\"lead\\" data-elbaction=\\"submit:send\\"') : body;
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A landing page</title><link rel="icon" href="data:,">${head}</head><body><h1>A landing page</h1>${tagged}</body></html>`;
  };

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const answer = (status, headers, content) => response.writeHead(status, headers).end(content);
    if (pathname.startsWith('/sink')) return sink(request, response, pathname, body, answer);
    if (pathname === '/api/lead') {
      if (request.headers['content-type']?.includes('json')) return answer(JSON.parse(body.toString()).refuse ? 422 : 201, { 'content-type': 'application/json' }, '{}');
      return answer(303, { location: '/thanks.html' });
    }
    if (compressed.has(pathname)) {
      const content = compressed.get(pathname);
      site.bytes[pathname] = content.length;
      return answer(200, { 'content-type': TYPES[extname(pathname)], 'content-encoding': 'br', 'cache-control': 'no-cache' }, content);
    }
    const one = CASES.find(({ id }) => pathname === `/${id}.html`);
    if (one || pathname === '/' || pathname === '/thanks.html') return answer(200, { 'content-type': 'text/html', 'cache-control': 'no-cache' }, page(one?.html ?? '<p>Words.</p>'));
    answer(404, {}, '');
  });

  const sink = async (request, response, pathname, body, answer) => {
    if (request.method === 'OPTIONS') return answer(204, CORS);
    if (site.fault === 'down') return response.destroy();
    if (request.method === 'POST' && !/flags|decide/.test(pathname)) {
      site.posts++;
      try {
        site.told.push(...(tracker?.leads(body) ?? []));
      } catch (fault) {
        throw new Error(`${tracker.id}: a request that its row in peers/index.mjs can't read: ${fault.message}`);
      }
      if (site.fault === 'deaf') {
        site.fault = undefined;
        return response.destroy();
      }
      if (site.fault === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MILLIS));
      if (response.destroyed) return;
      return answer(200, { ...CORS, 'content-type': 'application/json' }, tracker?.id === 'plausible' ? 'ok' : '{"status":1,"success":true}');
    }
    // Configuration that a tracker asks its own service for.
    const told = brotli(Buffer.from(JSON.stringify(configuration(pathname))));
    if (/\.js$/.test(pathname)) return answer(200, { ...CORS, 'content-type': 'text/javascript' }, '');
    site.bytes[pathname] = told.length;
    answer(200, { ...CORS, 'content-type': 'application/json', 'content-encoding': 'br' }, told);
  };

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.origin = `http://127.0.0.1:${server.address().port}`;
  return site;
}

function configuration(pathname) {
  if (/sourceConfig/.test(pathname)) {
    return { source: { id: 'source', name: 'compare', writeKey: 'key', enabled: true, workspaceId: 'workspace', destinations: [], connections: [], config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } } } };
  }
  return { featureFlags: {}, featureFlagPayloads: {}, flags: {}, supportedCompression: ['gzip-js'], autocapture_opt_out: false, sessionRecording: false, surveys: false, hasFeatureFlags: false, heatmaps: false, capturePerformance: false };
}
