// Strict pages: policies that forbid everything that is not named, frames without an origin, and
// a document that somebody has changed around the script.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { codes, expect, LANDING_QUERY, type Line, ready, rewrite, type Site, test } from './line';
import { expectNoSecrets, fillAppointment, hidden, submitAppointment } from './visitor';

const violations = (page: Page): Promise<string[]> => page.evaluate(() => (window as any).violations);
const noteViolations = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const seen: string[] = ((window as any).violations = []);
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => seen.push(`${effectiveDirective} ${blockedURI} ${sourceFile}`));
  });

/** Only what has the nonce, and what that loads; only these addresses. */
const strictest = (site: Site, line: Line): string =>
  [
    "default-src 'none'",
    "script-src 'nonce-clinic' 'strict-dynamic' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${site.origin}/touchmark/touchmark.wasm ${site.origin}/touchmark/plan.json ${line.gateway.endpoint}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const HEADERS = { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' };
const GRANTED = "window.dataLayer = []; function gtag() { dataLayer.push(arguments) } gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' })";

for (const [build, source] of [
  ['touchmark.js', 'not_required'],
  ['touchmark.inline.js', 'not_required'],
  ['touchmark.js', 'consent-mode'],
  ['touchmark.js', ['gpc', 'consent-mode']],
] as const) {
  test(`${build} keeps to nonce, strict-dynamic, Trusted Types and exact addresses; consent: ${source}`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source }));
    site.behave('/*', { headers: { ...HEADERS, 'content-security-policy': strictest(site, line) } });
    rewrite(site, (html) => html.replace('/touchmark.js"', `/${build}"`).replace('<script', `<script>${GRANTED}</script><script`).replace(/<script/g, '<script nonce="clinic"'));
    await noteViolations(page);
    await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await ready(page);
    await fillAppointment(page);
    await expect.poll(() => hidden(page)).not.toBe('');
    expect(await violations(page)).toEqual([]);
    expect(await codes(page)).toEqual([]);
    await submitAppointment(page);
    await ready(page);
    expect(await violations(page)).toEqual([]);
    await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
    expectNoSecrets(line);
  });
}

