// A site of one's own for each test, with the kernel around the fake core.

import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

declare global {
  interface Window {
    /** What the kernel does for the core (js/shell). */
    fakeHands: {
      discard(isLocal: boolean, key: string): void;
      isMatch(pattern: string, text: string): number;
      keep(isLocal: boolean, key: string, text: string): void;
      kept(): string;
      post(batch: number, url: string, body: string, isCloudevents: boolean): void;
      wake(at: number): void;
      wipe(said: string): void;
    };
  }
}

/** What the kernel said to the core, or the fake core noted. */
export interface Said {
  in: string;
  page?: string;
  key?: number;
  form?: number;
  native?: boolean;
  entries?: [string, string, string][];
  [member: string]: unknown;
}

interface Seen {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Site {
  origin: string;
  /** Every request that reached the server. */
  seen: Seen[];
  /** Headers of every page. */
  headers: Record<string, string>;
  plan: Record<string, unknown>;
  /** The status that POST /api answers with. */
  status: number;
  /** Holds touchmark.js back until it is called. */
  late(): () => void;
  /** Opens a page with this in its body, and waits until the core runs. */
  open(page: Page, body: string, options?: { head?: string; path?: string; quiet?: boolean }): Promise<void>;
  said(page: Page, kind?: string): Promise<Said[]>;
}

export const PLAN = {
  consent: { source: 'api' },
  forms: [
    { id: 'appointment', selector: 'form#appointment', request: '/api', success: [{ request: true }, { selector: '.ok' }, { url: '/thanks' }], failure: [{ selector: '.error' }] },
    { id: 'callback', selector: 'form#callback', success: [{ selector: '.ok' }] },
  ],
};

const SCRIPT = '<script async src="/tm/touchmark.js" data-plan="/tm/plan.json" referrerpolicy="no-referrer"></script>';

/** The form most tests submit; it holds every trap of named inputs. */
export const FORM = `
  <form id="appointment" method="post" action="/sent">
    <input name="name" value="Ann"><input name="id" value="17"><input name="elements" value="e">
    <input name="submit" type="hidden" value="s"><input name="action" value="a"><input name="getAttribute" value="g">
    <input name="matches" value="m"><input name="method" value="t">
    <select name="service"><option value="cardiology" selected><option value="other"></select>
    <input type="checkbox" name="news" value="yes"><input type="checkbox" name="agree" checked>
    <input name="off" value="x" disabled><fieldset disabled><input name="off2" value="x"></fieldset>
    <input type="file" name="scan"><input type="password" name="secret" value="hunter2">
    <textarea name="message">Hello</textarea><input type="hidden" name="event_id">
    <button name="go" value="now">Send</button><button name="other" value="no">Other</button>
  </form>`;

/**
 * Clicks where the button or link with this text is. Playwright's own click asks the form for
 * getAttribute, which FORM's inputs shadow.
 */
export async function press(page: Page, text: string, clickCount = 1): Promise<void> {
  const { x, y } = await page.evaluate((text) => {
    const found = [...document.querySelectorAll('button, a')].find((one) => one.textContent === text);
    const { left, top, width, height } = found!.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }, text);
  await page.mouse.click(x, y, { clickCount });
}

export const test = base.extend<{ site: Site }, { pkg: string }>({
  pkg: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'touchmark-kernel-'));
      // The smallest module there is.
      writeFileSync(join(folder, 'core.wasm'), Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]));
      const root = join(here, '..', '..', '..');
      execFileSync('node', ['js/build.mjs', '--glue', join(here, 'fake-glue.js'), '--wasm', join(folder, 'core.wasm'), '--out', folder], { cwd: root });
      await use(folder);
      rmSync(folder, { recursive: true });
    },
    { scope: 'worker' },
  ],

  site: async ({ pkg }, use) => {
    const types: Record<string, string> = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm', json: 'application/json' };
    let html = '';
    let held: Promise<void> | undefined;
    const server = createServer(async (request, response) => {
      const { pathname: path } = new URL(request.url ?? '/', 'http://site');
      let body = '';
      for await (const piece of request) body += piece;
      const { method = '', headers } = request;
      site.seen.push({ method, path, headers, body });
      if (path === '/tm/touchmark.js') await held;
      const file = path.startsWith('/tm/') && path.slice(4);
      if (file && !file.endsWith('.json') && !existsSync(join(pkg, file))) {
        response.writeHead(404).end();
      } else if (file) {
        response.writeHead(200, { 'content-type': types[path.split('.').pop() ?? ''] ?? '' });
        response.end(file.endsWith('.json') ? JSON.stringify(site.plan) : readFileSync(join(pkg, file)));
      } else if (path === '/api') {
        response.writeHead(site.status).end('{}');
      } else {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': 'visitor=1', ...site.headers }).end(path.startsWith('/page') ? html : `<!doctype html>${SCRIPT}<h1>${path}</h1>`);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const site: Site = {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      seen: [],
      headers: {},
      plan: PLAN,
      status: 200,
      late() {
        let release = (): void => {};
        held = new Promise((resolve) => (release = resolve));
        return release;
      },
      async open(page, body, { head = SCRIPT, path = '/page', quiet = false } = {}) {
        html = `<!doctype html><meta charset="utf-8"><title>Clinic</title>${head}<body>${body}`;
        // A script that is held back holds the load event back too.
        await page.goto(site.origin + path, { waitUntil: quiet ? 'domcontentloaded' : 'load' });
        if (!quiet) await expect.poll(() => site.said(page, 'landing')).not.toHaveLength(0);
        if (!quiet) await page.evaluate(() => new Promise<void>((resolve) => window.touchmark?.('ready', resolve)));
      },
      async said(page, kind) {
        const all = await page.evaluate(() => JSON.parse(localStorage.getItem('said') ?? '[]') as Said[]);
        return kind ? all.filter((one) => one.in === kind) : all;
      },
    };
    await use(site);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

export { expect } from '@playwright/test';
export { SCRIPT };
