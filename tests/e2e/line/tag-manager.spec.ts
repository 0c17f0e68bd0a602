// The Google Tag Manager template on a real page: its committed code, the sandboxed API of
// tests/gtm/sandbox.mjs, the production build. No script tag of touchmark's is on the page.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { permissionsOf, sections } from '../../gtm/template.mjs';
import { expect, LANDING_QUERY, type Line, ready, rewrite, ROOT, type Site, test } from './line';
import { expectNoSecrets, fillCallback, HASHED, only, send } from './visitor';

const TAG = /<script async[^>]*touchmark\.js"[^>]*><\/script>/;
const MODE = { consentFrom: 'mode', storeType: 'analytics_storage', attributeType: 'ad_storage', identifyType: 'ad_user_data', sendType: 'analytics_storage' };

interface Container {
  site: Site;
  options?: object;
  nonce?: string;
  /** In the page's head, before everything else. */
  head?: string;
  /** Evaluates the script's text, as some loaders do: no element, no currentScript. */
  evaluates?: boolean;
}

/** A page whose container fires the template's tag when `fire` is called, however late. */
async function withContainer(page: Page, { site, options = {}, nonce, head = '', evaluates = false }: Container): Promise<() => Promise<void>> {
  const { SANDBOXED_JS_FOR_WEB_TEMPLATE: code, WEB_PERMISSIONS } = sections();
  const api = readFileSync(join(ROOT, 'tests/gtm/sandbox.mjs'), 'utf8').replaceAll('export ', '');
  const data = { action: 'load', script: `${site.origin}/touchmark/touchmark.js`, plan: '/touchmark/plan.json', consentFrom: 'plan', ...options };
  const container = `${api}
    const matches = (pattern, url) => matchesUrl(pattern, url.replace('http:', 'https:'));
    const consent = (window.container = { states: {}, listeners: {} });
    window.gtag = function () { (window.dataLayer ??= []).push(arguments); if (arguments[0] === 'consent') update(consent, arguments[2]); };
    window.fire = () => new Promise((resolve, reject) => {
      const api = sandbox({ window, permissions: ${JSON.stringify(permissionsOf(WEB_PERMISSIONS!))}, consent, nonce: ${JSON.stringify(nonce)}, matches });
      if (${evaluates}) api.injectScript = async (url, done) => { const text = await (await fetch(url)).text(); setTimeout(text); setTimeout(done); };
      const data = { ...${JSON.stringify(data)}, gtmOnSuccess: resolve, gtmOnFailure: () => reject(new Error('the tag failed')) };
      ((require, data) => {${code}})(requireFrom(api), data);
    });`;
  site.behave('/container.js', { body: () => `(() => {${container}})()`, status: 200, headers: { 'content-type': 'text/javascript' } });
  rewrite(site, (html) => html.replace(TAG, '').replace('<head>', () => `<head>${head}<script src="/container.js"${nonce ? ` nonce="${nonce}"` : ''}></script>`));
  return () => page.evaluate(() => (window as any).fire());
}

const callback = async (page: Page): Promise<void> => {
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
};

const announced = (page: Page): Promise<any[]> => page.evaluate(() => (window.dataLayer ?? []).filter(({ event }) => event));

async function isOneLead(page: Page, line: Line, landing = true): Promise<void> {
  const rows = await line.stores(page, [...(landing ? ['landing callback'] : []), 'form_submit callback accepted valid']);
  const { event } = only(rows, 'form_submit');
  expect(event.data.form.fields).toEqual({ phone: HASHED.phone, best_time: 'evening' });
  expectNoSecrets(line);
}

test('injected late, the tag manager’s touchmark keeps the campaign, and other tags get the event id', async ({ page, site, line }) => {
  const fire = await withContainer(page, { site });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await page.waitForLoadState();
  await fire();
  await ready(page);
  await callback(page);
  await expect.poll(() => announced(page)).toHaveLength(1);
  const [told] = await announced(page);
  expect(told).toEqual({ event: 'touchmark.form_submit', event_id: expect.any(String), form_id: 'callback', outcome: 'accepted' });
  expect(JSON.parse(line.posts('/api/callback')[0]!).touchmark_event_id).toBe(told.event_id);
  await isOneLead(page, line);
});

test('fired twice, the tag adds nothing', async ({ page, site, line }) => {
  const fire = await withContainer(page, { site });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await fire();
  await fire();
  await ready(page);
  await callback(page);
  await expect.poll(() => announced(page)).toHaveLength(1);
  await isOneLead(page, line);
});

test('injected after the first submission, the stub has kept it', async ({ page, site, line }) => {
  const stub = readFileSync(join(line.pkg, 'stub.js'), 'utf8');
  const fire = await withContainer(page, { site, head: `<script>${stub}</script>` });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await callback(page);
  expect(line.gateway.sent).toEqual([]);
  await fire();
  await ready(page);
  await isOneLead(page, line);
});

test('injected after the first submission without a stub, the next one is right', async ({ page, site, line }) => {
  const fire = await withContainer(page, { site });
  await page.goto(`${site.origin}/callback/`);
  await callback(page);
  await fire();
  await ready(page);
  await page.evaluate(() => {
    document.querySelector('.form-success')!.remove();
    document.querySelector('form')!.hidden = false;
  });
  await callback(page);
  await isOneLead(page, line, false);
});

test('a script without an element of its own finds its plan all the same', async ({ page, site, line }) => {
  const fire = await withContainer(page, { site, evaluates: true });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await fire();
  await ready(page);
  await callback(page);
  await isOneLead(page, line);
});

test('a nonce is enough for the injected script', async ({ page, site, line }) => {
  const { origin } = new URL(line.gateway.endpoint);
  const policy = `script-src 'nonce-n0' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self' ${origin}`;
  const fire = await withContainer(page, { site, nonce: 'n0' });
  site.behave('/*', { headers: { 'content-security-policy': policy } });
  // The page's own scripts need the nonce too.
  const { body } = { body: (html: string) => html.replace(TAG, '').replace(/<script (?=defer)/g, '<script nonce="n0" ').replace('<head>', '<head><script nonce="n0" src="/container.js"></script>') };
  rewrite(site, body);
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await fire();
  await ready(page);
  await callback(page);
  await isOneLead(page, line);
});

for (const agreed of [true, false]) {
  test(`consent mode: what was done before the answer ${agreed ? 'is told after the grant' : 'goes with the refusal'}`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
    const fire = await withContainer(page, { site, options: MODE });
    await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
    const say = (command: string, state: string): Promise<void> =>
      page.evaluate(([command, state]) => (window as any).gtag('consent', command, { analytics_storage: state, ad_storage: state, ad_user_data: state }), [command, state]);
    await say('default', 'denied');
    await fire();
    await ready(page);
    await callback(page);
    expect(line.gateway.sent).toEqual([]);
    await say('update', agreed ? 'granted' : 'denied');
    if (agreed) await isOneLead(page, line);
    else await line.stores(page, []);
  });
}

test('consent mode without any state is no consent', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
  const fire = await withContainer(page, { site, options: MODE });
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await fire();
  await ready(page);
  await callback(page);
  await line.stores(page, []);
  expect(line.gateway.sent.filter(({ body }) => body.includes('urn:touchmark:northside'))).toEqual([]);
});
