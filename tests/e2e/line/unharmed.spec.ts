// The page works the same with touchmark blocked, forbidden, broken or absent.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { codes, expect, LANDING_QUERY, passUntil, ready, rewrite, ROOT, test } from './line';
import { adClickToThankYou, expectNoSecrets, fillAppointment, fillCallback, hidden, only, send, submitAppointment } from './visitor';

const listen = (page: Page): string[] => {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return errors;
};

const violations = (page: Page): Promise<string[]> => page.evaluate(() => (window as any).violations);
const noteViolations = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const seen: string[] = ((window as any).violations = []);
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => seen.push(`${effectiveDirective} ${blockedURI}`));
  });

test('the server receives the same bytes with touchmark, without it, and with it blocked', async ({ page, site, line, browserName }) => {
  site.plan = line.plan((plan) => plan.forms.forEach((form: { hidden?: object }) => delete form.hidden));
  const submit = async (): Promise<void> => {
    await page.goto(`${site.origin}/appointment/`);
    await fillAppointment(page);
    await submitAppointment(page);
  };
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  await submitAppointment(page);
  await expect.poll(async () => (await line.collector.all()).length).toBe(2);

  const errors = listen(page);
  rewrite(site, (html) => html.replace(/<script async.*?<\/script>/, ''));
  await submit();
  expect(errors).toEqual([]);

  site.behave('/*', null);
  await page.route('**/touchmark/touchmark.js', (route) => route.abort());
  await submit();
  await page.waitForLoadState();
  // One for each of the two pages, from the browser itself; Firefox says nothing.
  expect(errors).toEqual(Array(browserName === 'firefox' ? 0 : 2).fill('Failed to load resource: net::ERR_FAILED'));

  const [withIt, without, blocked, ...more] = site.requests.filter(({ method }) => method === 'POST');
  expect(more).toEqual([]);
  expect(withIt!.body.length).toBeGreaterThan(100);
  expect(withIt!.body.toString()).toBe(without!.body.toString());
  expect(blocked!.body.toString()).toBe(without!.body.toString());
  for (const name of ['content-type', 'content-length', 'origin', 'referer']) expect(withIt!.headers[name]).toBe(without!.headers[name]);
  await line.stores(page, ['form_submit appointment sent valid', 'form_result appointment accepted']);
});

test('where the policy forbids wasm the same core runs as JavaScript', async ({ page, site, line }) => {
  site.behave('/*', { headers: { 'content-security-policy': "script-src 'self'" } });
  await adClickToThankYou(page, site, line);
  const loaded = site.requests.map(({ path }) => path);
  expect(loaded.some((path) => path.endsWith('/touchmark.wasm.mjs'))).toBe(true);
  expect(loaded.filter((path) => path.endsWith('.wasm'))).toEqual([]);
});

test('where neither wasm nor its replacement can be had the page works, nothing is sent, and the diagnostics say why', async ({ page, site, line }) => {
  site.behave('/*', { headers: { 'content-security-policy': "script-src 'self'" } });
  site.behave('/touchmark/touchmark.wasm.mjs', { status: 404 });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await expect.poll(() => codes(page)).toEqual(['wasm_forbidden', 'core_unreadable']);
  await fillAppointment(page);
  await submitAppointment(page);
  await page.goto(`${site.origin}/callback/`);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  expect(site.requests.filter(({ path }) => /\.wasm$/.test(path))).toEqual([]);
  expect(line.posts('/appointment/')).toHaveLength(1);
  expect(line.posts('/api/callback')).toHaveLength(1);
  await line.stores(page, []);
  expect(line.gateway.sent.filter(({ body }) => body.includes('touchmark.form'))).toEqual([]);
});

