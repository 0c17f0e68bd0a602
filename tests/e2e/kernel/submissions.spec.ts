// What the kernel tells the core of forms: expected, and what must not be told.

import { expect, FORM, press, test } from './site';

const ENTRIES = [
  ['name', 'Ann', 'text'],
  ['id', '17', 'text'],
  ['elements', 'e', 'text'],
  ['submit', 's', 'hidden'],
  ['action', 'a', 'text'],
  ['getAttribute', 'g', 'text'],
  ['matches', 'm', 'text'],
  ['method', 't', 'text'],
  ['service', 'cardiology', 'select-one'],
  ['agree', 'on', 'checkbox'],
  ['scan', '', 'file'],
  ['secret', '', 'password'],
  ['message', 'Hello', 'textarea'],
  ['event_id', '', 'hidden'],
  ['go', 'now', 'submit'],
];

/** Cancels every submission, as an AJAX form does. */
const cancel = (more = ''): string => `<script>document.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); ${more} })</script>`;
const send = "fetch('/api', { method: 'POST', body: 'x' });";

test('a native post is told before the navigation, and is the same with and without touchmark', async ({ page, site }) => {
  await site.open(page, FORM);
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  const [attempt, ...others] = await site.said(page, 'attempt');
  expect(attempt).toMatchObject({ form: 0, page: '/page' });
  expect(others).toEqual([]);
  const submits = await site.said(page, 'submit');
  expect(submits).toHaveLength(1);
  expect(submits[0]).toMatchObject({ native: true, form: 0, key: attempt?.key, page: '/page', entries: ENTRIES });
  await site.open(page, FORM, { head: '', quiet: true });
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  const [first, second] = site.seen.filter(({ method }) => method === 'POST');
  expect(second?.body).toBe(first?.body);
});

test('a cancelled submission is told with what its handlers filled in', async ({ page, site }) => {
  await site.open(page, FORM + cancel("document.querySelector('[name=event_id]').value = 'filled'"));
  await press(page, 'Send');
  const [submit] = await site.said(page, 'submit');
  expect(submit).toMatchObject({ native: false, form: 0 });
  expect(submit?.entries).toContainEqual(['event_id', 'filled', 'hidden']);
  expect(await site.said(page, 'signal')).toEqual([]);
});

test('a handler that resets the form took the values before', async ({ page, site }) => {
  await site.open(page, FORM + cancel('event.target.replaceChildren()'));
  await press(page, 'Send');
  expect((await site.said(page, 'submit'))[0]?.entries).toContainEqual(['name', 'Ann', 'text']);
});

for (const [status, outcome] of [[200, 'accepted'], [422, 'failed']] as const) {
  test(`a request that answers ${status} is ${outcome}`, async ({ page, site }) => {
    site.status = status;
    await site.open(page, FORM + cancel(send));
    await press(page, 'Send');
    await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome, key: 1 }]);
  });
}

test('without a declared request a 200 only says that something was sent', async ({ page, site }) => {
  await site.open(page, `<form id="callback" action="/api"><button>Send</button></form>${cancel(send)}`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'sent' }]);
});

test('a selector counts only when it newly shows text', async ({ page, site }) => {
  await site.open(page, `<p class="error">old</p><p class="ok" hidden>Thanks</p>${FORM}${cancel("setTimeout(() => (document.querySelector('.ok').hidden = false), 50)")}`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'accepted' }]);
});

test('an error that appears while the handlers run is the page’s own: nothing went out', async ({ page, site }) => {
  await site.open(page, `<p class="error"></p>${FORM}${cancel("document.querySelector('.error').textContent = 'No'")}`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'blocked' }]);
});

test('an error that appears later is a failure', async ({ page, site }) => {
  await site.open(page, `<p class="error"></p>${FORM}${cancel("setTimeout(() => (document.querySelector('.error').textContent = 'No'), 50)")}`);
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'failed' }]);
});

test('the page may confirm by the plan id, also when the form is gone', async ({ page, site }) => {
  await site.open(page, FORM + cancel("event.target.remove(); setTimeout(() => touchmark('confirm', 'appointment'))"));
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'signal')).toMatchObject([{ outcome: 'accepted', key: 1 }]);
});

test('stopped propagation hides nothing', async ({ page, site }) => {
  await site.open(page, FORM + cancel('event.stopImmediatePropagation()'));
  await press(page, 'Send');
  await expect.poll(() => site.said(page, 'submit')).toMatchObject([{ native: false, entries: ENTRIES }]);
});

test('cancelled by nobody and sent by nobody is an attempt only', async ({ page, site }) => {
  await site.open(page, FORM + "<script>document.querySelector('form').addEventListener('submit', (event) => event.target.remove())</script>");
  await press(page, 'Send');
  // The kernel's last look is a timer set before this one.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  expect(await site.said(page, 'attempt')).toHaveLength(1);
  expect(await site.said(page, 'submit')).toEqual([]);
});

test('a double click tells of one form', async ({ page, site }) => {
  await site.open(page, FORM + cancel());
  await press(page, 'Send', 2);
  const submits = await site.said(page, 'submit');
  expect(submits).toHaveLength(2);
  expect(new Set(submits.map(({ key }) => key)).size).toBe(1);
});

