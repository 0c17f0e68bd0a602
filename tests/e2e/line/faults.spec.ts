// Faults of the core stay inside: a trap at each of its exports and at each call it makes into the
// page costs the visitor nothing. Memory is bounded.
//
// The traps are put in from outside, around what the page hands to and gets from WebAssembly: the
// build under test is the one that ships.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { codes, expect, kept, LANDING_QUERY, type Line, ready, rewrite, type Site, test as base } from './line';
import { fillAppointment, fillCallback, hidden, send, submitAppointment } from './visitor';

// A trap is what is tested here, so it is no fault of the page.
const test = base.extend({ pageFaults: [async ({ context }, use) => {
  const faults: string[] = [];
  context.on('weberror', (fault) => faults.push(`${fault.error()}`));
  await use(faults);
  expect(faults, 'errors in the page').toEqual([]);
}, { auto: true }] });

/** In the page: traps at the call named by the address's fragment, so many times, from the start or once `arm` is called. */
const putTraps = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    // Diagnostics to the console: there a trap is heard of though its page is gone.
    addEventListener('load', () => window.touchmark?.('debug'));
    const [target, times, isLater] = decodeURIComponent(location.hash.slice(1)).split(' ');
    const state = ((window as any).traps = { sprung: 0, calls: 0, isArmed: !isLater, instances: [] as WebAssembly.Exports[] });
    const trapped = (name: string, run: Function): Function =>
      function (this: unknown, ...of: unknown[]) {
        if (name === target && state.isArmed) {
          state.calls++;
          if (state.sprung < Number(times)) {
            state.sprung++;
            throw new WebAssembly.RuntimeError('unreachable');
          }
        }
        return Reflect.apply(run, this, of);
      };
    const all = (of: object, kind: string): Record<string, unknown> =>
      Object.fromEntries(Object.entries(of).map(([name, it]) => [name, typeof it === 'function' ? trapped(`${kind}:${name}`, it) : it]));
    const inside = (imports: WebAssembly.Imports): WebAssembly.Imports => Object.fromEntries(Object.entries(imports).map(([name, of]) => [name, all(of as object, 'import')])) as WebAssembly.Imports;
    const note = ({ exports }: WebAssembly.Instance): WebAssembly.Instance => {
      state.instances.push(exports);
      return { exports: all(exports, 'export') } as WebAssembly.Instance;
    };
    const { instantiate, Instance } = WebAssembly as any;
    // The first instance comes this way, one that takes over that way.
    (WebAssembly as any).instantiate = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => note(await instantiate(module, inside(imports)));
    (WebAssembly as any).Instance = function (module: WebAssembly.Module, imports: WebAssembly.Imports) {
      return note(new Instance(module, inside(imports)));
    };
  });

/** Every function that the core offers and every one that it calls. */
function targets(pkg: string): string[] {
  const module = new WebAssembly.Module(readFileSync(join(pkg, 'touchmark.wasm')));
  const functions = (kind: string, list: { name: string; kind: string }[]): string[] => list.filter((one) => one.kind === 'function').map(({ name }) => `${kind}:${name}`);
  return [...functions('export', WebAssembly.Module.exports(module)), ...functions('import', WebAssembly.Module.imports(module))];
}

/**
 * The export that moves the stack pointer: glue calls it on an entry's way in and, whatever happened,
 * on its way out, so that one entry may trap there twice.
 */
const stackPointer = (pkg: string): string => `export:${/\.(\w+)\(-16\)/.exec(readFileSync(join(pkg, 'size/glue.js'), 'utf8'))![1]}`;

/** The traps so far and what was told of them, at one moment: a timer may bring the next. */
const seen = (page: Page): Promise<{ sprung: number; instances: number; told: string[] }> =>
  page.evaluate(() => {
    const { sprung, instances } = (window as any).traps;
    const codes: string[] = window.touchmark('diagnostics').map(({ code }: { code: string }) => code);
    return { sprung, instances: instances.length, told: codes.filter((code) => code.startsWith('core_')) };
  });

