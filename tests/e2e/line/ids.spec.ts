// One wish, one id: tabs, wizards, tries that fail, and two copies of the script.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { codes, expect, LANDING_QUERY, ready, rewrite, type Site, test } from './line';
import { adClickToThankYou, expectNoSecrets, fillAppointment, fillCallback, hidden, only, REFUSED_PHONE, send, submitAppointment, uuid5, VISITOR } from './visitor';

const SUBMITTED = ['form_submit appointment sent valid', 'form_result appointment accepted'];
const received = (body: string | undefined): string => JSON.parse(body!).touchmark_event_id;

test('a duplicated tab has a document of its own: two leads under two ids', async ({ page, context, site, line }) => {
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await page.evaluate(() => sessionStorage.setItem('mine', 'copied'));
  const opened = context.waitForEvent('page');
  // As a duplicate does, a page opened this way begins with a copy of the tab's session storage.
  await page.evaluate(() => void window.open('/appointment/'));
  const other = await opened;
  await ready(other);
  expect(await other.evaluate(() => sessionStorage.getItem('mine'))).toBe('copied');
  for (const one of [page, other]) await expect.poll(() => hidden(one)).not.toBe('');
  const ids = [await hidden(page), await hidden(other)];
  expect(new Set(ids).size).toBe(2);
  for (const one of [page, other]) {
    await fillAppointment(one);
    await submitAppointment(one);
  }
  const rows = await line.stores(other, ['landing appointment', ...SUBMITTED, ...SUBMITTED]);
  expect(rows.filter(({ type }) => type.endsWith('form_submit')).map(({ id }) => id)).toEqual(ids);
});

