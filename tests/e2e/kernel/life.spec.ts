// The kernel's life with its page and its core.

import { expect, FORM, PLAN, press, SCRIPT, test } from './site';

const codes = (page: import('@playwright/test').Page): Promise<string[]> =>
  page.evaluate(() => (window.touchmark?.('diagnostics') ?? []).map(({ code }) => code));
/** The kernel has read its plan: what the page itself fetches after it comes behind it. */
const havePlan = async (page: import('@playwright/test').Page): Promise<void> => {
  await expect.poll(() => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/plan.json')))).toBe(true);
  await page.evaluate(() => fetch('/tm/plan.json').then((answer) => answer.text()));
};
const STUB = '<script src="/tm/stub.js"></script>';

test('the landing is told as it was, before the page rewrote it', async ({ page, site }) => {
  await site.open(page, '', { path: '/page?utm_source=google&gclid=%FFx', head: `${SCRIPT}<script>addEventListener('load', () => history.replaceState(null, '', '/page'))</script>` });
  expect((await site.said(page)).slice(0, 2)).toMatchObject([
    { in: 'start', device: 'desktop', plan: { consent: { source: 'api' } } },
    { in: 'landing', query: 'utm_source=google&gclid=%FFx', referrer: '', origin: site.origin, path: '/page', nav: 'navigate' },
  ]);
});

test("touchmark's own files are fetched without referrer and cookies", async ({ page, site }) => {
  await site.open(page, '');
  await site.open(page, '', { path: '/page?mail=a@b.c' });
  const own = site.seen.filter(({ path }) => /plan|wasm/.test(path));
  expect(own.length).toBeGreaterThanOrEqual(2);
  for (const { headers } of own) {
    expect(headers.referer).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
  }
});

test('a second copy adds nothing', async ({ page, site }) => {
  await site.open(page, FORM, { head: SCRIPT + SCRIPT });
  await page.addScriptTag({ url: '/tm/touchmark.inline.js' });
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  expect((await site.said(page, 'start')).filter((one) => one.page === '/page')).toHaveLength(1);
  expect(await site.said(page, 'attempt')).toHaveLength(1);
  expect(await site.said(page, 'submit')).toHaveLength(1);
});

test('one file, module, and injected script start the core too', async ({ page, site }) => {
  const heads = [
    SCRIPT.replace('touchmark.js', 'touchmark.inline.js'),
    "<script type=module>import { init } from '/tm/touchmark.mjs'; await init({ plan: '/tm/plan.json' })</script>",
    "<script>const s = document.createElement('script'); s.dataset.plan = '/tm/plan.json'; s.src = '/tm/touchmark.js'; document.head.append(s)</script>",
  ];
  for (const [at, head] of heads.entries()) {
    await site.open(page, '', { head });
    expect(await site.said(page, 'start')).toHaveLength(at + 1);
  }
  expect(site.seen.filter(({ path }) => path === '/tm/touchmark.wasm').length).toBeGreaterThan(0);
});

test('where the policy forbids wasm and there is nothing in its place the page is unharmed', async ({ page, site }) => {
  site.headers['content-security-policy'] = "script-src 'self'";
  const faults: string[] = [];
  page.on('pageerror', (fault) => faults.push(fault.message));
  await site.open(page, FORM, { quiet: true });
  await expect.poll(() => codes(page)).toEqual(['wasm_forbidden', 'core_unreadable']);
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  // Firefox tells what it refuses as if the page had thrown it.
  expect(faults.filter((fault) => !/^(The page’s settings blocked WebAssembly|Loading module from)/.test(fault))).toEqual([]);
  expect(await site.said(page)).toEqual([]);
  expect(site.seen.filter(({ path }) => /wasm$/.test(path))).toEqual([]);
});

test('a plan that is no plan, or not there, is a diagnostic', async ({ page, site }) => {
  for (const plan of ['/nowhere', 'https://elsewhere.example/plan.json', '']) {
    await site.open(page, FORM, { quiet: true, head: SCRIPT.replace('/tm/plan.json', plan) });
    if (plan) await expect.poll(() => codes(page)).toEqual(['plan_unreadable']);
    await press(page, 'Send');
    await page.waitForURL('**/sent');
  }
  expect(await site.said(page, 'submit')).toEqual([]);
});

test('after a trap a fresh instance knows consent, forms and what was lost, within the same task; after three it is quiet', async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, {
      traps: 0,
      fakeCore: {
        answer: ({ in: kind }: { in: string }) => {
          if (kind === 'record' && (window as unknown as { traps: number }).traps-- > 0) throw new Error('unreachable');
        },
      },
    });
  });
  /** What the core was told of within one task, with the next so many records trapping. */
  const record = async (traps: number): Promise<string[]> => {
    const before = (await site.said(page)).length;
    await page.evaluate((traps) => {
      Object.assign(window, { traps });
      window.touchmark?.('record', 'appointment_booked', {});
      Object.assign(window, { traps: 0 });
    }, traps);
    return (await site.said(page)).slice(before).map((one) => one.in as string);
  };
  await site.open(page, FORM);
  await page.evaluate(() => window.touchmark?.('consent', 'granted'));
  const fresh = ['start', 'landing', 'consent', 'route'];
  expect(await record(1)).toEqual(['record', ...fresh, 'record', 'form']);
  const [first, second] = await site.said(page, 'start');
  expect(second!.former).toBe(first!.nonce);
  expect(second!.nonce).not.toBe(first!.nonce);
  expect(await record(1)).toEqual(['record', ...fresh, 'record', 'form']);
  expect(await record(1)).toEqual(['record']);
  expect(await codes(page)).toEqual(['core_trapped', 'core_trapped', 'core_stopped']);
  const before = await site.said(page);
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  expect((await site.said(page)).filter((one) => one.page === '/page')).toHaveLength(before.filter((one) => one.page === '/page').length);
});

