// Storage that forgets, refuses or is not there; events that are too large for a request.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startCollector } from './collector';
import { codes, expect, kept, LANDING_QUERY, passUntil, ready, rewrite, ROOT, test } from './line';
import { fillCallback, send } from './visitor';

const requestCallback = async (page: Page): Promise<void> => {
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
};

test('what the visitor clears is kept again, and arrives', async ({ page, site, line }) => {
  line.gateway.fate = () => ({ status: 503 });
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await requestCallback(page);
  await expect.poll(() => line.gateway.sent.length).toBeGreaterThan(1);
  expect((await kept(page)).outbox).toHaveLength(2);
  expect(await codes(page)).toEqual([]);
  await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
  await expect
    .poll(async () => {
      await page.clock.fastForward(30_000);
      return (await kept(page)).outbox.length;
    })
    .toBe(2);
  line.gateway.fate = undefined;
  await passUntil(page, line, 2);
  await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
});

test('where storage throws, what could not be sent waits in memory, and the diagnostics say so', async ({ page, site, line }) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
    }
  });
  line.gateway.refusals = [503];
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await requestCallback(page);
  expect(new Set(await codes(page))).toEqual(new Set(['storage_failed']));
  await passUntil(page, line, 2);
  expect((await line.collector.all()).map(({ state }) => state)).toEqual(['good', 'good']);
});

test('where storage takes nothing, not even a byte, the same', async ({ page, site, line }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  });
  line.gateway.refusals = [503];
  await page.clock.install();
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await requestCallback(page);
  expect(await codes(page)).toContain('storage_failed');
  expect((await kept(page)).keys).toEqual([]);
  await passUntil(page, line, 2);
  await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
});

test('a submission whose fields are too much for one request is told without them, and why', async ({ page, site, line, program }) => {
  const folder = mkdtempSync(join(tmpdir(), 'touchmark-schema-'));
  const schema = JSON.parse(readFileSync(join(ROOT, 'spec/event.schema.json'), 'utf8'));
  schema.$id = 'https://example.org/long/1-0-0';
  const names = [...'abcdefghijklmnopqrst'];
  const text = { type: 'string', maxLength: 2000, 'x-touchmark': { collect: 'value' } };
  schema.$defs.contracts.long = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, text])), additionalProperties: false };
  const file = join(folder, 'schema.json');
  writeFileSync(file, JSON.stringify(schema));
  const collector = await startCollector(program, join(folder, 'events.db'), ['--schema', file]);
  try {
    site.plan = line.plan((plan) => {
      plan.schema = file;
      plan.endpoint = collector.endpoint;
      plan.forms = [{ ...plan.forms[1], contract: 'long', fields: Object.fromEntries(names.map((name) => [name, name])) }];
    });
    const areas = names.map((name) => `<textarea name="${name}"></textarea>`).join('');
    rewrite(site, (html) => html.replace(/(<form[^>]*id="callback"[^>]*>)[\s\S]*?<\/form>/, `$1${areas}<input type="hidden" name="touchmark_event_id"><button type="submit">Send</button></form>`));
    for (const length of [100, 2000]) {
      await page.goto(`${site.origin}/callback/`);
      await ready(page);
      for (const name of names) await page.locator(`[name=${name}]`).evaluate((area: HTMLTextAreaElement, length) => (area.value = 'x'.repeat(length)), length);
      await send(page);
      await page.locator('.form-success').waitFor();
    }
    await expect.poll(async () => (await collector.all()).length).toBe(2);
    const [small, large] = await collector.all();
    expect(small).toMatchObject({ state: 'good', verdict: 'valid' });
    expect(Object.keys(small!.event.data.form.fields)).toEqual(names);
    expect(large).toMatchObject({ state: 'bad', verdict: 'budget_exceeded', reasons: [{ keyword: 'budget_exceeded' }] });
    expect(large!.event.data.form).toMatchObject({ outcome: 'accepted', fields: {} });
    expect(await codes(page)).toEqual([]);
    expect((await kept(page)).outbox).toEqual([]);
  } finally {
    await collector.kill();
    rmSync(folder, { recursive: true });
  }
});
