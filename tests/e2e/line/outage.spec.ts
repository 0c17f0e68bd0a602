// The collector is away or unwell: nothing is lost, nothing is stored twice.

import { expect, kept, LANDING_QUERY, passUntil, ready, test } from './line';
import { expectNoSecrets, fillAppointment, fillCallback, only, send, submitAppointment } from './visitor';

const SUBMITTED = ['form_submit appointment sent valid', 'form_result appointment accepted'];

for (const trigger of ['by itself', 'when the network is back', 'at the next page'] as const) {
  test(`what was sent to a dead collector arrives ${trigger}`, async ({ page, context, site, line }) => {
    // Straight to the collector: its port refuses while it is dead.
    site.plan = line.plan((plan) => (plan.endpoint = line.collector.endpoint));
    await page.clock.install();
    await page.goto(`${site.origin}/appointment/`);
    await ready(page);
    await fillAppointment(page);
    const refused: string[] = [];
    page.on('requestfailed', (request) => request.url() === line.collector.endpoint && refused.push(request.frame().url()));
    await line.collector.kill();
    await submitAppointment(page);
    await ready(page);
    // The thank-you page has tried, and keeps both.
    await expect.poll(() => refused.filter((from) => from.endsWith('/thank-you/')).length).toBeGreaterThan(0);
    expect((await kept(page)).outbox).toHaveLength(2);
    await line.collector.restart();
    if (trigger === 'by itself') await passUntil(page, line, 2);
    else if (trigger === 'at the next page') {
      await page.goto(`${site.origin}/privacy/`);
      await ready(page);
      // What the page before knew is on its way at once; what the one before that left, soon.
      await passUntil(page, line, 2);
    }
    else {
      await context.setOffline(true);
      await context.setOffline(false);
    }
    await line.stores(page, SUBMITTED);
  });
}

test('a refusal for now is tried again with the same bytes, and stored once', async ({ page, site, line }) => {
  line.gateway.refusals.push(503, 429);
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await passUntil(page, line, 2);
  const rows = await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  expect(line.gateway.refusals).toEqual([]);
  // One id never carries two payloads.
  const { id } = only(rows, 'landing');
  const posted = line.gateway.sent.flatMap(({ body }) => (body.startsWith('[') ? (JSON.parse(body) as { id: string }[]) : [])).filter((event) => event.id === id);
  expect(posted.length).toBeGreaterThan(1);
  expect(new Set(posted.map((event) => JSON.stringify(event))).size).toBe(1);
  expectNoSecrets(line);
});

test('what was stored but not answered is sent again, and stored once', async ({ page, site, line }) => {
  line.gateway.unheard = 2;
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await passUntil(page, line, 2);
  await expect
    .poll(async () => {
      await page.clock.fastForward(30_000);
      return (await kept(page)).outbox;
    })
    .toEqual([]);
  await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  expect((await line.collector.stats()).duplicate).toBeGreaterThan(0);
});