test('a tab duplicated while a form is under way settles nothing of it', async ({ page, context, site, line }) => {
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  const release = site.hold('/appointment/');
  // Once the form is on its way, and the driver hears nothing of the page any more.
  await page.evaluate(() => addEventListener('submit', () => setTimeout(() => window.open('/privacy/'), 200)));
  const opened = context.waitForEvent('page');
  await page.locator('form [type=submit]').click({ noWaitAfter: true });
  const other = await opened;
  await expect.poll(() => line.posts('/appointment/').length).toBe(1);
  await ready(other);
  // Its copy of what the form's page left is gone by now, wherever it goes next.
  expect(await other.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  await other.goto(`${site.origin}/thank-you/`);
  await ready(other);
  expect((await line.collector.all()).filter(({ type }) => type.endsWith('form_result'))).toEqual([]);
  release();
  await page.waitForURL('**/thank-you/');
  await line.stores(page, SUBMITTED);
});

/** The page's main part replaced by this, with a script of the page's own. */
const withForm = (site: Site, html: string, script: string): void => {
  site.behave('/own.js', { status: 200, headers: { 'content-type': 'text/javascript' }, body: () => script });
  rewrite(site, (page) => page.replace(/<main[\s\S]*<\/main>/, `<main>${html}</main><script src="/own.js"></script>`));
};

test('the steps of one form are one submission, whose id was in it from the first step', async ({ page, site, line }) => {
  withForm(
    site,
    `<form id="appointment" method="post" action="/appointment/">
      <fieldset class="step"><input name="full-name" required><button>Next</button></fieldset>
      <fieldset class="step" hidden disabled><input name="e-mail"><input name="tel"><button>Next</button></fieldset>
      <fieldset class="step" hidden disabled><select name="service"><option value="cardiology">Cardiology</option></select>
        <input type="radio" name="when" value="morning" checked><button>Send</button></fieldset>
      <input type="hidden" name="touchmark_event_id">
    </form>`,
    `const steps = [...document.querySelectorAll('.step')]; let at = 0
    document.querySelector('form').addEventListener('submit', (event) => {
      if (at === 2) { for (const step of steps) step.disabled = false; return }
      event.preventDefault()
      steps[at].hidden = true
      Object.assign(steps[++at], { hidden: false, disabled: false })
    })`,
  );
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  const id = await hidden(page);
  await page.locator('[name="full-name"]').fill(VISITOR.name);
  await page.getByText('Next').first().click();
  await page.locator('[name="e-mail"]').fill(VISITOR.email);
  await page.locator('[name="tel"]').fill(VISITOR.phone);
  // As long as it takes to be sure that the first step went nowhere.
  await expect.poll(() => page.evaluate(() => performance.now())).toBeGreaterThan(5_000);
  expect(await hidden(page)).toBe(id);
  await page.getByText('Next').last().click();
  await page.getByText('Send').click();
  await page.waitForURL('**/thank-you/');
  const rows = await line.stores(page, SUBMITTED);
  const { event } = only(rows, 'form_submit');
  expect(event.id).toBe(id);
  expect(event.data.form).toMatchObject({ intent: 1, fields: { service_line: 'cardiology', preferred_time: 'morning' } });
  expect(new URLSearchParams(line.posts('/appointment/')[0]).get('touchmark_event_id')).toBe(id);
  expectNoSecrets(line);
});

test('steps that are forms of their own have an id each', async ({ page, site, line }) => {
  withForm(
    site,
    `<form id="callback" method="post" action="/api/callback"><input name="name"><input name="phone">
      <input type="radio" name="best_time" value="evening" checked><input type="hidden" name="touchmark_event_id"><button type="submit">Next</button></form>`,
    `document.querySelector('form').addEventListener('submit', async (event) => {
      event.preventDefault()
      await fetch('/api/callback', { method: 'POST', body: JSON.stringify(Object.fromEntries(new FormData(event.target))) })
      event.target.outerHTML = \`<p class="form-success">Saved.</p><form id="appointment" method="post" action="/appointment/">
        <input name="full-name"><input name="e-mail"><input name="tel"><select name="service"><option>cardiology</option></select>
        <input type="radio" name="when" value="morning" checked><textarea name="message"></textarea><input type="hidden" name="touchmark_event_id"><button type="submit">Send</button></form>\`
    })`,
  );
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  await page.locator('[name=name]').fill(VISITOR.name);
  await page.locator('[name=phone]').fill(VISITOR.phone);
  await expect.poll(() => hidden(page)).not.toBe('');
  const first = await hidden(page);
  await send(page);
  await page.locator('form#appointment').waitFor();
  await expect.poll(() => hidden(page)).not.toBe('');
  const second = await hidden(page);
  expect(second).not.toBe(first);
  await fillAppointment(page);
  await submitAppointment(page);
  const rows = await line.stores(page, ['form_submit callback accepted valid', ...SUBMITTED]);
  const submits = rows.filter(({ type }) => type.endsWith('form_submit'));
  expect(submits.map(({ id }) => id)).toEqual([first, second]);
  expect(new Set(submits.map(({ event }) => event.data.tracker.nonce)).size).toBe(1);
  expect(received(line.posts('/api/callback')[0])).toBe(first);
});

test('two tries that fail and one that does not are three events, each naming the last, and one lead', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/callback/`);
  await ready(page);
  const events = async (count: number): Promise<unknown> => expect.poll(async () => (await line.collector.all()).length).toBe(count);
  await fillCallback(page, REFUSED_PHONE);
  await send(page);
  await events(1);
  await send(page);
  await events(2);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await events(3);
  const leads = await line.collector.leads();
  const rows = await line.stores(page, ['form_submit callback failed valid', 'form_submit callback failed valid', 'form_submit callback accepted valid']);
  const { nonce } = rows[0]!.event.data.tracker;
  const ids = [1, 2, 3].map((number) => uuid5(nonce, `form_submit/callback/${number}`));
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(rows.map(({ event }) => event.data.form.retry_of)).toEqual([undefined, ids[0], ids[1]]);
  expect(line.posts('/api/callback').map(received)).toEqual(ids);
  expect(leads.map(({ id, outcome }) => [id, outcome])).toEqual([[ids[2], 'accepted']]);
});

/** Which of the two scripts is there first, and which version each says it is. */
const ORDERS: [string, string, string][] = [
  ['an older one by the tag manager comes second', '0.0.1', 'second'],
  ['an older one comes first', '0.0.1', 'first'],
  ['a newer one comes second', '9.9.9', 'second'],
  ['a newer one comes first', '9.9.9', 'first'],
];
for (const [what, version, place] of ORDERS) {
  test(`a second copy of the script, of another version, adds nothing: ${what}`, async ({ page, site, line }) => {
    const own = readFileSync(join(line.pkg, 'touchmark.js'), 'utf8');
    const current = /"(\d+\.\d+\.\d+)"/.exec(own)![1]!;
    site.behave('/elsewhere/touchmark.js', { status: 200, headers: { 'content-type': 'text/javascript' }, body: () => own.replace(`"${current}"`, `"${version}"`) });
    for (const file of ['touchmark.wasm', 'touchmark.forms.js']) {
      const type = file.endsWith('.js') ? 'text/javascript' : 'application/wasm';
      site.behave(`/elsewhere/${file}`, { status: 200, headers: { 'content-type': type }, body: () => readFileSync(join(line.pkg, file)) });
    }
    rewrite(site, (html) =>
      html.replace(/<script async.*?<\/script>/, (tag) => {
        // In the order of the page.
        const mine = tag.replace('<script async', '<script defer');
        const other = mine.replace('/touchmark/touchmark.js', '/elsewhere/touchmark.js');
        return place === 'first' ? other + mine : mine + other;
      }),
    );
    await page.goto(`${site.origin}/privacy/`);
    await ready(page);
    expect(await page.evaluate(() => window.touchmark.v)).toBe(place === 'first' ? version : current);
    await adClickToThankYou(page, site, line);
    expect(await codes(page)).toEqual([]);
  });
}

test('a module that starts beside the script adds nothing either', async ({ page, site, line }) => {
  const start = async (page: Page): Promise<void> => {
    await page.evaluate(async () => {
      const { init } = (await import('/touchmark/touchmark.mjs' as string)) as { init(options: object): Promise<unknown> };
      await init({ plan: '/touchmark/plan.json' });
    });
  };
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await start(page);
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await start(page);
  await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
});
