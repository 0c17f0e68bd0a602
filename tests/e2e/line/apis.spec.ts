// What the browser offers fails: each call throws at its first use, its second, and so on until a
// visit has no further use of it. Whatever fails, the form works and the visit is stored once.
//
// A short version runs with the other tests: the first use of each. Not here: traps of the core
// (faults.spec.ts), clocks, and the same for the core alone (tests/native/faults.rs).

import type { Page } from '@playwright/test';
import { expect, kept, LANDING_QUERY, ready, test } from './line';
import { fillCallback, send } from './visitor';

const IS_WHOLE = !!process.env.TOUCHMARK_TEST_ALL;

/** What is called, and how it fails: as the browser does it where it is denied, full, or gone. */
const CALLS = ['Storage.getItem', 'Storage.setItem', 'Storage.removeItem', 'window.fetch', 'LockManager.request', 'Crypto.getRandomValues'];

const waitUntilSent = (page: Page): Promise<void> =>
  expect
    .poll(
      async () => {
        await page.clock.fastForward(10_000);
        return (await kept(page)).outbox.length;
      },
      { timeout: 30_000, intervals: [100] },
    )
    .toBe(0);

for (const call of CALLS) {
  test(`${call} fails at each of its uses: the form works, the visit is stored once`, async ({ context, site, line }) => {
    test.setTimeout(300_000);
    let uses = 0;
    let isUsed = true;
    while (isUsed && (IS_WHOLE || uses < 1)) {
      await line.collector.reset();
      const page = await context.newPage();
      await page.addInitScript(
        ([call, nth]) => {
          const [name, method] = call.split('.') as [string, string];
          const of = (window as any)[name];
          // The tab's first, empty document has no locks.
          if (!of) return;
          const owner = name === 'window' ? of : of.prototype;
          const real = owner[method];
          const state = ((window as any).failing = { used: 0 });
          owner[method] = function (...args: unknown[]) {
            // Not the page's own: the clinic keeps nothing under touchmark's name, and asks its own server.
            const isOurs = name === 'Storage' ? `${args[0]}`.startsWith('touchmark') : name === 'window' ? `${args[0]}`.includes('/v1/events') : true;
            if (!isOurs || ++state.used !== nth) return Reflect.apply(real, this, args);
            throw new DOMException('not now', 'QuotaExceededError');
          };
        },
        [call, uses + 1] as const,
      );
      // Only a second try asks for the lock.
      const hasRetry = call.startsWith('Lock');
      if (hasRetry) await page.clock.install();
      if (hasRetry) line.gateway.refusals = [503];
      await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
      await ready(page);
      await fillCallback(page);
      await send(page);
      await page.locator('.form-success').waitFor();
      if (hasRetry) await waitUntilSent(page);
      isUsed = await page.evaluate((nth) => (window as any).failing.used >= nth, uses + 1);
      if (isUsed) uses++;
      // Another page of the visit sends what that one could not.
      const other = await context.newPage();
      await page.close();
      await other.clock.install();
      await other.goto(`${site.origin}/privacy/`);
      await ready(other);
      await waitUntilSent(other);
      await line.stores(other, ['landing callback', 'form_submit callback accepted valid']);
      await other.evaluate(() => localStorage.clear());
      await other.close();
    }
    console.log(`calls that fail: ${call}, at ${uses} of its uses${IS_WHOLE ? ' that a visit has' : ', the first'}; each visit stored once`);
    expect(uses).toBeGreaterThan(0);
  });
}
