// Links and forms between the site's hosts: they carry the touch, untouched as the page sees them, and
// what comes is read like an address that anybody may have written.

import type { Page } from '@playwright/test';
import { startSite } from '../../../www/serve.mjs';
import { pageCache } from '../browser';
import { codes, expect, type Line, ready, type Site, test as base } from './line';

const AD = 'utm_source=google&utm_medium=cpc&utm_campaign=knee%20%26%20hip%20%E2%9C%93&gclid=Cj0KCQ-1%2B2';
const MAIL = 'utm_source=crm&utm_medium=email&utm_campaign=mail';
const TOUCH = { source: 'google', medium: 'cpc', campaign: 'knee & hip ✓', click_id: { param: 'gclid', platform: 'google_ads', value: 'Cj0KCQ-1+2' }, channel: 'Paid Search', rule: 'paid_search' };

const HOSTS = ['127.0.0.1', '127.0.0.2'];
const say = (plan: any): void => (plan.attribution = { cross_domain: HOSTS });

/** The same clinic under a second host, and a stranger under a third. */
const test = base.extend<{ other: Site; stranger: Site }>({
  other: async ({ pkg, site, line }, use) => {
    site.plan = line.plan(say);
    const other = (await startSite({ host: '127.0.0.2', packageDir: pkg, plan: line.plan(say) })) as Site;
    await use(other);
    await other.close();
  },
  stranger: async ({ pkg, demoPlan }, use) => {
    const stranger = (await startSite({ host: '127.0.0.3', packageDir: pkg, plan: demoPlan })) as Site;
    await use(stranger);
    await stranger.close();
  },
});

// Only the whole browser opens tabs by a modifier or the middle button.
test.use(pageCache);

const touches = (page: Page): Promise<any> => page.evaluate(() => JSON.parse(localStorage.getItem('touchmark.attribution') ?? '{}'));
const arrive = async (page: Page, site: Site, query = AD): Promise<void> => {
  await page.goto(`${site.origin}/callback/?${query}`);
  await ready(page);
};
/** Puts something into the page. */
const add = (page: Page, html: string): Promise<void> => page.evaluate((text) => document.body.insertAdjacentHTML('afterbegin', text), html);
/** The queries by which a path of a site was asked for, as they came. */
const queries = (site: Site, path: string): string[] => site.requests.filter((one) => one.path === path).map((one) => (one as any).query);
const call = (page: Page): Promise<void> =>
  page.evaluate(() => {
    addEventListener('click', (event) => event.preventDefault());
    const link = Object.assign(document.createElement('a'), { href: 'tel:1' });
    document.body.append(link);
    link.click();
  });
const VALUE = '_touchmark=1\\.[0-9a-z]+\\.[0-9a-z]+\\.[\\w-]+';

