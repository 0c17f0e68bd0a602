// The server of one visit: the page, its answers, touchmark's files and its endpoint. Writes down
// every request as it came.

import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FormPage, frame, type Received, type Reply, TAG } from './page';
import { poll } from './visitor';

const PROBE = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'probe.js'), 'utf8');
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json', '.css': 'text/css' };

export interface StoredEvent {
  id: string;
  type: string;
  subject: string;
  data: Record<string, any>;
}

export interface FormSite {
  origin: string;
  /** Requests of the page itself, in their order. */
  received: Received[];
  /** Events by id, in the order of their arrival. */
  events: Map<string, StoredEvent>;
  /** Events that came a second time with other bytes: must stay empty. */
  conflicts: string[];
  isIdle(): boolean;
  close(): Promise<unknown>;
}

export interface Offer {
  page: FormPage;
  /** The built plan; without it there is no touchmark on the page. */
  plan?: Buffer | undefined;
  /** touchmark's files by name. */
  files: (name: string) => Buffer | undefined;
  app?: string | undefined;
}

const DEFAULTS: NonNullable<FormPage['server']> = {
  'POST /send': { status: 303, headers: { location: '/thanks' } },
  'GET /send': { status: 303, headers: { location: '/thanks' } },
  'GET /thanks': { html: '<h1>Thank you</h1>' },
  'POST /api': { headers: { 'content-type': 'application/json' }, body: '{"ok":true}' },
  'GET /elsewhere': { html: '<h1>Elsewhere</h1>' },
};

export async function startFormSite({ page, plan, files, app }: Offer): Promise<FormSite> {
  const bodies = new Map<string, string>();
  let open = 0;
  const held: ServerResponse[] = [];

  const answer = (request: Received): Reply => {
    const { method, path } = request;
    const key = `${method} ${path}`;
    const rule = page.server?.[key] ?? DEFAULTS[key];
    if (rule) return typeof rule === 'function' ? rule(request) : rule;
    if (key === 'POST /refuse') return { status: 422, html: `<p class="refused">We could not send this</p>${page.body}` };
    if (method === 'GET' && path === '/page') return { html: page.body + (app ? '<script src="/app.js"></script>' : '') };
    if (path === '/app.js' && app) return { headers: { 'content-type': 'text/javascript' }, body: app };
    return { status: 404, body: '' };
  };

  const server = createServer(async (incoming, outgoing) => {
    open++;
    outgoing.once('close', () => open--);
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString('latin1');
    const { method = '', url = '/', rawHeaders } = incoming;
    const path = url.split('?')[0]!;
    if (path === '/v1/events') {
      for (const event of JSON.parse(Buffer.concat(pieces).toString()) as StoredEvent[]) {
        const bytes = JSON.stringify(event);
        if ((bodies.get(event.id) ?? bytes) !== bytes) site.conflicts.push(event.id);
        bodies.set(event.id, bytes);
        site.events.set(event.id, event);
      }
      return outgoing.writeHead(202).end('{}');
    }
    if (page.lacksPart && path === '/touchmark/touchmark.forms.js' && !site.received.some(({ path }) => path === '/thanks')) return void held.push(outgoing);
    if (path.startsWith('/touchmark/')) {
      const bytes = path === '/touchmark/plan.json' ? plan : files(path.slice('/touchmark/'.length));
      return outgoing.writeHead(bytes ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(bytes);
    }
    // Nothing runs there; the browser's own wish for an icon is nobody's request.
    if (path === '/blank' || path === '/favicon.ico') return outgoing.writeHead(200, { 'content-type': 'text/plain' }).end('');
    const request = { method, path, bytes: [`${method} ${url} HTTP/1.1`, ...rawHeaders, '', body].join('\n'), body };
    site.received.push(request);
    // Firefox asks nobody else for an address that somebody still waits for.
    if (path === '/thanks') held.splice(0).forEach((one) => one.destroy());
    const { status = 200, headers, html, body: plain, hangs, after = 0 } = answer(request);
    if (hangs) return;
    await poll(`${after} of ${method} ${path}`, async () => site.received.filter((one) => one.method === method && one.path === path).length >= after).catch(() => {});
    outgoing.writeHead(status, { ...(html === undefined ? {} : { 'content-type': 'text/html; charset=utf-8' }), ...headers });
    outgoing.end(html === undefined ? plain : frame(page, html, `<script>${PROBE}</script>`, plan ? TAG : ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: FormSite = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    events: new Map(),
    conflicts: [],
    isIdle: () => open === 0,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}