const arm = (page: Page): Promise<void> => page.evaluate(() => void ((window as any).traps.isArmed = true));

for (const [when, form] of [['from the start', 'callback'], ['from a submission by request on', 'callback'], ['from a native submission on', 'appointment']] as const) {
  test(`a trap once at every export and every host call, ${when}: the form works, and its event is stored once`, async ({ page, site, line }) => {
    test.setTimeout(600_000);
    await putTraps(page);
    const all = targets(line.pkg);
    expect(all.length).toBeGreaterThan(10);
    const unreached: string[] = [];
    const isLater = when !== 'from the start';
    // The browser tells what a page says before it tells that the next one is there.
    let heard = 0;
    page.on('console', (message) => (heard += Number(/^touchmark core_/.test(message.text()))));
    for (const [visit, target] of all.entries()) {
      const before = heard;
      await page.goto(`${site.origin}/favicon.svg`);
      await page.goto(`${site.origin}/${form}/?utm_source=n${visit}&utm_medium=cpc#${encodeURIComponent(`${target} 1${isLater ? ' later' : ''}`)}`);
      await ready(page);
      if (form === 'callback') await fillCallback(page);
      else await fillAppointment(page);
      if (isLater) await arm(page);
      if (form === 'callback') {
        await send(page);
        await page.locator('.form-success').waitFor();
        // At one moment: the trap may come any time.
        const { sprung, told } = await seen(page);
        expect(told, target).toEqual(['core_trapped'].slice(0, sprung));
        if (!sprung) unreached.push(target);
      } else {
        await submitAppointment(page);
        if (heard === before) unreached.push(target);
      }
    }
    // What a trap left in storage goes when another page's time has come; each visit has its source.
    const stored = async (type: string): Promise<string[]> => {
      const rows = (await line.collector.all()).filter((row) => row.type === `org.touchmark.${type}`);
      return rows.map(({ event }) => all[Number(event.data.attribution.last.source.slice(1))]!).sort();
    };
    for (const type of ['landing', 'form_submit']) await expect.poll(() => stored(type), { message: type, timeout: 40_000 }).toEqual([...all].sort());
    const rows = await line.collector.all();
    expect(rows.filter(({ state }) => state !== 'good')).toEqual([]);
    console.log(`traps injected, ${when}: ${all.length - unreached.length} of ${all.length} targets, each stored once; not called: ${unreached.join(' ') || 'none'}`);
    expect(unreached.length).toBeLessThan(all.length * (isLater ? 0.7 : 0.5));
  });
}

test('a core that always traps gets two more tries, then it is quiet', async ({ page, site, line }) => {
  test.setTimeout(600_000);
  await putTraps(page);
  const twice = stackPointer(line.pkg);
  const all = targets(line.pkg).filter((one) => one.startsWith('export:'));
  expect(all).toContain(twice);
  let dead = 0;
  for (const target of all) {
    await page.goto(`${site.origin}/favicon.svg`);
    await page.goto(`${site.origin}/callback/#${encodeURIComponent(`${target} 1000`)}`);
    await page.waitForLoadState('networkidle');
    await fillCallback(page);
    await send(page);
    await page.locator('.form-success').waitFor();
    const { sprung, instances, told } = await seen(page);
    expect(instances, target).toBeLessThanOrEqual(3);
    const entries = target === twice ? sprung / 2 : sprung;
    expect(entries, `${target} is still called`).toBeLessThanOrEqual(3);
    expect(told, target).toEqual(['core_trapped', 'core_trapped', 'core_stopped'].slice(0, entries));
    if (entries === 3) dead++;
  }
  console.log(`exports that always trap: ${all.length}; called on this page, and quiet after the third: ${dead}`);
  expect(dead).toBeGreaterThan(4);
});