test('a page that is cross-origin isolated is served like any other', async ({ page, site, line }) => {
  site.behave('/*', { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
  await fillAppointment(page);
  await submitAppointment(page);
  await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
});

test('in a sandboxed frame, without origin and storage, the form works and its event is sent', async ({ page, site, line }) => {
  // Whoever frames its own pages so has to let them have the files: they ask as `null`.
  site.behave('/touchmark/*', { headers: { 'access-control-allow-origin': '*' } });
  site.behave('/privacy/', { body: () => `<!doctype html><title>Frame</title><iframe sandbox="allow-scripts allow-forms" src="/appointment/?${LANDING_QUERY}"></iframe>` });
  await page.goto(`${site.origin}/privacy/`);
  const frame = page.frameLocator('iframe');
  await expect.poll(() => frame.locator('[name=touchmark_event_id]').inputValue()).not.toBe('');
  const form = frame.locator('form#appointment');
  for (const [name, value] of [['full-name', 'Ann Example'], ['e-mail', 'ann@example.org'], ['tel', '+1 312 555 0100']]) await form.locator(`[name="${name}"]`).fill(value!);
  await form.locator('[name=service]').selectOption('cardiology');
  await form.locator('[name=when][value=morning]').check();
  await form.locator('[type=submit]').click();
  await expect.poll(() => line.posts('/appointment/')).toHaveLength(1);
  await line.stores(page, ['landing appointment', 'form_submit appointment sent valid']);
});

/** The same server by another name is another origin. */
const elsewhere = (site: Site): string => site.origin.replace('127.0.0.1', 'localhost');
/** The hosts that touchmark's own files were asked of. */
const hosts = (site: Site): Set<string | undefined> => new Set(site.requests.filter(({ path }) => path.startsWith('/touchmark/')).map(({ headers }) => headers.host));

test('a base that is put in after the script was fetched leads nowhere else', async ({ page, site, line }) => {
  rewrite(site, (html) => html.replace('</head>', `<script>addEventListener('DOMContentLoaded', () => document.head.prepend(Object.assign(document.createElement('base'), { href: '${elsewhere(site)}/' })))</script></head>`));
  // The script runs once the base is there.
  const release = site.hold('/touchmark/touchmark.js');
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`, { waitUntil: 'domcontentloaded' });
  expect(await page.evaluate(() => document.baseURI)).toBe(`${elsewhere(site)}/`);
  release();
  await ready(page);
  expect(hosts(site)).toEqual(new Set([new URL(site.origin).host]));
  await line.stores(page, ['landing callback']);
});

test('an image named like the running script is not asked for the plan, nor is a tag that changes later', async ({ page, site, line }) => {
  rewrite(site, (html) =>
    html.replace(/<script async.*?<\/script>/, (tag) =>
      [
        '<img name="currentScript" alt="" data-plan="/touchmark/other.json" src="/favicon.svg">',
        '<script type="text/plain" data-plan="/touchmark/other.json" src="/elsewhere/touchmark.js"></script>',
        tag.replace('<script', '<script onload="this.dataset.plan = \'/touchmark/other.json\'; this.src = \'/nowhere.js\'"'),
      ].join(''),
    ),
  );
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  expect(site.requests.filter(({ path }) => path === '/touchmark/other.json')).toEqual([]);
  await line.stores(page, ['landing callback']);
});

const hash = (bytes: Buffer, algorithm = 'sha384'): string => `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;

test('a plan from elsewhere needs its hash, and a hash that is none is refused wherever the plan is from', async ({ page, site, line }) => {
  const plan = site.plan as Buffer;
  site.behave('/touchmark/plan.json', { headers: { 'access-control-allow-origin': '*' } });
  const open = async (address: string, integrity?: string): Promise<string[]> => {
    rewrite(site, (html) => html.replace('data-plan="/touchmark/plan.json"', `data-plan="${address}"${integrity === undefined ? '' : ` data-plan-integrity="${integrity}"`}`));
    await page.goto(`${site.origin}/callback/`);
    await page.evaluate(() => new Promise<void>((resolve) => {
      window.touchmark('ready', resolve);
      setInterval(() => window.touchmark('diagnostics').length && resolve(), 20);
    }));
    return codes(page);
  };
  const away = `${elsewhere(site)}/touchmark/plan.json`;
  expect(await open(away)).toEqual(['plan_unreadable']);
  for (const algorithm of ['sha256', 'sha384', 'sha512']) expect(await open(away, hash(plan, algorithm)), algorithm).toEqual([]);
  const wrong = hash(Buffer.from('another'));
  for (const none of [wrong, '', 'sha384-', 'md5-1B2M2Y8AsgTpgAmY7PhCfg==', wrong.slice(0, 20), `sha999-${wrong.slice(7)}`, wrong.replace(/.$/, '!'), wrong.replace('-', '_'), 'true']) {
    expect(await open(away, none), `${none} elsewhere`).toEqual(['plan_unreadable']);
    expect(await open('/touchmark/plan.json', none), `${none} here`).toEqual(['plan_unreadable']);
  }
  await line.stores(page, []);
});

for (const build of ['touchmark.js', 'touchmark.inline.js']) {
  test(`${build} may carry its hash, and vouches for its wasm`, async ({ page, site, line }) => {
    const hashes = JSON.parse(readFileSync(join(line.pkg, 'integrity.json'), 'utf8')) as Record<string, string>;
    for (const [file, told] of Object.entries(hashes)) expect(told, file).toBe(hash(readFileSync(join(line.pkg, file))));
    rewrite(site, (html) => html.replace('/touchmark.js"', `/${build}" integrity="${hashes[build]}"`));
    await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
    await ready(page);
    // The bytes of another core: an empty custom section at the end changes nothing but the hash.
    site.behave('/touchmark/touchmark.wasm', { body: (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0, 1, 0])]) });
    await page.goto(`${site.origin}/callback/`);
    if (build === 'touchmark.js') await expect.poll(() => codes(page)).toEqual(['core_unreadable']);
    else await ready(page);
    await line.stores(page, ['landing callback']);
  });
}
