// The script comes ten seconds late, or not in time: the stub remembers, within what is allowed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, kept, LANDING_QUERY, type Line, ready, rewrite, type Site, test } from './line';
import { expectNoSecrets, fillAppointment, fillCallback, HASHED, hidden, only, send, submitAppointment, uuid5, VISITOR } from './visitor';

const SCRIPT = '/touchmark/touchmark.js';

/** The page as a site has it with the stub in its head; the script waits until released. */
async function openLate(page: Page, site: Site, line: Line, path: string): Promise<() => void> {
  const stub = readFileSync(join(line.pkg, 'stub.js'), 'utf8');
  rewrite(site, (html) => html.replace('<head>', () => `<head><script>${stub}</script>`));
  const release = site.hold(SCRIPT);
  // An async script that is on its way holds the load event back.
  await page.goto(`${site.origin}${path}`, { waitUntil: 'domcontentloaded' });
  await expect.poll(() => site.requests.filter((one) => one.path === SCRIPT).length).toBe(1);
  return release;
}

test('a request made while the script is on its way is a full event', async ({ page, site, line }) => {
  const release = await openLate(page, site, line, `/callback/?${LANDING_QUERY}`);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  expect(line.gateway.sent).toEqual([]);
  // The page rewrites its address meanwhile; the stub has kept the landing.
  await page.evaluate(() => history.replaceState(null, '', '/callback/'));
  release();
  await ready(page);
  const rows = await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  const { data } = only(rows, 'form_submit').event;
  expect(data.form.fields).toEqual({ phone: HASHED.phone, best_time: 'evening' });
  expect(data.attribution.last).toMatchObject({ campaign: 'cardiology-q4', channel: 'Paid Search' });
  expect(line.posts('/api/callback')).toHaveLength(1);
  expectNoSecrets(line);
});

for (const granted of [true, false]) {
  test(`a native submission before the script is ${granted ? 'told by the next page, unread' : 'forgotten without a grant'}`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
    const release = await openLate(page, site, line, '/appointment/');
    if (granted) await page.locator('#consent [data-consent=granted]').click();
    await fillAppointment(page);
    await page.locator('form [type=submit]').click({ noWaitAfter: true });
    await page.waitForURL('**/thank-you/', { waitUntil: 'commit' });
    const { keys } = await kept(page);
    expect(keys).toEqual(granted ? ['touchmark.early'] : []);
    const left = await page.evaluate(() => sessionStorage.getItem('touchmark.early') ?? '');
    for (const typed of Object.values(VISITOR)) expect(left).not.toContain(typed);
    release();
    await ready(page);
    // Consent that comes later finds nothing.
    if (!granted) await page.locator('#consent [data-consent=granted]').click();
    const rows = await line.stores(page, granted ? ['form_submit appointment sent unread', 'form_result appointment accepted'] : []);
    if (granted) {
      const { id, event } = only(rows, 'form_submit');
      expect(event.data.form).toEqual({ id: 'appointment', contract: 'appointment_request', intent: 1, outcome: 'sent', fields: {} });
      expect(id).toBe(uuid5(event.data.tracker.nonce, 'form_submit/appointment/1'));
    }
    expect(new URLSearchParams(line.posts('/appointment/')[0]).get('touchmark_event_id')).toBe('');
    expectNoSecrets(line);
  });
}

test('a native submission before the wasm is told by the next page, unread', async ({ page, site, line }) => {
  const release = site.hold('/touchmark/touchmark.wasm');
  await page.goto(`${site.origin}/appointment/`);
  await expect.poll(() => site.requests.filter(({ path }) => path.endsWith('.wasm')).length).toBe(1);
  await fillAppointment(page);
  await submitAppointment(page);
  release();
  await ready(page);
  await line.stores(page, ['form_submit appointment sent unread', 'form_result appointment accepted']);
  expectNoSecrets(line);
});

/** The page's own code has sent it and goes on, before anything of touchmark but the stub is there. */
for (const isSoon of [true, false]) {
  test(`a request before the script, from a page that is left ${isSoon ? 'with its answer, is told by the next page' : 'much later, is nobody’s'}`, async ({ page, site, line }) => {
    site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
    const release = await openLate(page, site, line, '/callback/');
    await page.locator('#consent [data-consent=granted]').click();
    await fillCallback(page);
    await send(page);
    await page.locator('.form-success').waitFor();
    await page.evaluate(() => void (location.href = '/thank-you/'));
    await page.waitForURL('**/thank-you/', { waitUntil: 'commit' });
    expect((await kept(page)).keys).toEqual(['touchmark.early']);
    if (!isSoon) await page.evaluate(() => sessionStorage.setItem('touchmark.early', sessionStorage.getItem('touchmark.early')!.replace(/\d{13}/, (at) => String(Number(at) - 60_000))));
    release();
    await ready(page);
    await line.stores(page, isSoon ? ['form_submit callback unconfirmed unread'] : []);
    expectNoSecrets(line);
  });
}

test('without the stub a late script still knows the landing and later submissions', async ({ page, site, line }) => {
  const release = site.hold(SCRIPT);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`, { waitUntil: 'domcontentloaded' });
  await fillAppointment(page);
  release();
  await expect.poll(() => hidden(page)).not.toBe('');
  await submitAppointment(page);
  const rows = await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'form_submit').event.data.form.fields).toMatchObject(HASHED);
});