for (const build of ['touchmark.js', 'touchmark.inline.js']) {
  test(`${build} keeps to the strictest policy that allows wasm`, async ({ page, site, line }) => {
    const { origin } = new URL(line.gateway.endpoint);
    site.behave('/*', {
      headers: { 'content-security-policy': `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${origin}; require-trusted-types-for 'script'; trusted-types 'none'` },
    });
    rewrite(site, (html) => html.replace('/touchmark.js"', `/${build}"`));
    await noteViolations(page);
    await page.goto(`${site.origin}/callback/`);
    await ready(page);
    await fillCallback(page);
    await send(page);
    await page.locator('.form-success').waitFor();
    expect(await codes(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await line.stores(page, ['form_submit callback accepted valid']);
  });
}

test('an endpoint that the policy forbids costs the page nothing', async ({ page, site, line }) => {
  site.behave('/*', { headers: { 'content-security-policy': "connect-src 'self'" } });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await expect.poll(() => codes(page)).toEqual(['send_failed']);
  await fillAppointment(page);
  await submitAppointment(page);
  expect(line.posts('/appointment/')).toHaveLength(1);
  expect(line.gateway.sent).toEqual([]);
});

const SOURCE = readFileSync(join(ROOT, 'www/plan.json'));
const BROKEN: [string, string | Buffer, string][] = [
  ['missing', '/nowhere/plan.json', 'plan_unreadable'],
  ['not JSON', Buffer.from('<!doctype html><title>Not found</title>'), 'plan_unreadable'],
  ['the source, not built', SOURCE, ''],
  ['of another version', Buffer.from('{"touchmark":2}'), ''],
  ['an array', Buffer.from('[]'), ''],
  ['null', Buffer.from('null'), ''],
  ['with forms that are none', Buffer.from('{"touchmark":1,"forms":[null,{"selector":"form["},7]}'), ''],
];
for (const [what, plan, code] of BROKEN) {
  test(`a plan that is ${what} is a diagnostic, and forms work`, async ({ page, site, line }) => {
    site.plan = plan;
    await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await expect.poll(() => codes(page)).not.toEqual([]);
    if (code) expect(await codes(page)).toEqual([code]);
    await fillAppointment(page);
    expect(await hidden(page)).toBe('');
    await submitAppointment(page);
    expect(line.posts('/appointment/')).toHaveLength(1);
    await line.stores(page, []);
  });
}

test('poisoned records are removed and reported', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/favicon.svg`);
  await page.evaluate(() => {
    const id = '5f0c8a52-7f3e-5b1a-9c55-0d4b6b1f2a10';
    localStorage.setItem('touchmark.attribution', '{"first":');
    localStorage.setItem('touchmark.outbox.x', 'rubbish \ud800');
    localStorage.setItem(`touchmark.outbox.${id}`, `1 1 1 0\n{"id":"another","source":"urn:touchmark:northside-clinic"}`);
    localStorage.setItem('touchmark.outbox.other-site', `1 ${Date.now()} 0 0\n{"id":"other-site","source":"urn:touchmark:elsewhere","type":"x"}`);
    localStorage.setItem('touchmark.outbox.deep', `1 ${Date.now()} 0 0\n${'['.repeat(100_000)}`);
    localStorage.setItem('touchmark.outbox.future', `1 99999999999999999999 0 0\n{"id":"future","source":"urn:touchmark:northside-clinic"}`);
    // As a plan that kept records for the tab alone would have left it.
    sessionStorage.setItem('touchmark.outbox.y', '');
    sessionStorage.setItem('touchmark.left', '\u0000 appointment soon');
    sessionStorage.setItem('touchmark.early', '{"not":"a list"}');
  });
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await expect.poll(() => codes(page)).toContain('record_unreadable');
  const reported = await codes(page);
  // Six of the outbox, one of the touches.
  expect(reported.filter((code) => code.startsWith('record_'))).toHaveLength(7);
  expect(reported).not.toContain('core_trapped');
  await expect.poll(() => page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])).toEqual([]);
  await fillAppointment(page);
  await submitAppointment(page);
  await line.stores(page, ['form_submit appointment sent valid', 'form_result appointment accepted']);
});

test('a second copy of the script adds nothing', async ({ page, site, line }) => {
  rewrite(site, (html) => html.replace(/<script async.*?<\/script>/, (tag) => `${tag}${tag}${tag.replace('touchmark.js', 'touchmark.inline.js')}`));
  await adClickToThankYou(page, site, line);
  expectNoSecrets(line);
});

test('a page whose arrays, texts and numbers say how they become JSON costs no event', async ({ page, site, line }) => {
  // As prototype.js 1.6 and its like do; the page's own scripts are spared it here.
  await page.addInitScript(() => {
    const { stringify } = JSON;
    const asWritten = (value: object): string => stringify(value).replace(/,/g, ', ');
    const give = (prototype: object, toJSON: () => string): unknown => Object.defineProperty(prototype, 'toJSON', { value: toJSON, configurable: true, writable: true });
    give(Array.prototype, function (this: unknown[]) {
      return asWritten({ ...this });
    });
    for (const prototype of [String.prototype, Number.prototype]) {
      give(prototype, function (this: object) {
        return `"${this}"`;
      });
    }
  });
  line.gateway.refusals = [503];
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await page.evaluate(() => window.touchmark('consent', { store: 'granted', send: 'granted' }));
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await passUntil(page, line, 2);
  const rows = await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  expect(only(rows, 'form_submit').event.data.attribution.last).toMatchObject({ campaign: 'cardiology-q4' });
  expect((await line.collector.stats()).duplicate).toBe(0);
});

test('commands that are none, and a page that has broken the console: nothing is thrown, and what is right counts', async ({ page, site, line }) => {
  await page.addInitScript(() => {
    const queue: any = ((window as any).touchmark = function () {
      queue.q.push(arguments);
    });
    queue.q = ['granted', null, 5, {}, []];
    queue('ready');
    queue('ready', 'document.title = "run"');
    queue('ready', () => Object.assign(window, { heard: true }));
    queue('record', 'appointment_booked', { at: 1n });
  });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  expect(await page.evaluate(() => (window as any).heard)).toBe(true);
  const title = await page.title();
  await page.evaluate(() => {
    const { touchmark } = window;
    touchmark('debug', true);
    const broken = (): never => {
      throw Object.create(null);
    };
    for (const info of [undefined, broken]) {
      console.info = info as never;
      touchmark('no command');
      touchmark(Symbol());
      touchmark(Object.create(null));
      touchmark('ready', null);
      touchmark('confirm', 5);
      touchmark('consent', Object.defineProperty({}, 'store', { get: broken }));
    }
    touchmark('debug', false);
  });
  expect(await codes(page)).toContain('command_failed');
  expect(await codes(page)).toContain('command_unknown');
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  expect(await page.title()).toBe(title);
  expect(title).not.toBe('run');
  await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
});

test('a forms part whose request breaks off is asked for once more; one that is not there is told once', async ({ page, site, line }) => {
  const path = '/touchmark/touchmark.forms.js';
  const asked = (): number => site.requests.filter((one) => one.path === path).length;
  site.behave(path, { drop: true, times: 1 });
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  expect(await codes(page)).toEqual([]);
  await line.stores(page, ['form_submit callback accepted valid']);
  site.behave(path, { status: 404, times: undefined, drop: false });
  const before = asked();
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  expect(await codes(page)).toEqual(['part_unreadable']);
  expect(asked() - before).toBe(2);
});

test('a tool that traces requests and adds its headers to each of them stops no event', async ({ page, site, line }) => {
  await page.addInitScript(() => {
    const { fetch } = window;
    window.fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      headers.set('x-datadog-origin', 'rum');
      return fetch(url, { ...init, headers });
    };
  });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await page.evaluate(() => window.touchmark('consent', 'granted'));
  await line.stores(page, ['landing callback']);
  expect(line.gateway.sent.find(({ method }) => method === 'POST')!.headers.traceparent).toMatch(/^00-/);
});
