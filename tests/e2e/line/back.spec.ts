// The page comes back from the browser's cache: the next submission is another one.

import { pageCache } from '../browser';
import { expect, NO_WAY_BACK, ready, test } from './line';
import { fillAppointment, hidden, send, submitAppointment, uuid5 } from './visitor';

test.use(pageCache);

test('back from the thank-you page the form has a new id, and is a new lead when sent again', async ({ page, site, line, browserName }) => {
  test.skip(browserName === 'firefox', NO_WAY_BACK);
  await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && Object.assign(window, { isBack: true })));
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  const first = await hidden(page);
  await submitAppointment(page);
  await ready(page);
  await expect.poll(async () => (await line.collector.all()).length).toBe(2);

  await page.evaluate(() => history.back());
  // No load event comes with a page from the cache.
  await page.waitForURL('**/appointment/', { waitUntil: 'commit' });
  await expect.poll(() => page.evaluate(() => (window as any).isBack), { message: 'the page came from the cache' }).toBe(true);
  await expect.poll(() => hidden(page)).not.toBe(first);
  const second = await hidden(page);
  await send(page);
  await page.waitForURL('**/thank-you/');
  const rows = await line.stores(page, [
    'form_submit appointment sent valid',
    'form_result appointment accepted',
    'form_submit appointment sent valid',
    'form_result appointment accepted',
  ]);
  const [one, other] = rows.filter(({ type }) => type.endsWith('form_submit'));
  expect([one!.id, other!.id]).toEqual([first, second]);
  expect(second).toBe(uuid5(one!.event.data.tracker.nonce, 'form_submit/appointment/2'));
  expect(other!.event.data.form).toMatchObject({ intent: 2 });
  expect(other!.event.data.form.retry_of).toBeUndefined();
});