test('a link carries the touch: the events of both hosts tell of the same campaign', async ({ page, site, other, line }) => {
  await arrive(page, site);
  await add(page, `<p onclick="window.seen = this.firstChild.href"><a id="go" href="${other.origin}/callback/?a=1%20b&amp;c=%zz&amp;d+e#part?x&y">go</a></p>`);
  await page.click('#go');
  await page.waitForURL(`${other.origin}/callback/**`);
  await ready(page);
  expect(queries(other, '/callback/')).toEqual([expect.stringMatching(new RegExp(`^a=1%20b&c=%zz&d\\+e&${VALUE}$`))]);
  expect(page.url()).toMatch(/#part\?x&y$/);
  await expect.poll(async () => (await touches(page)).last?.campaign).toBe(TOUCH.campaign);
  await call(page);
  const rows = await line.stores(page, ['landing callback', 'call_click callback']);
  const [landing, called] = ['landing', 'call_click'].map((type) => rows.find((row) => row.type === `org.touchmark.${type}`)!.event.data.attribution);
  expect(landing.last).toEqual({ ...TOUCH, at: expect.any(String), page: 'callback' });
  // At its own moment; which page it was is the other host's business.
  const same = { ...landing.last, page: 'undeclared' };
  expect(called).toEqual({ first: same, last: same, last_paid: same });
  expect(line.gateway.sent.map(({ bytes }) => bytes).join()).not.toContain('_touchmark');
});

test('the page finds its links as it made them, before and after, in whatever way they are followed', async ({ page, context, site, other }) => {
  await arrive(page, site);
  const address = `${other.origin}/callback/`;
  await add(page, `<a id="go" target="_blank" href="${address}"><b>go</b></a><map name="m"><area id="area" target="_blank" href="${address}?m#h" coords="0,0,50,50" shape="rect"></map><img id="map" usemap="#m" alt="" src="/favicon.svg" style="display: block; width: 50px; height: 50px"><div id="host"></div>`);
  await page.evaluate((to) => {
    const seen = ((window as any).seen = [] as string[]);
    document.addEventListener('click', ({ target }) => seen.push((target as Element).closest('a,area')?.getAttribute('href') ?? ''));
    const root = document.querySelector('#host')!.attachShadow({ mode: 'open' });
    root.innerHTML = `<a id="deep" target="_blank" href="${to}?">deep</a>`;
  }, address);
  const ways: Record<string, () => Promise<void>> = {
    click: () => page.click('#go b'),
    'into a tab': () => page.click('#go', { modifiers: ['ControlOrMeta'] }),
    middle: () => page.click('#go', { button: 'middle' }),
    keyboard: () => page.focus('#go').then(() => page.keyboard.press('Enter')),
    area: async () => {
      const { x, y } = (await page.locator('#map').boundingBox())!;
      await page.mouse.click(x + 9, y + 9);
    },
    'shadow root': () => page.click('#deep'),
  };
  for (const [way, follow] of Object.entries(ways)) {
    const opened = context.waitForEvent('page', { timeout: 10_000 }).catch(() => Promise.reject(new Error(`${way} opens nothing`)));
    await follow();
    const tab = await opened;
    await tab.waitForURL(`${address}**`);
    expect(tab.url()).toMatch(new RegExp(`[?&]${VALUE}(#h)?$`));
    await tab.close();
  }
  expect(queries(other, '/callback/').map((query) => query.replace(/=.*/, ''))).toEqual(['_touchmark', '_touchmark', '_touchmark', '_touchmark', 'm&_touchmark', '_touchmark']);
  const hrefs = await page.evaluate(() => [...document.querySelectorAll('#go,#area'), document.querySelector('#host')!.shadowRoot!.querySelector('a')!].map((link) => link.getAttribute('href')));
  expect(hrefs).toEqual([address, `${address}?m#h`, `${address}?`]);
  expect(await page.evaluate(() => (window as any).seen)).toEqual([address, address, address, `${address}?m#h`, '']);
});

test('what carries nothing: strangers, downloads, other schemes, links that the page takes over', async ({ page, context, site, other, stranger }) => {
  await arrive(page, site);
  const to = `${other.origin}/callback/`;
  await add(
    page,
    `<a id="stranger" target="_blank" href="${stranger.origin}/callback/?to=${encodeURIComponent(to)}">s</a>
     <a id="own" target="_blank" href="${site.origin}/privacy/">o</a>
     <a id="named" target="_blank" href="${stranger.origin}/callback/?127.0.0.2">n</a>
     <a id="download" download href="${to}?download">d</a>
     <a id="mail" href="mailto:a@127.0.0.2">m</a><a id="script" href="javascript:void(window.ran = true)">j</a>
     <a id="taken" href="${to}?taken" onclick="event.preventDefault(); window.taken = this.href">t</a>`,
  );
  await page.evaluate(() => {
    const set = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (...of) {
      ((window as any).changes ??= []).push(of);
      return set.apply(this, of);
    };
  });
  for (const id of ['stranger', 'own', 'named']) {
    const opened = context.waitForEvent('page');
    await page.click(`#${id}`);
    const tab = await opened;
    await tab.waitForLoadState('commit' as never);
    await expect.poll(() => tab.url()).not.toBe('about:blank');
    expect(tab.url()).not.toContain('_touchmark');
    await tab.close();
  }
  await page.click('#script');
  await page.click('#taken');
  expect(await page.evaluate(() => [(window as any).ran, (window as any).taken, (window as any).changes])).toEqual([true, `${to}?taken`, undefined]);
  // From another origin browsers may show what they are to save.
  await page.click('#download');
  await expect.poll(() => queries(other, '/callback/')).toEqual(['download']);
  expect([...site.requests, ...stranger.requests, ...other.requests].filter(({ headers }) => JSON.stringify(headers).includes('_touchmark'))).toEqual([]);
});

test('consent: nothing is carried before the grant, nor after a withdrawal', async ({ page, context, site, other, line }) => {
  for (const one of [site, other]) one.plan = line.plan((plan) => (say(plan), (plan.consent = { source: 'api' })));
  await arrive(page, site);
  await add(page, `<a id="go" target="_blank" href="${other.origin}/callback/">go</a>`);
  const follow = async (): Promise<string> => {
    const opened = context.waitForEvent('page');
    await page.click('#go');
    const tab = await opened;
    await tab.waitForURL(`${other.origin}/**`);
    const url = tab.url();
    await tab.close();
    return url;
  };
  expect(await follow()).not.toContain('?');
  await page.evaluate(() => window.touchmark('consent', { store: 'granted', send: 'granted' }));
  await ready(page);
  expect(await follow()).not.toContain('?');
  await page.evaluate(() => window.touchmark('consent', { attribute: 'granted' }));
  await expect.poll(follow).toMatch(new RegExp(`\\?${VALUE}$`));
  await page.evaluate(() => window.touchmark('consent', { attribute: 'withdrawn' }));
  expect(await follow()).not.toContain('?');
});

test('forms: by GET as a field of the query, by POST in the address; the page sees its form as it made it', async ({ page, context, site, other }) => {
  await arrive(page, site);
  const to = `${other.origin}/thank-you/`;
  // The clinic takes no POST there, and browsers show a page of their own for an empty answer.
  other.behave('/thank-you/', { status: 200, headers: { 'content-type': 'text/plain' }, body: () => Buffer.from('taken') });
  await add(
    page,
    `<form id="get" target="_blank" action="${to}?gone=1#h"><input name="action" value="clobbers"><input name="q" value="knee &amp; hip"><button>get</button></form>
     <form id="post" target="_blank" method="post" action="${to}?kept=1%20x#h"><input name="q" value="knee"><button>post</button><button id="by" formaction="${to}?by=1" formmethod="get">by</button></form>
     <form id="none" target="_blank" method="post"><button formaction="${to}?button=1">button</button></form>
     <form id="taken" method="post" action="${to}?taken=1" onsubmit="event.preventDefault(); window.read = [...new FormData(this)].length"><input name="q"><button>taken</button></form>`,
  );
  await page.evaluate(() => {
    const seen = ((window as any).seen = [] as unknown[]);
    const attribute = Element.prototype.getAttribute;
    for (const type of ['submit', 'formdata']) addEventListener(type, ({ target, formData }: any) => seen.push([type, attribute.call(target, 'action'), formData && [...formData.keys()].join()]), true);
  });
  const send = async (button: string): Promise<string> => {
    const opened = context.waitForEvent('page');
    await page.click(button);
    const tab = await opened;
    await expect.poll(() => tab.url()).toContain(other.origin);
    const url = tab.url();
    await tab.close();
    return url;
  };
  expect(await send('#get button')).toMatch(new RegExp(`/thank-you/\\?action=clobbers&q=knee\\+%26\\+hip&${VALUE}#h$`));
  expect(await send('#post button')).toMatch(new RegExp(`/thank-you/\\?kept=1%20x&${VALUE}#h$`));
  expect(await send('#by')).toMatch(new RegExp(`/thank-you/\\?q=knee&${VALUE}$`));
  expect(await send('#none button')).toMatch(new RegExp(`/thank-you/\\?button=1&${VALUE}$`));
  await page.click('#taken button');
  const posted = other.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.toString());
  expect(posted).toEqual(['q=knee', '']);
  expect(await page.evaluate(() => (window as any).read), 'what the page reads itself is its own').toBe(1);
  expect(await page.evaluate(() => (window as any).seen)).toEqual([
    ['submit', `${to}?gone=1#h`, undefined],
    ['formdata', `${to}?gone=1#h`, 'action,q'],
    ['submit', `${to}?kept=1%20x#h`, undefined],
    ['formdata', `${to}?kept=1%20x#h`, 'q'],
    ['submit', `${to}?kept=1%20x#h`, undefined],
    ['formdata', `${to}?kept=1%20x#h`, 'q'],
    ['submit', null, undefined],
    ['formdata', null, ''],
    ['submit', `${to}?taken=1`, undefined],
    ['formdata', `${to}?taken=1`, 'q'],
  ]);
  const now = await page.evaluate(() => [...document.querySelectorAll('#get,#post,#none,#by,#none button')].map((one) => Element.prototype.getAttribute.call(one, one.localName === 'form' ? 'action' : 'formaction')));
  expect(now.sort()).toEqual([`${to}?gone=1#h`, `${to}?kept=1%20x#h`, `${to}?by=1`, null, `${to}?button=1`].sort());
});

