// Consent platforms decide: until they grant there is nothing, and when they take it back nothing is left.
//
// TCF and GPP run on the IAB's published packages; the others are stand-ins with recorded shapes.

import type { Page } from '@playwright/test';
import { codes, expect, kept, LANDING_QUERY, ready, test } from './line';
import { fillAppointment, hidden, only, submitAppointment } from './visitor';
import { everythingKept, expectNothing, platform, withScript } from './wall';

const IAB = platform();

interface Case {
  name: string;
  source: unknown;
  /** The scripts that such a plan loads. */
  files: string[];
  /** The platform as it is before the visitor answers. */
  script: string;
  /** What the page does when the visitor answers. */
  grant: string;
  withdraw: string;
  told: string;
}

const GTAG = 'window.dataLayer = []; function gtag() { dataLayer.push(arguments) }';
const CASES: Case[] = [
  {
    name: 'TCF, by the published packages',
    source: [{ source: 'tcf', vendor: 755 }],
    files: ['consent/tcf.js'],
    script: IAB,
    grant: 'cmp.tcf([1, 3, 7, 8])',
    withdraw: 'cmp.tcf([])',
    told: 'tcf',
  },
  {
    name: 'GPP, by the published package',
    source: 'gpp',
    files: ['consent/gpp.js'],
    script: IAB,
    grant: 'cmp.gpp({ SaleOptOut: 2, SharingOptOut: 2, TargetedAdvertisingOptOut: 2 })',
    withdraw: 'cmp.gpp({ SaleOptOut: 1 })',
    told: 'gpp',
  },
  {
    name: 'Consent Mode',
    source: 'consent-mode',
    files: ['consent/consent-mode.js'],
    script: `${GTAG} gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied', wait_for_update: 500 })`,
    grant: "gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'granted' })",
    withdraw: "gtag('consent', 'update', { analytics_storage: 'denied' })",
    told: 'consent-mode',
  },
  {
    name: 'OneTrust',
    source: 'onetrust',
    files: ['consent/onetrust.js'],
    script: `window.OnetrustActiveGroups = ',C0001,C0002,C0004,'; let closed = false; window.OneTrust = { IsAlertBoxClosed: () => closed };
      window.choose = (groups) => { closed = true; OnetrustActiveGroups = groups; dispatchEvent(new CustomEvent('OneTrustGroupsUpdated')) };
      addEventListener('load', () => dispatchEvent(new CustomEvent('OneTrustGroupsUpdated')))`,
    grant: "choose(',C0001,C0002,C0004,')",
    withdraw: "choose(',C0001,')",
    told: 'onetrust',
  },
  {
    name: 'Cookiebot',
    source: 'cookiebot',
    files: ['consent/cookiebot.js'],
    script: `window.Cookiebot = { hasResponse: false, consent: { necessary: true, preferences: true, statistics: true, marketing: true } };
      window.choose = (yes) => { Cookiebot = { hasResponse: true, consent: { necessary: true, preferences: yes, statistics: yes, marketing: yes } }; dispatchEvent(new Event(yes ? 'CookiebotOnAccept' : 'CookiebotOnDecline')) }`,
    grant: 'choose(true)',
    withdraw: 'choose(false)',
    told: 'cookiebot',
  },
  {
    name: 'Didomi',
    source: 'didomi',
    files: ['consent/didomi.js'],
    script: `let asks = true, enabled = false; const all = () => Object.fromEntries(['cookies', 'measure_ad_performance', 'measure_content_performance', 'create_ads_profile'].map((id) => [id, { id, enabled }]));
      window.Didomi = { shouldUserStatusBeCollected: () => asks, getCurrentUserStatus: () => ({ purposes: all(), vendors: {} }) };
      window.choose = (yes) => { asks = false; enabled = yes; for (const one of window.didomiEventListeners ?? []) if (one.event === 'consent.changed') one.listener({}) }`,
    grant: 'choose(true)',
    withdraw: 'choose(false)',
    told: 'didomi',
  },
  {
    name: 'GPC beside Consent Mode',
    source: ['gpc', 'consent-mode'],
    files: ['consent/several.js', 'consent/gpc.js', 'consent/consent-mode.js'],
    script: GTAG,
    grant: "gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' })",
    withdraw: "gtag('consent', 'update', { ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied' })",
    told: 'gpc+consent-mode',
  },
];

