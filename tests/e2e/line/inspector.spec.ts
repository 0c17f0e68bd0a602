// The inspector: loaded only by whom the plan lets, shows what is typed to nobody else, and sends
// nothing in a dry run. Screenshots are for people: test-results/inspector-*.png.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { codes, expect, kept, LANDING_QUERY, type Line, ready, rewrite, ROOT, type Site, test } from './line';
import { PAYLOADS } from './payloads';
import { fillAppointment, fillCallback, hidden, send, submitAppointment, VISITOR } from './visitor';

const FILES = ['/touchmark/touchmark.inspector.js', '/touchmark/touchmark.inspector.wasm'];
const asked = (site: Site): string[] => site.requests.map(({ path }) => path).filter((path) => path.includes('inspector'));
const picture = (name: string): string => join(ROOT, 'test-results', `inspector-${name}.png`);

/** A plan that allows it. */
const allow = (site: Site, line: Line, change?: (plan: any) => void): void => {
  site.plan = line.plan((plan) => {
    plan.inspector = true;
    change?.(plan);
  });
};

/** Opens a page with the inspector, its root open to the test alone. */
async function inspect(page: Page, site: Site, path: string, mode = 'inspect', query = LANDING_QUERY): Promise<Locator> {
  await page.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) {
      if (this.localName === 'touchmark-inspector') (window as any).asked = options.mode;
      return attach.call(this, { ...options, mode: 'open' });
    };
  });
  await page.goto(`${site.origin}${path}?${query}&touchmark=${mode}`);
  await ready(page);
  const panel = page.locator('touchmark-inspector');
  await expect(panel.getByRole('dialog', { name: 'touchmark inspector' })).toBeVisible();
  return panel;
}

const row = (panel: Locator, field: string): Locator => panel.locator('tbody tr').filter({ has: panel.page().locator(`th:text-matches("^${field}")`) });
const open = (panel: Locator, tab: string): Promise<void> => panel.getByRole('tab', { name: tab }).click();

/** The file that a press saves. Firefox over WebDriver BiDi tells of no download: there it is what the link holds. */
async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  if (page.context().browser()!.browserType().name() === 'chromium') {
    const download = page.waitForEvent('download');
    await press();
    const file = await download;
    return { name: file.suggestedFilename(), text: readFileSync((await file.path())!, 'utf8') };
  }
  await page.evaluate(() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => (((window as any).blob = blob), make.call(URL, blob));
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      (window as any).link = { name: this.download, isBlob: this.href.startsWith('blob:') };
      click.call(this);
    };
  });
  await press();
  const { name, isBlob, text } = await page.evaluate(async () => ({ ...(window as any).link, text: await (window as any).blob.text() }));
  expect(isBlob).toBe(true);
  return { name, text };
}