/** As js/parts/links.ts writes it. */
const made = (query: string, { sent = Date.now(), at = Date.now() - 60_000 } = {}): string =>
  `_touchmark=1.${Math.floor(sent / 1000).toString(36)}.${at.toString(36)}.${Buffer.from(query).toString('base64url')}`;

test('what comes in an address is nobody’s word: too old, ahead, malformed, too long', async ({ page, other, line }) => {
  const good = 'utm_source=google&utm_medium=cpc&utm_campaign=made';
  for (const query of [
    made(good, { sent: Date.now() - 121_000 }),
    made(good, { sent: Date.now() + 60_000 }),
    made(good).replace('=1.', '=2.'),
    `${made(good)}.more`,
    made(`utm_source=${'x'.repeat(2000)}`),
    made('channel=Paid+Search&rule=paid_search&at=2026-01-01'),
    `_touchmark=1.${Math.floor(Date.now() / 1000).toString(36)}.1.____`,
    '_touchmark=',
    '_touchmark',
    made(good, { at: Date.now() - 400 * 86_400_000 }),
  ]) {
    await page.goto(`${other.origin}/callback/?${query}`);
    await ready(page);
    expect(await touches(page), query).toEqual({});
  }
  await line.stores(page, []);
});

test("what a stranger's page leads to carries nothing, and is a referral", async ({ page, other, stranger, line, browserName }) => {
  test.skip(browserName === 'firefox', 'NOT RUN: the driver of Firefox can set no referrer');
  await page.goto(`${other.origin}/callback/?${made('utm_source=google&utm_medium=cpc')}`, { referer: `${stranger.origin}/` });
  await ready(page);
  expect(await touches(page), 'a referral by the stranger').toMatchObject({ last: { source: '127.0.0.3', medium: 'referral' } });
  await line.stores(page, ['landing callback']);
});