/** An appointment page whose fields are filled and whose first request gets no answer; its entries trap once armed, so often. */
async function openHanging(page: Page, site: Site, line: Line, times: number): Promise<void> {
  line.gateway.hanging = 1;
  await putTraps(page);
  await page.addInitScript(() => {
    const { fetch } = window;
    const signals: unknown[] = Object.assign(window, { signals: [] }).signals;
    window.fetch = (url, init) => (signals.push(...(init?.signal ? [init.signal] : [])), fetch(url, init));
  });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}#${encodeURIComponent(`${stackPointer(line.pkg)} ${times} later`)}`);
  await ready(page);
  await expect.poll(() => hidden(page, 'gclid')).not.toBe('');
  await expect.poll(() => line.gateway.isIdle()).toBe(false);
  expect(await signals(page)).toEqual([false]);
  await arm(page);
  await page.evaluate(() => window.touchmark('consent', { identify: 'granted' }));
}

/** Of each request so far, whether it was aborted. */
const signals = (page: Page): Promise<boolean[]> => page.evaluate(() => (window as any).signals.map(({ aborted }: AbortSignal) => aborted));

test('a withdrawal aborts what an instance sent that has trapped since', async ({ page, site, line }) => {
  await openHanging(page, site, line, 2);
  expect(await codes(page)).toEqual(['core_trapped']);
  expect(await signals(page)).toEqual([false]);
  await page.evaluate(() => window.touchmark('consent', 'withdrawn'));
  expect(await signals(page)).toEqual([true]);
  await expect.poll(() => hidden(page, 'gclid')).toBe('');
  expect((await kept(page)).keys).toEqual([]);
  line.gateway.letGo();
});

test('once the core is quiet, a withdrawal still takes back what it kept, sent and filled in', async ({ page, site, line }) => {
  await openHanging(page, site, line, 1000);
  await page.locator('#appointment [name=utm_campaign]').evaluate((field: HTMLInputElement) => (field.value = 'the page’s own'));
  expect(await codes(page)).toContain('core_stopped');
  expect((await kept(page)).keys).toContain('touchmark.attribution');
  // What takes nothing back wipes nothing.
  await page.evaluate(() => window.touchmark('consent', { identify: 'granted' }));
  expect((await kept(page)).keys).toContain('touchmark.attribution');
  expect(await hidden(page, 'gclid')).not.toBe('');
  await page.evaluate(() => window.touchmark('consent', 'withdrawn'));
  expect((await kept(page)).keys).toEqual([]);
  expect(await signals(page)).toEqual([true]);
  for (const name of ['touchmark_event_id', 'utm_source', 'gclid']) expect(await hidden(page, name), name).toBe('');
  expect(await hidden(page, 'utm_campaign')).toBe('the page’s own');
  line.gateway.letGo();
});

test('10,000 events on one page grow its memory by less than 1 MiB', async ({ page, site, line }) => {
  test.setTimeout(300_000);
  site.plan = line.plan((plan) => Object.assign(plan, { storage: 'memory', records: { appointment_booked: { contract: 'appointment_booking' } } }));
  await putTraps(page);
  // A collector that answers at once: here the page is measured.
  rewrite(site, (html) => html.replace('<script async', `<script>const post = window.fetch; window.fetch = (url, init) => init?.method === 'POST' ? Promise.resolve(new Response('{}', { status: 202 })) : post(url, init)</script><script async`));
  await page.goto(`${site.origin}/privacy/`);
  await ready(page);
  const grown = await page.evaluate(async () => {
    const { memory } = Object.fromEntries(Object.entries((window as any).traps.instances[0]).filter(([, it]) => it instanceof WebAssembly.Memory).map(([, it]) => ['memory', it])) as { memory: WebAssembly.Memory };
    const record = (n: number): void => {
      for (let at = 0; at < n; at++) window.touchmark('record', 'appointment_booked', { service_line: 'cardiology' });
    };
    const rest = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));
    for (let at = 0; at < 10; at++) (record(10), await rest());
    const before = memory.buffer.byteLength;
    for (let at = 0; at < 1000; at++) (record(10), await rest());
    return { before, after: memory.buffer.byteLength };
  });
  console.log(`memory: ${grown.before} B after 100 events, ${grown.after} B after 10,100`);
  expect(grown.after - grown.before).toBeLessThan(1 << 20);
  expect(await codes(page)).toEqual([]);
});
