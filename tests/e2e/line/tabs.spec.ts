// Several tabs of one visitor: consent taken back in one, records that one leaves to the others.

import type { Page } from '@playwright/test';
import { pageCache } from '../browser';
import { codes, expect, kept, LANDING_QUERY, NO_WAY_BACK, passUntil, ready, test } from './line';
import { fillAppointment, fillCallback, hidden, send, submitAppointment } from './visitor';

test.use(pageCache);

const withdraw = (page: Page): Promise<void> => page.evaluate(() => window.touchmark('consent', 'withdrawn'));

test('a withdrawal is heard in every running tab within 100 ms, and aborts what is on its way', async ({ page, context, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
  const other = await context.newPage();
  await other.addInitScript(() => {
    // When the withdrawal arrives, and when the field is empty.
    addEventListener('storage', ({ key, newValue }) => key === 'touchmark.withdrawn' && newValue && Object.assign(window, { heard: Date.now() }));
    const { fetch } = window;
    const signals: unknown[] = Object.assign(window, { signals: [] }).signals;
    window.fetch = (url, init) => {
      signals.push(init?.signal);
      return fetch(url, init);
    };
  });
  for (const one of [page, other]) {
    await one.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await ready(one);
    await one.evaluate(() => window.touchmark('consent', 'granted'));
    await expect.poll(() => hidden(one)).not.toBe('');
  }
  await expect.poll(async () => (await line.collector.all()).length).toBeGreaterThan(0);
  await expect.poll(async () => (await kept(other)).outbox).toEqual([]);
  // A request that never gets its answer.
  line.gateway.hanging = 1;
  await other.evaluate(() => document.querySelector<HTMLElement>('a[href^="tel:"]')!.addEventListener('click', (event) => event.preventDefault()));
  await other.locator('a[href^="tel:"]').first().click();
  await expect.poll(() => line.gateway.isIdle()).toBe(false);
  expect((await kept(other)).outbox).toHaveLength(1);

  const at = await page.evaluate(() => (window.touchmark('consent', 'withdrawn'), Date.now()));
  await expect.poll(() => hidden(other)).toBe('');
  const heard = await other.evaluate(() => (window as any).heard as number);
  expect(heard - at).toBeLessThan(100);
  for (const one of [page, other]) {
    expect((await kept(one)).keys).toEqual([]);
    for (const name of ['touchmark_event_id', 'utm_source', 'utm_campaign', 'gclid']) expect(await hidden(one, name)).toBe('');
  }
  // What of it was on its way already, a browser may still deliver.
  expect(await other.evaluate(() => (window as any).signals.at(-1).aborted)).toBe(true);
  line.gateway.letGo();
  const sent = line.gateway.sent.length;
  await other.locator('a[href^="tel:"]').first().click();
  await fillAppointment(other);
  await submitAppointment(other);
  expect(line.gateway.sent.slice(sent).map(({ body }) => body)).toEqual([]);
});

test('a withdrawal is heard where storage is full of what others keep', async ({ page, context, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
  const other = await context.newPage();
  for (const one of [page, other]) {
    await one.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
    await ready(one);
    await one.evaluate(() => window.touchmark('consent', 'granted'));
    await expect.poll(() => hidden(one)).not.toBe('');
  }
  await expect.poll(async () => (await kept(page)).outbox).toEqual([]);
  await page.evaluate(() => {
    let text = 'x'.repeat(1 << 20);
    for (let at = 0; text; at++) {
      try {
        localStorage.setItem(`others.${at}`, text);
      } catch {
        text = text.slice(0, text.length >> 1);
      }
    }
  });
  await withdraw(page);
  await expect.poll(() => hidden(other)).toBe('');
  expect((await kept(other)).keys).toEqual([]);
  expect(await codes(page)).toEqual([]);
});

const GRANTS = {
  api: "touchmark('consent', 'granted')",
  'consent-mode': "(window.dataLayer ??= []).push((function () { return arguments })('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' }))",
};
for (const [source, grant] of Object.entries(GRANTS)) test(`a page that comes back from the cache wipes before anything else (${source})`, async ({ page, context, site, line, browserName }) => {
  test.skip(browserName === 'firefox', NO_WAY_BACK);
  site.plan = line.plan((plan) => (plan.consent = { source }));
  await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && Object.assign(window, { shown: document.querySelector<HTMLInputElement>('[name=touchmark_event_id]')!.value })));
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await page.evaluate(grant);
  await expect.poll(() => hidden(page)).not.toBe('');
  await page.goto(`${site.origin}/callback/`);
  const other = await context.newPage();
  await other.goto(`${site.origin}/appointment/`);
  await ready(other);
  await other.evaluate(grant);
  await expect.poll(() => hidden(other)).not.toBe('');
  await withdraw(other);

  await page.evaluate(() => history.back());
  await page.waitForURL('**/appointment/', { waitUntil: 'commit' });
  await expect.poll(() => page.evaluate(() => (window as any).shown), { message: 'the page came from the cache, empty' }).toBe('');
  expect((await kept(page)).keys).toEqual([]);
  await fillAppointment(page);
  await submitAppointment(page);
  await line.stores(page, []);
});

test('what a tab that died left is taken over by another after 30 s, once', async ({ page, context, site, line }) => {
  line.gateway.refusals = Array(3).fill(503);
  // As by a crash: it hears of no end, and has no last word.
  await page.addInitScript(() => addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true));
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await expect.poll(() => line.gateway.sent.length).toBeGreaterThan(0);
  expect((await kept(page)).outbox).toHaveLength(1);
  line.gateway.refusals = [];
  await page.close();

  const other = await context.newPage();
  await other.clock.install();
  await other.goto(`${site.origin}/privacy/`);
  await ready(other);
  expect((await kept(other)).outbox).toHaveLength(1);
  await passUntil(other, line, 1);
  expect(await codes(other)).toEqual([]);
  await line.stores(other, ['form_submit callback accepted valid']);
});

test('the lease is not held by a page that goes away: it comes back from the cache', async ({ page, site, line, browserName }) => {
  test.skip(browserName === 'firefox', NO_WAY_BACK);
  await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && Object.assign(window, { isBack: true })));
  await page.clock.install();
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  line.gateway.refusals = [503];
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await expect.poll(() => line.gateway.refusals).toEqual([]);
  // The retry is under way, without an answer, when the page goes.
  line.gateway.hanging = 1;
  await expect
    .poll(async () => {
      await page.clock.fastForward(1_000);
      return line.gateway.hanging;
    })
    .toBe(0);
  expect((await page.evaluate(() => navigator.locks.query())).held).toMatchObject([{ name: 'touchmark' }]);
  await page.goto(`${site.origin}/privacy/`);
  expect((await page.evaluate(() => navigator.locks.query())).held).toEqual([]);
  await page.evaluate(() => history.back());
  await page.waitForURL('**/callback/', { waitUntil: 'commit' });
  await expect.poll(() => page.evaluate(() => (window as any).isBack), { message: 'the page came from the cache' }).toBe(true);
  await passUntil(page, line, 1);
  line.gateway.letGo();
  await line.stores(page, ['form_submit callback accepted valid']);
});