test('a submission that traps twice is told as one that could not be read; anything else is left out', async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, {
      fakeCore: {
        answer: ({ in: kind }: { in: string }) => {
          if (kind === 'submit') throw new Error('unreachable');
        },
      },
    });
  });
  await site.open(page, `${FORM}<script>document.querySelector('form').addEventListener('submit', (event) => event.preventDefault())</script>`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'early')).toMatchObject([{ early: [{ form: 0, intent: 1, at: expect.any(Number) as unknown, nonce: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown }] }]);
  expect(await site.said(page, 'submit')).toHaveLength(2);
  await page.evaluate(() => window.touchmark?.('record', 'appointment_booked', {}));
  expect(await site.said(page, 'record')).toHaveLength(1);
  expect(await codes(page)).toEqual(['core_trapped', 'core_trapped']);
});

test('where the first instance can not even be made a second is', async ({ page, site }) => {
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    (WebAssembly as { instantiate: unknown }).instantiate = () => {
      WebAssembly.instantiate = instantiate;
      return Promise.reject(new WebAssembly.RuntimeError('unreachable'));
    };
  });
  await site.open(page, FORM);
  expect(await codes(page)).toEqual(['core_trapped']);
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  expect(await site.said(page, 'submit')).toHaveLength(1);
});

test('what comes in while a call is on the stack waits', async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, {
      fakeCore: {
        answer: ({ in: kind }: { in: string }) => {
          if (kind === 'consent') window.touchmark?.('record', 'appointment_booked', { ok: true });
        },
      },
    });
  });
  await site.open(page, '');
  await page.evaluate(() => window.touchmark?.('consent', { send: 'granted' }));
  const said = await site.said(page);
  expect(said.map((one) => one.in)).not.toContain('REENTERED');
  expect(said.slice(-2)).toMatchObject([{ in: 'consent', send: 'granted' }, { in: 'record', type: 'appointment_booked', fields: { ok: true } }]);
});