test('is not loaded where the plan does not allow it, nor without the query', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/?touchmark=inspect`);
  await ready(page);
  expect(asked(site)).toEqual([]);
  allow(site, line);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  expect(asked(site)).toEqual([]);
  await expect(page.locator('touchmark-inspector')).toHaveCount(0);
  // The same plan and the query: so that the above has meant something.
  await page.goto(`${site.origin}/favicon.svg`);
  await page.goto(`${site.origin}/appointment/?touchmark=inspect`);
  await ready(page);
  expect(asked(site)).toEqual(FILES);
  await expect(page.locator('touchmark-inspector')).toHaveCount(1);
});

test('a dry run judges while one types, fills the hidden fields, and sends and keeps nothing', async ({ page, site, line }) => {
  allow(site, line);
  await page.setViewportSize({ width: 1280, height: 900 });
  const panel = await inspect(page, site, '/appointment/');
  expect(await page.evaluate(() => (window as any).asked)).toBe('closed');
  await expect(panel.locator('.mode')).toHaveText('dry run');
  const card = panel.getByRole('article', { name: 'appointment' });
  await expect(card.locator('header .badge')).toHaveText('invalid');
  await expect(row(panel, 'email').locator('.badge')).toHaveText('required');
  await expect(row(panel, 'email').locator('.leaves')).toHaveText('hashed');
  await expect(row(panel, 'message').locator('.leaves')).toHaveText('stays here');

  await page.locator('[name="e-mail"]').pressSequentially('ann@');
  await expect(row(panel, 'email').locator('.badge')).toContainText('format');
  await expect(row(panel, 'email').locator('.typed')).toHaveText('ann@');
  await expect(panel.getByRole('status')).toContainText(/email [\w, ]*format/);
  await page.locator('[name="e-mail"]').pressSequentially('example.org');
  await expect(row(panel, 'email').locator('.badge')).toHaveText('fits');
  await fillAppointment(page);
  await expect(card.locator('header .badge')).toHaveText('valid');
  await expect(row(panel, 'service_line').locator('.typed')).toHaveText('cardiology');
  await expect.poll(() => hidden(page)).not.toBe('');
  const id = await hidden(page);
  await expect(card.locator('dl').first()).toContainText(id);
  await expect(card.locator('dl').first()).toContainText('cardiology-q4');
  await page.screenshot({ path: picture('forms') });

  await open(panel, 'Arrival');
  await expect(panel.locator('.channel').first()).toContainText('Paid Search');
  await expect(panel.locator('.channel').first()).toContainText('decided by rule');
  await page.screenshot({ path: picture('arrival') });
  await open(panel, 'Consent');
  await expect(panel.locator('.purposes .badge')).toHaveText(['granted', 'granted', 'granted', 'granted']);
  await page.screenshot({ path: picture('consent') });
  await open(panel, 'Delivery');
  await panel.locator('summary', { hasText: 'landing' }).click();
  await expect(panel.locator('pre').first()).toContainText('"urn:touchmark:northside-clinic"');
  await expect(panel.locator('summary', { hasText: 'landing' }).locator('.badge')).toHaveText('held back');
  await page.screenshot({ path: picture('delivery') });

  // The page's own form goes out as ever, and the page that follows is looked at, too.
  await submitAppointment(page);
  expect(new URLSearchParams(line.posts('/appointment/')[0]).get('touchmark_event_id')).toBe(id);
  await expect(page.locator('touchmark-inspector .mode')).toHaveText('dry run');
  expect((await kept(page)).keys).toEqual([]);
  expect(line.gateway.sent).toEqual([]);
  await line.stores(page, []);
});

test('live it sends as on any visit, with the same bytes, and tells what was answered', async ({ page, site, line }) => {
  allow(site, line);
  const panel = await inspect(page, site, '/callback/', 'inspect-live');
  await expect(panel.locator('.mode')).toHaveText('live');
  await open(panel, 'Delivery');
  await expect(panel.locator('summary', { hasText: 'landing' }).locator('.badge')).toHaveText('202');
  const shown = JSON.parse((await panel.locator('pre').first().textContent())!) as object;
  const rows = await line.stores(page, ['landing callback']);
  expect(shown).toEqual(rows[0]!.event);
});

test('from live back to dry: the page that follows sends nothing, though it comes from a live one', async ({ page, site, line }) => {
  allow(site, line);
  const panel = await inspect(page, site, '/callback/', 'inspect-live');
  await expect.poll(() => line.gateway.sent.length).toBe(1);
  await panel.getByRole('button', { name: 'Go dry' }).click();
  await expect(page.locator('touchmark-inspector .mode')).toHaveText('dry run');
  await fillCallback(page);
  await send(page);
  await page.locator('.form-success').waitFor();
  await page.goto(`${site.origin}/favicon.svg`);
  expect(line.gateway.sent).toHaveLength(1);
});

test('consent that is not there yet is told, and a withdrawal in a dry run still wipes', async ({ page, site, line }) => {
  allow(site, line, (plan) => (plan.consent = { source: 'api' }));
  const panel = await inspect(page, site, '/appointment/');
  await open(panel, 'Consent');
  await expect(panel.locator('.purposes .badge')).toHaveText(['unknown', 'unknown', 'unknown', 'unknown']);
  await expect(panel.getByText('1 for a decision')).toBeVisible();
  await page.evaluate(() => window.touchmark('consent', 'granted'));
  await expect(panel.locator('.purposes .badge').first()).toHaveText('granted');
  await page.evaluate(() => {
    localStorage.setItem('touchmark.attribution', '{}');
    window.touchmark('consent', 'withdrawn');
  });
  await expect(panel.locator('.purposes .badge').first()).toHaveText('withdrawn');
  expect((await kept(page)).keys).toEqual([]);
  await line.stores(page, []);
});

test('by keyboard alone: in, through tabs and content, folded by Escape, back to the page', async ({ page, site, line }) => {
  allow(site, line);
  const panel = await inspect(page, site, '/appointment/');
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const inside = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return `${inside?.getAttribute('role') ?? inside?.localName} ${inside?.getAttribute('aria-label') ?? inside?.textContent?.slice(0, 30) ?? ''}`.trim();
    });
  // What the page hears of: not what is meant for the panel.
  await page.evaluate(() => addEventListener('keydown', (event) => ((window as any).heard ??= []).push(event.key)));
  const heard = (): Promise<string[]> => page.evaluate(() => (window as any).heard ?? []);
  await page.locator('[name="e-mail"]').focus();
  await page.keyboard.press('Alt+Shift+K');
  expect(await focused()).toMatch(/^tab Forms/);
  const before = (await heard()).length;
  for (const [key, tab] of [['ArrowRight', 'Arrival'], ['ArrowRight', 'Consent'], ['End', 'Diagnostics'], ['ArrowRight', 'Forms'], ['ArrowLeft', 'Diagnostics'], ['Home', 'Forms']]) {
    await page.keyboard.press(key!);
    expect(await focused()).toMatch(new RegExp(`^tab ${tab}`));
    await expect(panel.getByRole('tab', { selected: true })).toHaveText(new RegExp(`^${tab}`));
  }
  const order: string[] = [];
  for (let step = 0; step < 5; step++) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  expect(order.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual(['tabpanel appointment', 'button Show', 'button Copy', 'button Save', 'button Go'].map((one) => expect.stringMatching(new RegExp(`^${one.split(' ')[0]}`))));
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!.shadowRoot!.activeElement!).outlineStyle);
  expect(outline).toBe('solid');
  // Content that is made anew keeps the focus.
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toMatch(/^button Show appointment/);
  await page.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>('[name="e-mail"]')!;
    field.value = 'ann@example.org';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(row(panel, 'email').locator('.badge')).toHaveText('fits');
  expect(await focused()).toMatch(/^button Show appointment/);

  await page.keyboard.press('Escape');
  await expect(panel.getByRole('dialog')).toBeHidden();
  expect(await focused()).toMatch(/^button Open the touchmark inspector: appointment invalid/);
  await page.screenshot({ path: picture('folded') });
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Alt+Shift+K');
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe('e-mail');
  expect((await heard()).slice(before).filter((key) => !/^(Alt|Shift|K)$/i.test(key))).toEqual([]);
});

test('under the strictest policy it breaks no rule, and the page finds nothing of it', async ({ page, site, line }) => {
  allow(site, line);
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-clinic' 'strict-dynamic' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${site.origin}/touchmark/touchmark.wasm ${site.origin}/touchmark/touchmark.inspector.wasm ${site.origin}/touchmark/plan.json ${line.gateway.endpoint}`,
    "form-action 'self'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  site.behave('/*', { headers: { 'content-security-policy': policy } });
  rewrite(site, (html) => html.replace(/<script/g, '<script nonce="clinic"'));
  await page.addInitScript(() => {
    const seen: string[] = ((window as any).violations = []);
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => seen.push(`${effectiveDirective} ${blockedURI} ${sourceFile}`));
  });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}&touchmark=inspect`);
  await ready(page);
  const host = page.locator('touchmark-inspector');
  await expect(host).toHaveCount(1);
  expect(await host.evaluate((one) => [one.shadowRoot, one.childNodes.length, one.getAttributeNames()])).toEqual([null, 0, []]);
  // It is styled: fixed, and the panel lies over the page at the right.
  expect(await page.evaluate(() => document.elementFromPoint(innerWidth - 60, 80)?.localName)).toBe('touchmark-inspector');
  expect(await page.evaluate(() => document.elementFromPoint(60, 300)?.localName)).not.toBe('touchmark-inspector');
  await fillAppointment(page);
  for (const key of ['Alt+Shift+K', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Escape']) await page.keyboard.press(key);
  expect(await page.evaluate(() => (window as any).violations)).toEqual([]);
  expect(await codes(page)).toEqual([]);
  await line.stores(page, []);
});

test('a ticket holds what is shown, and nothing that somebody typed', async ({ page, site, line }) => {
  allow(site, line, (plan) => (plan.ignore = ['#elsewhere']));
  rewrite(site, (html) => html.replace('</main>', '<form id="elsewhere"><input name="x"></form><form><label>E-mail <input type="email" name="mail"></label><button>Go</button></form><form role="search"><input type="search" name="q"></form></main>'));
  const panel = await inspect(page, site, '/appointment/');
  await fillAppointment(page);
  await page.locator('[name=mail]').fill('other@example.org');
  await expect(panel.locator('.badge', { hasText: /^(ignored|undeclared|no lead)$/ })).toHaveText(['ignored', 'undeclared', 'no lead']);
  await expect(panel.getByText('callback', { exact: true })).toBeVisible();
  const { name, text } = await saved(page, () => panel.getByRole('button', { name: 'Save JSON' }).click());
  expect(name).toMatch(/^touchmark-\d{8}T\d{6}\.json$/);
  const ticket = JSON.parse(text);
  expect(ticket).toMatchObject({ mode: 'dry run', address: `${site.origin}/appointment/`, landing: { touch: { campaign: 'cardiology-q4', rule: expect.any(String) } }, state: { page: 'appointment', consent: { send: 'granted' } }, absent: [{ id: 'callback' }, { id: 'booking' }] });
  expect(ticket.forms.map(({ standing }: any) => standing)).toEqual(['declared', 'ignored', 'undeclared', 'no lead']);
  expect(ticket.forms[0]).toMatchObject({ id: 'appointment', contract: 'appointment_request', verdict: 'valid', violations: [] });
  expect(ticket.sent).toHaveLength(1);
  for (const typed of [...Object.values(VISITOR), 'other@example.org', 'morning']) expect(text).not.toContain(typed);
  await line.stores(page, []);
});

test('hostile campaigns and hostile form names stay text', async ({ page, site, line }) => {
  test.setTimeout(120_000);
  allow(site, line, (plan) => (plan.events = []));
  const names = PAYLOADS.slice(0, 60);
  rewrite(site, (html) => html.replace('</form>', `${names.map((name) => `<input type="hidden" name="${name.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}">`).join('')}</form>`));
  const panel = await inspect(page, site, '/appointment/');
  await page.evaluate(() => {
    const seen: string[] = ((window as any).seen = []);
    for (const name of ['alert', 'open', 'postMessage']) (window as any)[name] = () => seen.push(`called ${name}`);
  });
  const inside = (): Promise<string[]> => panel.evaluate((host) => [...new Set([...host.shadowRoot!.querySelectorAll('*')].map(({ localName }) => localName))].sort());
  const already = site.requests.length;
  await open(panel, 'Arrival');
  const wrong = await page.evaluate(async (payloads) => {
    const root = document.querySelector('touchmark-inspector')!.shadowRoot!;
    // What has no shape of its own is shown as its number.
    const hiding = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
    const found: string[] = [];
    for (const payload of payloads) {
      history.pushState(null, '', `/appointment/?${new URLSearchParams({ utm_source: 'x', utm_campaign: payload })}`);
      const wanted = payload.replace(hiding, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);
      const isShown = (): boolean => !!root.querySelector('article[aria-label=last]')?.textContent?.includes(wanted);
      const end = Date.now() + 5000;
      while (!isShown() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      if (!isShown()) found.push(payload);
    }
    return found;
  }, PAYLOADS);
  expect(wrong).toEqual([]);
  await page.screenshot({ path: picture('hostile') });
  await open(panel, 'Forms');
  const chips = await panel.locator('.chip').allTextContents();
  for (const name of names) expect(chips.join('\n')).toContain(name.replace(/\r\n?|\n/g, '\\u000a').slice(0, 20));
  const OURS = /^(a|article|bdi|button|code|dd|details|div|dl|dt|footer|h[2-4]|header|li|p|pre|section|small|span|strong|summary|table|caption|tbody|td|th|thead|time|tr|ul|wbr)$/;
  expect((await inside()).filter((name) => !OURS.test(name))).toEqual([]);
  expect(await page.evaluate(() => (window as any).seen)).toEqual([]);
  // The browser asks for a page's icon at each new address.
  expect(site.requests.slice(already).map(({ path }) => path).filter((path) => path !== '/favicon.svg')).toEqual([]);
  await line.stores(page, []);
});

for (const scheme of ['light', 'dark'] as const) {
  test(`on a narrow screen, ${scheme}, it leaves the form in sight and nothing runs over`, async ({ page, site, line }) => {
    allow(site, line);
    await page.setViewportSize({ width: 380, height: 760 });
    await page.emulateMedia({ colorScheme: scheme });
    const panel = await inspect(page, site, '/callback/');
    await page.locator('[name=phone]').fill('not a number');
    await expect(row(panel, 'phone').locator('.badge')).not.toHaveText('required');
    const box = (await panel.getByRole('dialog').boundingBox())!;
    expect(box.height).toBeLessThanOrEqual(760 * 0.6);
    // Firefox's scrollbar takes its own room.
    expect([box.x, box.width]).toEqual([0, await page.evaluate(() => document.documentElement.clientWidth)]);
    expect(await panel.evaluate((host) => [...host.shadowRoot!.querySelectorAll<HTMLElement>('[role=tabpanel], [role=tabpanel] *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.classList.contains('unseen')).length)).toBe(0);
    await page.screenshot({ path: picture(`narrow-${scheme}`) });
    await line.stores(page, []);
  });
}

test('without its wasm the page is as if touchmark were not there, and diagnostics say why', async ({ page, site, line }) => {
  allow(site, line);
  site.behave('/touchmark/touchmark.inspector.wasm', { status: 404 });
  await page.goto(`${site.origin}/callback/?touchmark=inspect`);
  await expect.poll(() => codes(page)).toHaveLength(1);
  await page.locator('[name=phone]').fill('1');
  await line.stores(page, []);
});
