// What visitors of the clinic do and type, and what of that an event may say.

import type { Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import type { Row } from './collector';
import { expect, type Line, LANDING_QUERY, ready, type Site } from './line';

export const VISITOR = {
  name: 'Ingrid Testperson',
  email: 'ingrid.testperson@example.org',
  phone: '+1 312 555 0177',
  message: 'My chest feels tight on stairs; please keep this between us.',
};

/** In no byte that leaves, whatever the letter case and encoding. */
const SECRETS = ['ingrid', 'testperson', '@example', '555 0177', '5550177', 'chest', 'stairs', 'keep this between'];

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const HASHED = { email: sha256(VISITOR.email), phone: sha256('+13125550177') };
export const REFUSED_PHONE = '+1 312 555 0000';

/** RFC 9562, 5.5: what any other language would compute from the event. */
export function uuid5(namespace: string, name: string): string {
  const digest = createHash('sha1').update(Buffer.from(namespace.replace(/-/g, ''), 'hex')).update(name).digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return digest.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export async function fillAppointment(page: Page, email = VISITOR.email): Promise<void> {
  const form = page.locator('form#appointment');
  await form.locator('[name="full-name"]').fill(VISITOR.name);
  const address = form.locator('[name="e-mail"]');
  // Text in an e-mail field can't be selected: in Firefox the driver would add to it.
  await address.evaluate((field: HTMLInputElement) => (field.value = ''));
  await address.fill(email);
  await form.locator('[name="tel"]').fill(VISITOR.phone);
  await form.locator('[name="service"]').selectOption('cardiology');
  await form.locator('[name="when"][value="morning"]').check();
  await form.locator('[name="message"]').fill(VISITOR.message);
}

export const send = (page: Page): Promise<void> => page.locator('form [type=submit]').click();

export async function submitAppointment(page: Page): Promise<void> {
  await send(page);
  await page.waitForURL('**/thank-you/');
}

export async function fillCallback(page: Page, phone = VISITOR.phone): Promise<void> {
  const form = page.locator('form#callback');
  await form.locator('[name="name"]').fill(VISITOR.name);
  await form.locator('[name="phone"]').fill(phone);
  await form.locator('[name="best_time"][value="evening"]').check();
}

export const hidden = (page: Page, name = 'touchmark_event_id'): Promise<string> => page.locator(`form [name="${name}"]`).inputValue();

/** The event of one type; there is only one. */
export function only(rows: Row[], type: string): Row {
  const found = rows.filter((row) => row.type === `org.touchmark.${type}`);
  expect(found).toHaveLength(1);
  return found[0]!;
}

export const expectNoSecrets = ({ gateway }: Line): void => {
  for (const { bytes, headers, url } of gateway.sent) {
    const plain = bytes.replace(/\+/g, ' ').toLowerCase();
    const told = SECRETS.filter((secret) => bytes.toLowerCase().includes(secret) || plain.includes(secret) || unescape(plain).includes(secret));
    expect(told).toEqual([]);
    expect(headers.referer).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
    expect(url).toBe('/v1/events');
  }
};

/** From the ad through landing page and form to the thank-you page, and all that is known of it. */
export async function adClickToThankYou(page: Page, site: Site, line: Line): Promise<void> {
  await page.goto(`${site.origin}/cardiology/?${LANDING_QUERY}`);
  await page.locator('main a[href="/appointment/"]').first().click();
  await page.waitForURL('**/appointment/');
  await ready(page);
  await fillAppointment(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  await submitAppointment(page);

  const rows = await line.stores(page, ['landing cardiology', 'form_submit appointment sent valid', 'form_result appointment accepted']);
  const posts = line.posts('/appointment/');
  expect(posts).toHaveLength(1);
  const received = new URLSearchParams(posts[0]);
  const touch = {
    at: expect.any(String),
    page: 'cardiology',
    source: 'google',
    medium: 'cpc',
    campaign: 'cardiology-q4',
    click_id: { param: 'gclid', platform: 'google_ads', value: 'EAIaIQobChMI-test_1' },
    channel: 'Paid Search',
    rule: expect.any(String),
  };
  const attribution = { first: touch, last: touch, last_paid: touch };
  const { id, event } = only(rows, 'form_submit');
  expect(only(rows, 'landing').event.data.attribution).toEqual(attribution);
  expect(event.source).toBe('urn:touchmark:northside-clinic');
  expect(event.data).toMatchObject({ page: { id: 'appointment' }, device: 'desktop', validation: { verdict: 'valid' } });
  expect(event.data.attribution).toEqual(attribution);
  expect(event.data.form).toEqual({
    id: 'appointment',
    contract: 'appointment_request',
    intent: 1,
    outcome: 'sent',
    fields: { ...HASHED, service_line: 'cardiology', preferred_time: 'morning' },
  });
  expect(id).toBe(received.get('touchmark_event_id'));
  expect(id).toBe(uuid5(event.data.tracker.nonce, 'form_submit/appointment/1'));
  const result = only(rows, 'form_result');
  expect(result.event.data.form).toEqual({ id: 'appointment', submission: id, outcome: 'accepted' });
  expect(result.id).toBe(uuid5(id, 'form_result'));

  expect(Object.fromEntries(received)).toEqual({
    'full-name': VISITOR.name,
    'e-mail': VISITOR.email,
    tel: VISITOR.phone,
    service: 'cardiology',
    when: 'morning',
    message: VISITOR.message,
    touchmark_event_id: id,
    utm_source: 'google',
    utm_campaign: 'cardiology-q4',
    gclid: 'EAIaIQobChMI-test_1',
  });
  expectNoSecrets(line);
}
