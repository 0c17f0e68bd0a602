// The whole line for each test: the production build, the demo clinic, and the real collector.
//
// Tests say what must be stored and, by the same word, what must not: `line.stores` takes the
// exact list, waits until nothing more can come, and looks again.
// `TOUCHMARK_PKG` names another build to test than pkg/.

import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSite } from '../../../www/serve.mjs';
import { type Collector, type Row, startCollector } from './collector';
import { type Gateway, startGateway } from './gateway';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const LANDING_QUERY = 'utm_source=google&utm_medium=cpc&utm_campaign=cardiology-q4&gclid=EAIaIQobChMI-test_1';
/** A disk that other work keeps busy can hold a commit up for longer than a page waits for its answer. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** www/serve.mjs says what these do. */
export interface Site {
  origin: string;
  requests: Received[];
  plan: string | Buffer | undefined;
  behave(path: string, rule: object | null): void;
  hold(path: string): () => void;
  reset(): void;
  close(): Promise<void>;
}

/** Kept by a page in its storage: the whole, and what waits to be sent. */
export interface Kept {
  keys: string[];
  outbox: string[];
}

type Source = Record<string, any>;

export interface Line {
  collector: Collector;
  gateway: Gateway;
  pkg: string;
  /** Builds the demo's plan, changed, with `touchmark plan build`; events go through the gateway unless changed. */
  plan(change?: (source: Source) => void): Buffer;
  /**
   * Exactly these events are stored, and all are good: `type subject`, for submissions also outcome
   * and verdict. Leaves the page, so that nothing of it can send anything after.
   */
  stores(page: Page, expected: string[]): Promise<Row[]>;
  /** Forms' bodies as the clinic's server received them. */
  posts(path: string): string[];
}

export const kept = (page: Page): Promise<Kept> =>
  page.evaluate(() => {
    const keys = [localStorage, sessionStorage].flatMap((storage) => Object.keys(storage)).filter((key) => key.startsWith('touchmark'));
    const prefix = 'touchmark.outbox.';
    return { keys, outbox: keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)) };
  });

/** The waits of retries, each up to 300 s, pass for a page until so many events are stored; its clock is not the machine's. */
export const passUntil = (page: Page, line: Line, stored: number): Promise<void> =>
  expect
    .poll(
      async () => {
        await page.clock.fastForward(10_000);
        return (await line.collector.all()).length;
      },
      { intervals: [250], timeout: 30_000 },
    )
    .toBe(stored);

export const codes = (page: Page): Promise<string[]> => page.evaluate(() => (window.touchmark?.('diagnostics') ?? []).map(({ code }: { code: string }) => code));

/** The core runs and has taken what waited. */
export const ready = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        // Before the script a queue does, as on any page.
        const queue = window as any;
        queue.touchmark ??= function () {
          (queue.touchmark.q ??= []).push(arguments);
        };
        queue.touchmark('ready', resolve);
      }),
  );

/** Changes every page on its way to the browser. */
export const rewrite = (site: Site, change: (html: string) => string): void =>
  site.behave('/*', { body: (bytes: Buffer) => (bytes.includes('<!doctype html>') ? change(bytes.toString()) : bytes) });

/** Why a test is skipped there. */
export const NO_WAY_BACK = 'NOT RUN: the driver of Firefox hears nothing of a page that comes from the cache';

/** What Firefox says of something that it refuses; it throws nothing in the page. */
const REFUSED = /^(?:Error: )?(?:Loading module from|Cookie “|None of the “sha\d+” hashes|Content-Security-Policy: The page’s settings blocked (?:WebAssembly|the loading of a resource \(connect-src\)))/;

/** For a failure's message: where the events that are missed may be. */
const known = async (page: Page, gateway: Gateway): Promise<object> => ({
  url: page.url(),
  now: Date.now(),
  codes: await codes(page),
  storage: await page.evaluate(() => [localStorage, sessionStorage].map((storage) => Object.entries(storage).filter(([key]) => key.startsWith('touchmark')))),
  posts: gateway.sent.map(({ method, body, at, answered }) => ({ method, body: body.slice(0, 200), at, answered })),
});

const short = ({ type, subject, event: { data } }: Row): string =>
  [type.replace('org.touchmark.', ''), subject, data.form?.outcome, data.validation?.verdict].filter(Boolean).join(' ');

const build = (program: string, folder: string, change: (source: Source) => void): Buffer => {
  const source = JSON.parse(readFileSync(join(ROOT, 'www/plan.json'), 'utf8')) as Source;
  // They are relative to the demo's place; without them the program uses its own.
  delete source.$schema;
  delete source.schema;
  change(source);
  const [from, to] = [join(folder, 'source.json'), join(folder, 'plan.json')];
  writeFileSync(from, JSON.stringify(source));
  execFileSync(program, ['plan', 'build', from, '--out', to], { stdio: 'pipe' });
  return readFileSync(to);
};