test('what the browser calls back becomes an input', async ({ page, site }) => {
  await site.open(page, '');
  await page.evaluate(() => {
    window.fakeHands.wake(Date.now());
    dispatchEvent(new Event('online'));
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await expect.poll(async () => (await site.said(page)).slice(-3).map((one) => [one.in, one.persisted])).toEqual([['online', undefined], ['show', true], ['wake', undefined]]);
});

test('a later wish to be woken makes the former one void', async ({ page, site }) => {
  await site.open(page, '');
  await page.evaluate(() => {
    window.fakeHands.wake(Date.now() + 60);
    window.fakeHands.wake(Date.now() + 30);
    return new Promise((resolve) => setTimeout(resolve, 150));
  });
  expect(await site.said(page, 'wake')).toHaveLength(1);
});

test('what a request came to is told, with the wait that was asked for', async ({ page, site }) => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const cases = [
    { status: 202, wait: undefined, told: 0 },
    { status: 429, wait: '120', told: 120 },
    { status: 503, wait: inAnHour, told: expect.closeTo(3_600, -2) as number },
    { status: 503, wait: 'Wed, 21 Oct 2015 07:28:00 GMT', told: 0 },
    { status: 503, wait: 'soon', told: 0 },
    { status: 503, wait: '-5', told: 0 },
  ];
  await page.route('**/batch/*', (route) => {
    const { status, wait } = cases[Number(route.request().url().split('/').pop())]!;
    return route.fulfill({ status, headers: wait === undefined ? {} : { 'retry-after': wait } });
  });
  await site.open(page, '');
  await page.evaluate((count) => {
    for (let batch = 0; batch < count; batch++) window.fakeHands.post(batch, `/batch/${batch}`, '[]', batch % 2 > 0);
  }, cases.length);
  await expect.poll(() => site.said(page, 'delivered')).toHaveLength(cases.length);
  const told = (await site.said(page, 'delivered')).sort((one, other) => Number(one.batch) - Number(other.batch));
  expect(told).toMatchObject(cases.map(({ status, told }, batch) => ({ batch, status, retry_after: told, online: true })));
});

test('a request that has no answer, or that the page does not let out, is told with status 0', async ({ page, site }) => {
  await page.route('**/gone', (route) => route.abort());
  await site.open(page, '');
  await page.evaluate(() => {
    window.fakeHands.post(1, '/gone', '[]', false);
    window.fetch = () => {
      throw new Error('the page allows no request');
    };
    window.fakeHands.post(2, '/gone', '[]', false);
  });
  await expect.poll(async () => (await site.said(page, 'delivered')).map(({ batch, status }) => [batch, status]).sort()).toEqual([[1, 0], [2, 0]]);
  expect(await codes(page)).toEqual(['send_failed', 'send_failed']);
});

test("a trapped instance's timers and requests are nobody's", async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, {
      fakeCore: {
        answer: ({ in: kind, type }: { in: string; type?: string }) => {
          if (kind === 'record' && type === 'trap' && !('trapped' in window)) {
            Object.assign(window, { trapped: true });
            throw new Error('unreachable');
          }
        },
      },
    });
  });
  let answer = (): void => {};
  await page.route('**/slow', async (route) => {
    await new Promise<void>((resolve) => (answer = resolve));
    await route.fulfill({ status: 202 });
  });
  await site.open(page, '');
  await page.evaluate(() => {
    window.fakeHands.wake(Date.now() + 50);
    window.fakeHands.post(1, '/slow', '[]', false);
    window.touchmark?.('record', 'trap', {});
  });
  expect(await codes(page)).toEqual(['core_trapped']);
  answer();
  // The fresh instance's own come through, behind theirs.
  await page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    window.fakeHands.post(2, '/api', '[]', false);
    window.fakeHands.wake(Date.now());
  });
  await expect.poll(() => site.said(page, 'wake')).toHaveLength(1);
  await expect.poll(async () => (await site.said(page, 'delivered')).map(({ batch }) => batch)).toEqual([2]);
});

test('what is kept is read back, and a wipe takes only what is ours', async ({ page, site }) => {
  await site.open(page, '');
  const [kept, after, theirs] = await page.evaluate(() => {
    const { discard, keep, kept, wipe } = window.fakeHands;
    localStorage.setItem('theirs', 'stays');
    sessionStorage.setItem('theirs', 'stays');
    keep(true, 'touchmark.a', 'a\u0000é\ud800');
    keep(false, 'touchmark.b', 'b');
    keep(false, 'touchmark.c', 'c');
    keep(true, 'touchmark.both', 'outlives the tab');
    keep(false, 'touchmark.both', 'this tab’s');
    discard(false, 'touchmark.c');
    const before = JSON.parse(kept()) as object;
    wipe('');
    return [before, JSON.parse(kept()) as object, [localStorage.getItem('theirs'), sessionStorage.getItem('theirs')]];
  });
  expect(kept).toEqual({ in: 'loaded', records: { 'touchmark.a': 'a\u0000é\uFFFD', 'touchmark.b': 'b', 'touchmark.both': 'outlives the tab' }, lasts: true });
  expect(after).toEqual({ in: 'loaded', records: {}, lasts: true });
  expect(theirs).toEqual(['stays', 'stays']);
});

test('a pattern that is none is no match and no throw', async ({ page, site }) => {
  await site.open(page, '');
  const found = await page.evaluate(() => [['(', 'x'], ['^\\p{L}$', 'é'], ['^\\p{L}$', '1'], ['^\\p{L}$', 'é']].map(([pattern, text]) => window.fakeHands.isMatch(pattern!, text!)));
  expect(found).toEqual([2, 1, 0, 1]);
});

test('a selector that this browser can not read takes nothing from the others', async ({ page, site }) => {
  const [appointment] = PLAN.forms;
  site.plan = { ...PLAN, forms: [{ id: 'other', selector: 'form:visible' }, { ...appointment, success: [{ selector: '.ok:visible' }, { request: true }] }], ignore: ['form:contains("x")'] };
  await site.open(page, `${FORM}<script>document.querySelector('form').addEventListener('submit', (event) => (event.preventDefault(), fetch('/api', { method: 'POST' })))</script>`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'accepted' }]);
  expect(await site.said(page, 'submit')).toMatchObject([{ form: 1 }]);
  expect(await codes(page)).toEqual(['selector_unreadable', 'selector_unreadable', 'selector_unreadable']);
});