const run = (page: Page, script: string): Promise<unknown> => page.evaluate(script);

for (const { name, source, files, script, grant, withdraw, told } of CASES) {
  test(`${name}: nothing before the grant, everything with it, nothing after`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source }));
    withScript(site, script);
    await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await ready(page);
    // The page's own word is not what this plan asks for.
    await run(page, "touchmark('consent', 'granted')");
    await fillAppointment(page);
    await page.waitForLoadState('networkidle');
    await expectNothing(page, site, line, files);

    await run(page, grant);
    await expect.poll(() => hidden(page)).not.toBe('');
    await expect.poll(async () => (await line.collector.all()).length).toBe(1);
    expect((await everythingKept(page)).filter((one) => one !== 'local touchmark.attribution' && !one.includes('touchmark.outbox.'))).toEqual([]);

    await run(page, withdraw);
    await expect.poll(async () => (await kept(page)).keys).toEqual([]);
    for (const field of ['touchmark_event_id', 'utm_source', 'gclid']) expect(await hidden(page, field)).toBe('');
    await submitAppointment(page);
    const rows = await line.stores(page, ['landing appointment']);
    expect(only(rows, 'landing').event.data.consent).toEqual({ store: 'granted', attribute: 'granted', identify: 'granted', send: 'granted', source: told });
  });
}

test('a default that denies leaves what a returning visitor allowed; her own word wipes it', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'consent-mode' }));
  withScript(site, GTAG);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await run(page, "gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' })");
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  expect((await kept(page)).keys).toContain('touchmark.attribution');
  await run(page, "gtag('consent', 'update', { ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied' })");
  await expect.poll(async () => (await kept(page)).keys).toEqual([]);
  await line.stores(page, ['landing appointment']);
});

for (const [fate, isThere] of [['has not come yet', true], ['never comes', false]] as const) {
  test(`where the plan asks several and none of them ${fate}, the page's own word grants nothing`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source: ['gpc', 'consent-mode'] }));
    withScript(site, `window.touchmark ??= function () { (touchmark.q ??= []).push(arguments) }; touchmark('consent', 'granted')`);
    await page.route(/consent\/(gpc|consent-mode|gate)\.js/, (route) => (isThere ? undefined : route.abort()));
    await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`, { waitUntil: 'domcontentloaded' });
    await ready(page);
    await run(page, "touchmark('consent', 'granted')");
    await fillAppointment(page);
    expect(await hidden(page)).toBe('');
    await submitAppointment(page);
    expect(line.gateway.sent).toEqual([]);
    expect((await kept(page)).keys).toEqual([]);
  });
}

test("a browser's objection outweighs a platform's grant", async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: ['gpc', 'consent-mode'] }));
  withScript(site, `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }); ${GTAG} gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' })`);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await fillAppointment(page);
  await submitAppointment(page);
  await line.stores(page, []);
});

test('a platform that is missing, throws, or is an element leaves it unknown, and the page works', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: [{ source: 'tcf', wait_ms: 200 }] }));
  for (const [script, code] of [
    ['', 'consent_missing'],
    ["window.__tcfapi = () => { throw new Error('broken') }", 'consent_failed'],
    ["addEventListener('DOMContentLoaded', () => { document.body.insertAdjacentHTML('beforeend', '<iframe name=__tcfapi></iframe>') })", 'consent_missing'],
  ] as const) {
    withScript(site, script);
    await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await ready(page);
    await expect.poll(() => codes(page)).toContain(code);
    await fillAppointment(page);
    await submitAppointment(page);
  }
  await line.stores(page, []);
});

test('a source whose script does not come grants nothing, and the page works', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'consent-mode' }));
  withScript(site, `${GTAG} gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' })`);
  site.behave('/touchmark/consent/*', { status: 404 });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await expect.poll(() => codes(page)).toEqual(['consent_unreadable']);
  await fillAppointment(page);
  await submitAppointment(page);
  await line.stores(page, []);
});