test("the address's own campaign wins, and a carried one is judged like it", async ({ page, other, line }) => {
  const poisoned = `utm_source=google&utm_medium=cpc&utm_campaign={campaign}&utm_term=ann@example.org&gclid=${'x'.repeat(501)}&mc_eid=somebody`;
  await page.goto(`${other.origin}/cardiology/?${MAIL}&${made('utm_source=x&utm_campaign=first')}&${made(poisoned)}`, { referer: 'http://127.0.0.1/' });
  await ready(page);
  await call(page);
  const rows = await line.stores(page, ['landing cardiology', 'call_click cardiology']);
  const { attribution } = rows.find(({ type }) => type.endsWith('call_click'))!.event.data;
  expect(attribution.last).toMatchObject({ campaign: 'mail', page: 'cardiology', channel: 'Email' });
  const carried = { at: expect.any(String), page: 'undeclared', source: 'google', medium: 'cpc', term: 'redacted', channel: 'Paid Search', rule: 'paid_search' };
  expect([attribution.first, attribution.last_paid]).toEqual([carried, carried]);
  expect(await codes(page)).toEqual([]);
});

test('back to the first host: its own touch is not doubled, and hosts of the site start none', async ({ page, site, other, line }) => {
  await arrive(page, site);
  await add(page, `<a id="go" href="${other.origin}/callback/">go</a>`);
  await page.click('#go');
  await page.waitForURL(`${other.origin}/callback/**`);
  await ready(page);
  await expect.poll(async () => (await touches(page)).last?.source).toBe('google');
  await add(page, `<a id="back" href="${site.origin}/privacy/">back</a>`);
  await page.click('#back');
  await page.waitForURL(`${site.origin}/privacy/**`);
  await ready(page);
  const { first, last } = await touches(page);
  expect([first.page, last.page]).toEqual(['callback', 'callback']);
  await line.stores(page, ['landing callback']);
});