test('commands never throw, and what is odd about them is told', async ({ page, site }) => {
  await site.open(page, '');
  await page.evaluate(() => {
    const touchmark = window.touchmark as unknown as (...of: unknown[]) => unknown;
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const command of [[], ['toString'], [Symbol('x')], ['consent'], ['consent', null], ['confirm', 'nobody'], ['record', 'x', cyclic], ['ready', 1]]) touchmark(...command);
  });
  await expect.poll(() => codes(page)).toEqual(expect.arrayContaining(['command_unknown', 'command_failed', 'form_unknown', 'kernel_fault']));
  expect(await codes(page)).not.toContain('core_trapped');
});

test('single-page routes are told, and a call once in a while', async ({ page, site }) => {
  await site.open(page, '<a href="tel:+1555"><b>Call</b></a>');
  await page.evaluate(() => history.pushState(null, '', '/doctors?utm_source=x'));
  await expect.poll(() => site.said(page, 'route')).toMatchObject([{ path: '/doctors', query: 'utm_source=x' }]);
  await page.evaluate(() => document.querySelector('a')!.addEventListener('click', (event) => event.preventDefault()));
  await press(page, 'Call', 2);
  expect(await site.said(page, 'call')).toHaveLength(1);
  expect(JSON.stringify(await site.said(page, 'call'))).not.toContain('1555');
});

test('the stub holds commands and submissions until the script comes', async ({ page, site }) => {
  const release = site.late();
  await site.open(page, `${FORM}<script>document.querySelector('form').addEventListener('submit', (event) => event.preventDefault()); const kept = touchmark; touchmark('consent', 'granted')</script>`, { head: STUB + SCRIPT, quiet: true, path: '/page?utm_source=a' });
  await press(page, 'Send');
  await page.evaluate(() => history.replaceState(null, '', '/page'));
  release();
  await expect.poll(() => site.said(page, 'submit')).toMatchObject([{ native: false, form: 0 }]);
  await page.evaluate('kept("record", "r")');
  const said = await site.said(page);
  expect(said.map((one) => one.in).filter((kind) => kind !== 'form')).toEqual(['start', 'landing', 'consent', 'attempt', 'submit', 'record']);
  expect(said[1]).toMatchObject({ query: 'utm_source=a' });
  await press(page, 'Send');
  expect(await site.said(page, 'submit')).toHaveLength(2);
});

for (const [way, head] of [['stub', STUB + SCRIPT], ['kernel', SCRIPT]] as const) {
  for (const granted of [true, false]) {
    test(`a native submission that outruns the core is ${granted ? 'told by the next page' : 'forgotten without a grant'} (${way})`, async ({ page, site }) => {
      const release = way === 'stub' ? site.late() : () => {};
      if (way === 'kernel') await page.route('**/touchmark.wasm', (route) => (page.url().endsWith('/page') ? undefined : route.continue()));
      const consent = granted ? "<script>(window.touchmark ??= function () { (touchmark.q ??= []).push(arguments) })('consent', { store: 'granted', send: 'granted' })</script>" : '';
      await site.open(page, FORM, { head: head + consent, quiet: true });
      // The kernel keeps something once it has the plan: without it nobody knows whether that may be.
      if (way === 'kernel') await havePlan(page);
      await press(page, 'Send');
      if (way === 'stub') await page.waitForURL('**/sent', { waitUntil: 'commit' });
      release();
      await page.waitForURL('**/sent');
      const stored = await page.evaluate(() => sessionStorage.getItem('touchmark.early') ?? '');
      expect(stored.includes('"appointment"')).toBe(granted);
      expect(stored).not.toContain('Ann');
      await expect.poll(() => site.said(page, 'landing')).toHaveLength(1);
      await page.evaluate(() => window.touchmark?.('consent', 'granted'));
      await page.evaluate(() => window.touchmark?.('consent', 'granted'));
      await expect.poll(() => site.said(page, 'consent')).toHaveLength(2);
      const early = await site.said(page, 'early');
      expect(early).toMatchObject(granted ? [{ early: [{ form: 0, intent: 1, native: true, left: true, nonce: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown }] }] : []);
    });
  }
}

test('where the plan allows memory alone, nothing is kept for the next page', async ({ page, site }) => {
  site.plan = { ...site.plan, storage: 'memory', consent: { source: 'not_required' } };
  await page.route('**/touchmark.wasm', (route) => (page.url().endsWith('/page') ? undefined : route.continue()));
  await site.open(page, FORM, { quiet: true });
  await havePlan(page);
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
});
