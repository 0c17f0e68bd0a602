// A form that the browser sends itself: the page goes away, the next one knows what became of it.

import { expect, LANDING_QUERY, ready, rewrite, test } from './line';
import { adClickToThankYou, expectNoSecrets, fillAppointment, hidden, only, send, submitAppointment, uuid5 } from './visitor';

test('an ad click becomes one landing, one submission and its acceptance', async ({ page, site, line }) => {
  await adClickToThankYou(page, site, line);
});

test('the one-file build does the same', async ({ page, site, line }) => {
  rewrite(site, (html) => html.replace('/touchmark.js"', '/touchmark.inline.js"'));
  await adClickToThankYou(page, site, line);
  expect(site.requests.filter(({ path }) => path.endsWith('.wasm'))).toEqual([]);
  expect(site.requests.filter(({ path }) => path === '/touchmark/touchmark.js')).toEqual([]);
});

test('a direct visitor makes no landing and an event without touches', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  await submitAppointment(page);
  const rows = await line.stores(page, ['form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'form_submit').event.data.attribution).toEqual({});
  expectNoSecrets(line);
});

test('a form that comes back with its error has failed, and the next try names it', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page, 'ingrid@refused.example');
  await send(page);
  await page.locator('.form-error').waitFor();
  await ready(page);
  const first = new URLSearchParams(line.posts('/appointment/')[0]).get('touchmark_event_id');
  await expect.poll(() => hidden(page)).not.toBe(first);
  await expect.poll(async () => (await line.collector.all()).length).toBe(2);
  await fillAppointment(page);
  await submitAppointment(page);
  const rows = await line.stores(page, [
    'form_submit appointment sent valid',
    'form_result appointment failed',
    'form_submit appointment sent valid',
    'form_result appointment accepted',
  ]);
  const [one, other] = rows.filter(({ type }) => type.endsWith('form_submit'));
  expect(one!.id).toBe(first);
  expect(one!.event.data.form.retry_of).toBeUndefined();
  expect(other!.event.data.form.retry_of).toBe(first);
  expect(other!.id).not.toBe(first);
  expectNoSecrets(line);
});

test('a double click is one event under one id', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  const id = await hidden(page);
  const release = site.hold('/appointment/');
  await page.locator('form [type=submit]').dblclick({ noWaitAfter: true });
  await expect.poll(() => line.posts('/appointment/').length).toBeGreaterThan(0);
  release();
  await page.waitForURL('**/thank-you/');
  const rows = await line.stores(page, ['form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'form_submit').id).toBe(id);
  expect(new Set(line.posts('/appointment/').map((body) => new URLSearchParams(body).get('touchmark_event_id')))).toEqual(new Set([id]));
});

test('what the browser refuses to send makes no event, and its id serves the next try', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  const id = await hidden(page);
  await send(page);
  await fillAppointment(page);
  expect(await hidden(page)).toBe(id);
  expect((await line.collector.all()).filter(({ type }) => type.endsWith('form_submit'))).toEqual([]);
  await submitAppointment(page);
  const rows = await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
  const { event } = only(rows, 'form_submit');
  expect(event.id).toBe(id);
  expect(event.id).toBe(uuid5(event.data.tracker.nonce, 'form_submit/appointment/1'));
});
