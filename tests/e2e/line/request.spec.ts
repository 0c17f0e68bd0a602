// Forms that the page's own code sends: the event waits for the outcome.

import { expect, LANDING_QUERY, ready, test } from './line';
import { expectNoSecrets, fillCallback, HASHED, hidden, only, REFUSED_PHONE, send, VISITOR } from './visitor';

const received = (body: string | undefined): string => JSON.parse(body!).touchmark_event_id;

test('an accepted request is one event, announced to the other tags', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await fillCallback(page);
  await page.evaluate(() => {
    document.querySelector('form')!.addEventListener('submit', () => Object.assign(window, { atSubmit: JSON.stringify(window.dataLayer) }));
  });
  await send(page);
  await page.locator('.form-success').waitFor();
  const announced = (): Promise<any[]> => page.evaluate(() => window.dataLayer ?? []);
  await expect.poll(async () => (await announced()).length).toBe(2);
  const atSubmit = await page.evaluate(() => (window as any).atSubmit);
  const layer = await announced();

  const rows = await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  const { id, event } = only(rows, 'form_submit');
  expect(line.posts('/api/callback').map(received)).toEqual([id]);
  expect(JSON.parse(atSubmit)).toEqual([{ touchmark: { event_id: id, form_id: 'callback' } }]);
  expect(layer[1]).toEqual({ event: 'touchmark.form_submit', event_id: id, form_id: 'callback', outcome: 'accepted' });
  expect(event.data.form.fields).toEqual({ phone: HASHED.phone, best_time: 'evening' });
  expect(event.data.attribution.last).toMatchObject({ campaign: 'cardiology-q4', channel: 'Paid Search' });
  expectNoSecrets(line);
});

test('a refused request has failed; the corrected one is another event that names it', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page, REFUSED_PHONE);
  await send(page);
  await page.locator('.form-error').waitFor();
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  expect(await page.evaluate(() => window.dataLayer?.filter(({ event }) => event))).toEqual([]);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await expect.poll(() => page.evaluate(() => window.dataLayer?.filter(({ event }) => event).length)).toBe(1);
  const layer = await page.evaluate(() => window.dataLayer!);

  const rows = await line.stores(page, ['form_submit callback failed valid', 'form_submit callback accepted valid']);
  const [failed, accepted] = rows;
  expect(line.posts('/api/callback').map(received)).toEqual([failed!.id, accepted!.id]);
  expect(failed!.event.data.form).toMatchObject({ intent: 1 });
  expect(failed!.event.data.form.retry_of).toBeUndefined();
  expect(accepted!.event.data.form).toMatchObject({ intent: 2, retry_of: failed!.id });
  expect(layer.map((one) => one.event_id ?? one.touchmark.event_id)).toEqual([failed!.id, accepted!.id, accepted!.id]);
  expectNoSecrets(line);
});

test('a double click is one event under one id', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page);
  const release = site.hold('/api/callback');
  await page.locator('form [type=submit]').dblclick();
  await expect.poll(() => line.posts('/api/callback').length).toBe(1);
  release();
  await page.locator('.form-success').waitFor();
  const rows = await line.stores(page, ['form_submit callback accepted valid']);
  expect(line.posts('/api/callback').map(received)).toEqual([rows[0]!.id]);
});

test('a page that goes away lets its submission go as it stands', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page);
  const release = site.hold('/api/callback');
  await send(page);
  await expect.poll(() => line.posts('/api/callback').length).toBe(1);
  expect(await line.collector.all()).toEqual([]);
  await page.locator('footer a[href="/privacy/"]').click();
  await page.waitForURL('**/privacy/');
  release();
  await line.stores(page, ['form_submit callback sent valid']);
});

test('values that break the contract leave a verdict, never themselves', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await fillCallback(page, 'ask Ingrid on the stairs');
  await send(page);
  await page.locator('.form-success').waitFor();
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  const [row] = await line.collector.all();
  expect(row).toMatchObject({ state: 'bad', verdict: 'invalid' });
  expect(row!.event.data.validation).toEqual({ verdict: 'invalid', violations: [{ instance: '/phone', keyword: 'pattern', schema: '/properties/phone/pattern' }] });
  expect(row!.event.data.form.fields).toEqual({ best_time: 'evening' });
  expectNoSecrets(line);
});

test('a single-page form is accepted by the address that it reaches', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/app/?${LANDING_QUERY}`);
  await ready(page);
  await page.locator('a[href="/app/doctors"]').last().click();
  await page.locator('a[href="/app/book?service=cardiology"]').click();
  const form = page.locator('form#booking');
  await form.locator('[name=patient]').fill(VISITOR.name);
  await form.locator('[name=email]').fill(VISITOR.email);
  await form.locator('[name=mobile]').fill(VISITOR.phone);
  await form.locator('[name=slot][value=afternoon]').check();
  await expect.poll(() => hidden(page)).not.toBe('');
  await send(page);
  await page.waitForURL('**/app/booked');

  const rows = await line.stores(page, ['landing app', 'form_submit booking accepted valid']);
  const { id, event } = only(rows, 'form_submit');
  expect(line.posts('/api/booking').map(received)).toEqual([id]);
  expect(event.data.page).toEqual({ id: 'app-book' });
  expect(event.data.form.fields).toEqual({ ...HASHED, service_line: 'cardiology', preferred_time: 'afternoon' });
  expectNoSecrets(line);
});

test('a call link is one call, its number nowhere', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/cardiology/?${LANDING_QUERY}`);
  await ready(page);
  await page.locator('main a[href^="tel:"]').first().dblclick();
  const rows = await line.stores(page, ['landing cardiology', 'call_click cardiology']);
  const { event } = only(rows, 'call_click');
  expect(event.data.call).toEqual({ intent: 1 });
  expect(event.data.attribution.last).toMatchObject({ campaign: 'cardiology-q4' });
  for (const { bytes } of line.gateway.sent) expect(bytes).not.toMatch(/555.?0142/);
});