export const test = base.extend<
  { site: Site; line: Line; pageFaults: string[] },
  { program: string; folder: string; pkg: string; collector: Collector; gateway: Gateway; demoPlan: Buffer }
>({
  program: [({}, use) => use(process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark')), { scope: 'worker' }],

  folder: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'touchmark-line-'));
      await use(folder);
      rmSync(folder, { recursive: true });
    },
    { scope: 'worker' },
  ],

  // A copy: a build beside the tests must not change what is under test.
  pkg: [
    async ({ folder }, use) => {
      const pkg = join(folder, 'pkg');
      cpSync(process.env.TOUCHMARK_PKG ?? join(ROOT, 'pkg'), pkg, { recursive: true });
      await use(pkg);
    },
    { scope: 'worker' },
  ],

  collector: [
    async ({ program }, use) => {
      const folder = mkdtempSync(join(MEMORY, 'touchmark-db-'));
      const collector = await startCollector(program, join(folder, 'events.db'));
      await use(collector);
      await collector.kill();
      rmSync(folder, { recursive: true });
    },
    { scope: 'worker' },
  ],

  gateway: [
    async ({ collector }, use) => {
      const gateway = await startGateway(() => collector.endpoint);
      await use(gateway);
      await gateway.close();
    },
    { scope: 'worker' },
  ],

  demoPlan: [({ program, folder, gateway }, use) => use(build(program, folder, (source) => (source.endpoint = gateway.endpoint))), { scope: 'worker' }],

  site: async ({ pkg, demoPlan }, use) => {
    const site = (await startSite({ packageDir: pkg, plan: demoPlan })) as Site;
    await use(site);
    await site.close();
  },

  line: async ({ site, collector, gateway, program, folder, pkg }, use) => {
    if (!collector.isRunning()) await collector.restart();
    gateway.reset();
    await collector.reset();

    const all = async (): Promise<Row[]> => (await collector.all()).filter(({ source }) => source !== FENCE);
    const summary = async (): Promise<string[]> => (await all()).map(short).sort();
    /** Whatever the page still keeps is stored already: sent again, it adds nothing. */
    const unstored = async (page: Page): Promise<string[]> => {
      const ids = (await all()).map(({ id }) => id);
      return (await kept(page)).outbox.filter((id) => !ids.includes(id));
    };

    await use({
      collector,
      gateway,
      pkg,
      plan: (change) =>
        build(program, folder, (source) => {
          source.endpoint = gateway.endpoint;
          change?.(source);
        }),
      posts: (path) => site.requests.filter((one) => one.method === 'POST' && one.path === path).map(({ body }) => body.toString()),
      async stores(page, expected) {
        await expect.poll(summary, { message: 'stored events', timeout: 30_000 }).toEqual([...expected].sort()).catch(async (missed: Error) => {
          missed.message += `\n\nWhat the page knows: ${JSON.stringify(await known(page, gateway), undefined, 1)}`;
          throw missed;
        });
        // A page that goes away lets go of what it holds back; where it stood nothing runs.
        await page.goto(`${site.origin}/favicon.svg`);
        await expect.poll(() => unstored(page), { message: 'events that the page still keeps' }).toEqual([]);
        expect((await kept(page)).keys).not.toContain('touchmark.early');
        await expect.poll(gateway.isIdle).toBe(true);
        const id = `fence-${Date.now()}`;
        const fence = { specversion: '1.0', id, source: FENCE, type: 'org.touchmark.landing' };
        expect((await fetch(gateway.endpoint, { method: 'POST', body: JSON.stringify(fence) })).status).toBe(202);
        await expect.poll(async () => (await collector.all()).map((row) => row.id)).toContain(id);
        const rows = await all();
        expect(rows.map(short).sort(), 'stored events, once nothing more can come').toEqual([...expected].sort());
        expect(rows.filter(({ state }) => state !== 'good').map(({ reasons }) => reasons)).toEqual([]);
        expect((await collector.stats()).rejected).toBe(0);
        return rows;
      },
    });
  },

  // Whatever happens to touchmark, the page throws nothing; and a trap may not hide behind the
  // instance that replaces the trapped one.
  pageFaults: [
    async ({ context }, use) => {
      const faults: string[] = [];
      context.on('weberror', (fault) => REFUSED.test(`${fault.error()}`) || faults.push(`${fault.error()}`));
      context.on('console', (message) => /^touchmark core_(trapped|stopped)/.test(message.text()) && faults.push(message.text()));
      // In debug mode diagnostics go to the console.
      await context.addInitScript(() => addEventListener('load', () => window.touchmark?.('debug')));
      await use(faults);
      expect(faults, 'errors in the page').toEqual([]);
    },
    { auto: true },
  ],
});

/** The source of an event that comes after all others: of a page's type, since other types need a key. */
const FENCE = 'urn:touchmark:fence';

declare global {
  interface Window {
    touchmark?: any;
    dataLayer?: any[];
  }
}

export { expect };
