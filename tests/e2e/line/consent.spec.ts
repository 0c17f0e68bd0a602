// Consent is a wall: before a grant nothing is kept, named or sent; after a withdrawal nothing is left.

import type { Page } from '@playwright/test';
import { codes, expect, kept, LANDING_QUERY, type Line, ready, type Site, test } from './line';
import { expectNoSecrets, fillAppointment, fillCallback, hidden, only, send, submitAppointment } from './visitor';

const answer = (page: Page, said: 'granted' | 'denied'): Promise<void> => page.locator(`#consent [data-consent=${said}]`).click();

test.beforeEach(({ site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
});

/** Nothing but touchmark's own files was asked for, and nobody was told about the visitor. */
async function expectWall(page: Page, site: Site, line: Line): Promise<void> {
  expect(line.gateway.sent.map(({ body }) => body)).toEqual([]);
  expect((await kept(page)).keys).toEqual([]);
  expect((await page.context().cookies()).filter(({ name }) => name !== 'reference')).toEqual([]);
  expect(await page.evaluate(() => window.dataLayer)).toBeUndefined();
  const own = site.requests.filter(({ path }) => path.startsWith('/touchmark/'));
  const files = ['touchmark.js', 'touchmark.forms.js', 'plan.json', 'touchmark.wasm'];
  expect(new Set(own.map(({ path }) => path))).toEqual(new Set(files.map((file) => `/touchmark/${file}`)));
  for (const { headers } of own) expect(headers.referer).toBeUndefined();
  for (const { headers } of own.filter(({ path }) => !path.endsWith('.js'))) expect(headers.cookie).toBeUndefined();
}

test('before a grant nothing; with it the landing that was seen before', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  // Touched, and an attempt that the browser blocks.
  await send(page);
  await fillAppointment(page);
  for (const name of ['touchmark_event_id', 'utm_source', 'utm_campaign', 'gclid']) expect(await hidden(page, name)).toBe('');
  await expectWall(page, site, line);

  await answer(page, 'granted');
  await expect.poll(() => hidden(page)).not.toBe('');
  expect(await hidden(page, 'utm_campaign')).toBe('cardiology-q4');
  const id = await hidden(page);
  await submitAppointment(page);
  const rows = await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'landing').event.data.attribution.last).toMatchObject({ campaign: 'cardiology-q4', channel: 'Paid Search' });
  const { event } = only(rows, 'form_submit');
  expect(event.id).toBe(id);
  expect(event.data.consent).toEqual({ store: 'granted', attribute: 'granted', identify: 'granted', send: 'granted', source: 'api' });
  expectNoSecrets(line);
});

for (const said of ['granted', 'denied'] as const) {
  test(`a request made before the visitor answers waits, and is ${said === 'granted' ? 'sent with the grant' : 'forgotten with the denial'}`, async ({ page, site, line }) => {
    await page.goto(`${site.origin}/callback/`);
    await ready(page);
    await fillCallback(page);
    await send(page);
    await page.locator('.form-success').waitFor();
    await expectWall(page, site, line);
    await answer(page, said);
    const [row] = await line.stores(page, said === 'granted' ? ['form_submit callback accepted valid'] : []);
    if (row) expect(row.event.data.form.fields).toMatchObject({ best_time: 'evening' });
    else expect(line.gateway.sent.filter(({ body }) => body.includes('urn:touchmark:northside'))).toEqual([]);
    expectNoSecrets(line);
  });
}

test('a word that is none grants nothing, and the diagnostics say so', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  const words = ['accepted', 'GRANTED', true, 1, [], {}, { store: 'yes', send: 'yes' }];
  await page.evaluate((words) => words.forEach((word) => window.touchmark('consent', word)), words);
  expect(await codes(page)).toEqual(words.map(() => 'command_failed'));
  await line.stores(page, []);
});

test('after a denial nothing, on this page and the next', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await answer(page, 'denied');
  await fillAppointment(page);
  await submitAppointment(page);
  await ready(page);
  // Nothing here can call, and Firefox shows that.
  await page.evaluate(() => addEventListener('click', (event) => event.preventDefault()));
  await page.locator('a[href^="tel:"]').first().click();
  await expectWall(page, site, line);
  const received = new URLSearchParams(line.posts('/appointment/')[0]);
  for (const name of ['touchmark_event_id', 'utm_source', 'utm_campaign', 'gclid']) expect(received.get(name)).toBe('');
  await line.stores(page, []);
});

test('a grant to send alone keeps nothing and names nobody', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await page.evaluate(() => window.touchmark('consent', { send: 'granted' }));
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  expect((await kept(page)).keys).toEqual([]);
  const rows = await line.stores(page, ['form_submit callback accepted valid']);
  expect(rows[0]!.event.data).not.toHaveProperty('attribution');
  expect(rows[0]!.event.data.form.fields).toEqual({ best_time: 'evening' });
  expect(JSON.stringify(rows)).not.toContain('cardiology-q4');
});

test('a withdrawal wipes storage and hidden fields, and ends it', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await answer(page, 'granted');
  await expect.poll(() => hidden(page)).not.toBe('');
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  await expect.poll(async () => (await kept(page)).keys).toEqual(['touchmark.attribution']);
  await page.evaluate(() => window.touchmark('consent', 'withdrawn'));
  expect((await kept(page)).keys).toEqual([]);
  for (const name of ['touchmark_event_id', 'utm_source', 'utm_campaign', 'gclid']) expect(await hidden(page, name)).toBe('');
  // The site's own answer goes too, as its banner would have it.
  await page.evaluate(() => localStorage.clear());
  await fillAppointment(page);
  await submitAppointment(page);
  expect(new URLSearchParams(line.posts('/appointment/')[0]).get('touchmark_event_id')).toBe('');
  await line.stores(page, ['landing appointment']);
});

test('a denial that is first heard on a new page wipes what a former grant kept', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await answer(page, 'granted');
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  await expect.poll(async () => (await kept(page)).keys).toEqual(['touchmark.attribution']);
  // The site has forgotten the answer, and asks again.
  await page.evaluate(() => Object.keys(localStorage).filter((key) => !key.startsWith('touchmark')).forEach((key) => localStorage.removeItem(key)));
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  expect((await kept(page)).keys).toContain('touchmark.attribution');
  await answer(page, 'denied');
  await expect.poll(async () => (await kept(page)).keys).toEqual([]);
  await line.stores(page, ['landing appointment']);
});