test('a handler that submits again once it has looked', async ({ page, site }) => {
  await site.open(
    page,
    `${FORM}<script>let looked = false; document.querySelector('form').addEventListener('submit', (event) => {
      if (looked) return; event.preventDefault(); looked = true; event.target.requestSubmit(event.submitter); setTimeout(() => event.target.requestSubmit(event.submitter)); })</script>`,
  );
  await press(page, 'Send');
  await page.waitForURL('**/sent');
  const submits = await site.said(page, 'submit');
  expect(submits.filter(({ native }) => native)).toHaveLength(1);
  expect(new Set(submits.map(({ key }) => key)).size).toBe(1);
});

test("the page's own FormData counts, and no other is ever made", async ({ page, site }) => {
  await site.open(
    page,
    `${FORM}<script>window.made = 0; const form = document.querySelector('form');
    form.addEventListener('formdata', (event) => { made++; event.formData.append('extra', 'by listener') });
    form.addEventListener('submit', (event) => { event.preventDefault(); new FormData(form); form.reset() })</script>`,
  );
  await page.evaluate(() => (document.querySelector<HTMLInputElement>('[name=name]')!.value = 'Bea'));
  await press(page, 'Send');
  const [submit] = await site.said(page, 'submit');
  expect(submit).toMatchObject({ native: false });
  expect(submit?.entries).toContainEqual(['extra', 'by listener', 'custom']);
  expect(submit?.entries).toContainEqual(['name', 'Bea', 'text']);
  expect(submit?.entries).toContainEqual(['secret', '', 'password']);
  expect(submit?.entries).toContainEqual(['scan', '', 'file']);
  expect(await page.evaluate('made')).toBe(1);
});

test('of undeclared forms only a count, of searches, dialogs and logins nothing', async ({ page, site }) => {
  await site.open(
    page,
    `<form name="a"><input name="q" type="search"><button>Search</button></form>
    <form role="search"><input name="q"><button>Find</button></form>
    <dialog open><form method="dialog"><input name="d"><button>Close</button></form></dialog>
    <form><input name="user"><input type="password" name="p"><button>Log in</button></form>
    <form action="/x"><input name="mail" value="secret@example.com"><button>News</button></form>
    <script>addEventListener('submit', (event) => event.preventDefault(), true)</script>`,
  );
  for (const name of ['Search', 'Find', 'Close', 'Log in', 'News']) await press(page, name);
  const submits = await site.said(page, 'submit');
  expect(submits).toMatchObject([{ form: -1, controls: 1 }]);
  expect(await site.said(page, 'attempt')).toEqual([]);
  expect(JSON.stringify(await site.said(page))).not.toContain('secret@');
});

test('lone surrogates become well-formed text, long values are cut', async ({ page, site }) => {
  await site.open(page, FORM + cancel());
  await page.evaluate(() => {
    document.querySelector<HTMLInputElement>('[name=name]')!.value = 'a\ud800b';
    document.querySelector<HTMLTextAreaElement>('[name=message]')!.value = 'x'.repeat(5000);
  });
  await press(page, 'Send');
  const entries = (await site.said(page, 'submit'))[0]?.entries ?? [];
  expect(entries).toContainEqual(['name', 'a\ufffdb', 'text']);
  expect(entries.find(([name]) => name === 'message')?.[1]).toHaveLength(4096);
});

test('hidden fields are filled, never over what was typed', async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, {
      fakeCore: {
        answer: ({ in: kind, key }: { in: string; key: number }) =>
          kind === 'form' || kind === 'attempt'
            ? [
                { out: 'fill', key, name: 'event_id', value: kind, own: true },
                { out: 'fill', key, name: 'typed', value: 'ours', own: false },
                { out: 'fill', key, name: 'empty', value: kind, own: false },
                { out: 'fill', key, name: 'gone', value: 'x', own: false },
              ]
            : undefined,
      },
    });
  });
  await site.open(page, `<form id="appointment"><input type="hidden" name="event_id" value="stale"><input name="typed" value="theirs"><input type="hidden" name="empty"><button>Send</button></form>${cancel()}`);
  const values = (): Promise<string[]> => page.$$eval('input', (inputs) => inputs.map((input) => input.value));
  await expect.poll(values).toEqual(['form', 'theirs', 'form']);
  await press(page, 'Send');
  expect(await values()).toEqual(['attempt', 'theirs', 'attempt']);
  expect((await site.said(page, 'submit'))[0]?.entries).toContainEqual(['event_id', 'attempt', 'hidden', 'off']);
  expect(await page.evaluate(() => window.touchmark?.('diagnostics').map(({ code, about }) => code + about))).toContain('field_missinggone');
});

test('forms that come late are registered, once each', async ({ page, site }) => {
  await site.open(page, '<main></main>');
  await page.evaluate((form) => (document.querySelector('main')!.innerHTML = form), FORM);
  await expect.poll(() => site.said(page, 'form')).toMatchObject([{ form: 0 }]);
  await page.evaluate(() => document.body.append('more'));
  expect(await site.said(page, 'form')).toHaveLength(1);
});
