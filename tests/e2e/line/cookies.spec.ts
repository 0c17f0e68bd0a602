// Clicks that ad platforms' scripts keep in cookies: read where the plan asks and the visitor allows.

import type { BrowserContext, Page } from '@playwright/test';
import { codes, expect, type Line, ready, type Site, test } from './line';

const MAIL = 'utm_source=crm&utm_medium=email&utm_campaign=mail';
const DAY = 86_400_000;
const yesterday = Date.now() - DAY;

const touches = (page: Page): Promise<any> => page.evaluate(() => JSON.parse(localStorage.getItem('touchmark.attribution') ?? '{}'));
const set = (context: BrowserContext, site: Site, cookies: Record<string, string>): Promise<void> =>
  context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: site.origin })));
const ask = (site: Site, line: Line, cookies: string[], more: (plan: any) => void = () => {}): void => {
  site.plan = line.plan((plan) => {
    plan.attribution = { cookies };
    more(plan);
  });
};
/** How often anybody reads the page's cookies. */
const count = (page: Page): Promise<void> =>
  page.addInitScript(() => {
    const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie')!;
    Object.defineProperty(Document.prototype, 'cookie', {
      get() {
        Object.assign(window, { reads: ((window as any).reads ?? 0) + 1 });
        return get!.call(this);
      },
    });
  });
const reads = (page: Page): Promise<number> => page.evaluate(() => (window as any).reads ?? 0);

const call = (page: Page): Promise<void> =>
  page.evaluate(() => {
    addEventListener('click', (event) => event.preventDefault());
    const link = Object.assign(document.createElement('a'), { href: 'tel:1' });
    document.body.append(link);
    link.click();
  });

test('a click in a cookie is a touch of its own, dated as it says; a fifth part of _fbc is no part of it', async ({ page, context, site, line }) => {
  ask(site, line, ['_fbc', '_gcl_aw', 'ttclid']);
  await set(context, site, { _fbc: `fb.1.${yesterday}.IwAR2F4-dbP0.AQ`, _gcl_aw: `GCL.${Math.floor((yesterday - DAY) / 1000)}.Cj0KCQ-1`, ttclid: 'E.C.P.1', li_fat_id: 'not-asked-for' });
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await expect.poll(async () => (await touches(page)).last?.click_id?.value).toBe('IwAR2F4-dbP0');
  await call(page);
  const rows = await line.stores(page, ['call_click callback']);
  const { first, last, last_paid } = rows[0]!.event.data.attribution;
  expect(last).toEqual({ at: new Date(yesterday).toISOString(), page: 'undeclared', source: 'facebook', medium: 'referral', click_id: { param: 'fbclid', platform: 'meta', value: 'IwAR2F4-dbP0' }, channel: 'Organic Social', rule: 'organic_social' });
  expect(first).toMatchObject({ source: 'google', medium: 'cpc', click_id: { param: 'gclid', value: 'Cj0KCQ-1' }, channel: 'Paid Search' });
  expect(last_paid).toEqual(first);
  expect(line.gateway.sent.map(({ bytes }) => bytes).join()).not.toMatch(/not-asked-for|E\.C\.P/);
});

test('no cookie is read before the grants to store and to attribute', async ({ page, context, site, line }) => {
  ask(site, line, ['ttclid'], (plan) => (plan.consent = { source: 'api' }));
  await set(context, site, { ttclid: 'E.C.P.1' });
  await count(page);
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await page.evaluate(() => window.touchmark('consent', { attribute: 'granted', send: 'granted' }));
  await ready(page);
  expect(await reads(page)).toBe(0);
  await page.evaluate(() => window.touchmark('consent', { store: 'granted' }));
  await expect.poll(async () => (await touches(page)).last?.channel).toBe('Paid Social');
  expect(await reads(page)).toBeGreaterThan(0);
  await page.evaluate(() => window.touchmark('consent', 'withdrawn'));
  const before = await reads(page);
  await expect.poll(() => touches(page)).toEqual({});
  await ready(page);
  expect(await reads(page)).toBe(before);
  await line.stores(page, []);
});

test('a plan that asks for none loads nothing and reads nothing', async ({ page, context, site, line }) => {
  await set(context, site, { _fbc: `fb.1.${yesterday}.IwAR2F4` });
  await count(page);
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  expect(await reads(page)).toBe(0);
  expect(site.requests.filter(({ path }) => /touchmark\.(cookies|links)/.test(path))).toEqual([]);
  await line.stores(page, []);
});

test("never over the landing's own: its click, its campaign, and a click that is known already", async ({ page, context, site, line }) => {
  ask(site, line, ['_gcl_aw', 'ttclid']);
  // Set while the landing was on its way, and with a clock that is ahead.
  await set(context, site, { _gcl_aw: `GCL.${Math.floor(Date.now() / 1000) + 600}.Cj0KCQ-old`, ttclid: 'E.C.P.1' });
  await page.goto(`${site.origin}/cardiology/?${MAIL}&gclid=Cj0KCQ-new`);
  await ready(page);
  await expect.poll(async () => (await touches(page)).last?.click_id.value).toBe('Cj0KCQ-new');
  // As Google's tag does a moment later.
  await set(context, site, { _gcl_aw: `GCL.${Math.floor(Date.now() / 1000) + 1}.Cj0KCQ-new` });
  const before = await touches(page);
  expect(before.last_paid?.click_id.value ?? 'none').not.toBe('E.C.P.1');
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await call(page);
  const rows = await line.stores(page, ['landing cardiology', 'call_click callback']);
  const { attribution } = rows.find(({ subject }) => subject === 'callback')!.event.data;
  expect(attribution.last).toMatchObject({ campaign: 'mail', medium: 'email', click_id: { value: 'Cj0KCQ-new' } });
});

test('poisoned cookies make no touch, and are told without their value', async ({ page, context, site, line }) => {
  ask(site, line, ['_fbc', '_gcl_aw', '_gac_UA-1-1', '_uetmsclkid', 'twclid', '_epik']);
  await set(context, site, {
    _fbc: `fb.1.${yesterday}.%3Cimg%20src%3Dx%3E`,
    _gcl_aw: `GCL.${Math.floor((Date.now() + 9 * DAY) / 1000)}.Cj0KCQ`,
    '_gac_UA-1-1': `1.${Math.floor(yesterday / 1000)}.${'x'.repeat(501)}`,
    _uetmsclkid: '_uet%7Bmsclkid%7D',
    twclid: 'ann%40example.org',
    _epik: '__EPIK__',
  });
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await expect.poll(async () => (await codes(page)).filter((code) => code === 'cookie_unreadable').length).toBe(5);
  expect(await page.evaluate(() => JSON.stringify(window.touchmark('diagnostics')))).not.toMatch(/img|ann|Cj0/);
  expect(await touches(page)).toEqual({});
  await line.stores(page, []);
});
