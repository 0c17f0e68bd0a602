// Hostile input in the page: it stays text, makes no node, and is nobody's business.

import { codes, expect, LANDING_QUERY, ready, rewrite, test } from './line';
import { PAYLOADS } from './payloads';
import { fillAppointment, fillCallback, hidden, only, send, submitAppointment } from './visitor';

test('500 payloads in campaign links: the value intact as text, no node, no violation, nothing run', async ({ page, site, line }) => {
  test.setTimeout(180_000);
  expect(new Set(PAYLOADS).size).toBe(500);
  // The landings themselves are not what is asked here; each would be an event.
  site.plan = line.plan((plan) => (plan.events = []));
  const { origin } = new URL(line.gateway.endpoint);
  site.behave('/*', { headers: { 'content-security-policy': `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${origin}; require-trusted-types-for 'script'; trusted-types 'none'` } });
  await page.addInitScript(() => {
    const seen: string[] = ((window as any).seen = []);
    addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) => seen.push(`violation ${effectiveDirective} ${sample}`));
    for (const name of ['alert', 'open', 'postMessage']) (window as any)[name] = () => seen.push(`called ${name}`);
    addEventListener('DOMContentLoaded', () =>
      addEventListener('load', () =>
        new MutationObserver((changes) => {
          for (const { addedNodes, attributeName, target } of changes) {
            for (const node of addedNodes) if (node.nodeName !== '#text' || target.nodeName !== 'X-TICK') seen.push(`node ${node.nodeName}`);
            // The fields' own: set once, so that the browser brings back no old value.
            if (attributeName && !['value', 'autocomplete'].includes(attributeName)) seen.push(`attribute ${attributeName}`);
          }
        }).observe(document, { subtree: true, childList: true, attributes: true }),
      ),
    );
  });
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  const odd = await page.evaluate(async (payloads) => {
    const field = document.querySelector<HTMLInputElement>('[name=utm_campaign]')!;
    const wrong: string[] = [];
    for (const payload of payloads) {
      history.pushState(null, '', `/appointment/?${new URLSearchParams({ utm_source: 'x', utm_campaign: payload })}`);
      const end = Date.now() + 5000;
      while (field.value !== payload && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      if (field.value !== payload) wrong.push(`${payload} → ${field.value}`);
    }
    return wrong;
  }, PAYLOADS);
  expect(odd).toEqual([]);
  expect(await page.evaluate(() => (window as any).seen)).toEqual([]);
  expect(await codes(page)).toEqual([]);
  const last = PAYLOADS.at(-1)!;
  await fillAppointment(page);
  await submitAppointment(page);
  const rows = await line.stores(page, ['form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'form_submit').event.data.attribution.last.campaign).toBe(last);
  expect(new URLSearchParams(line.posts('/appointment/')[0]).get('utm_campaign')).toBe(last);
});

test('a polluted Object.prototype changes no request, grants nothing and adds no word', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
  await page.addInitScript(() =>
    Object.assign(Object.prototype, {
      credentials: 'include', referrerPolicy: 'unsafe-url', referrer: '/secret', redirect: 'follow', mode: 'no-cors', method: 'PUT', body: 'polluted', integrity: 'sha384-x', cache: 'force-cache', keepalive: false,
      all: 'granted', store: 'granted', attribute: 'granted', identify: 'granted', send: 'granted', source: 'not_required', polluted: 'yes', native: true, q: [['consent', 'granted']], v: undefined, l: undefined,
      load: '/polluted/consent.js', inspector: '/polluted/inspector.js', adapter: 'polluted', files: '/polluted/', wasm: '/polluted/x.wasm', frames: [location.origin], request: '/polluted',
    }),
  );
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}&touchmark=inspect`);
  await ready(page);
  expect(site.requests.filter(({ path }) => path.includes('polluted'))).toEqual([]);
  expect(line.gateway.sent).toEqual([]);
  expect(await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((key) => key.startsWith('touchmark')))).toEqual([]);
  await page.evaluate(() => window.touchmark('consent', 'granted'));
  await expect.poll(async () => (await line.collector.all()).length).toBe(1);
  for (const { method, headers, body } of line.gateway.sent) {
    expect(method).toBe('POST');
    expect(headers.referer).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
    expect(body).not.toContain('polluted');
  }
  for (const { headers, path } of site.requests.filter(({ path }) => /plan\.json|\.wasm/.test(path))) expect([headers.referer, headers.cookie], path).toEqual([undefined, undefined]);
});

const CLOBBERS = ['cookie', 'referrer', 'currentScript', 'readyState', 'baseURI', 'location', 'forms', 'dataLayer', 'CONFIG', '__tcfapi', 'Cookiebot'].map((name) => `<img name="${name}" id="${name}" alt="">`).join('');
const IN_FORM = ['elements', 'action', 'id', 'method', 'submit', 'name', 'attributes', 'querySelectorAll', 'addEventListener', 'getAttribute', 'matches', 'parentNode', 'length', 'target']
  .map((name) => `<input type="hidden" name="${name}" value="x">`)
  .join('');

test('elements named like members of document, window and form are passed by', async ({ page, site, line }) => {
  rewrite(site, (html) => html.replace('<body', `<body><div hidden>${CLOBBERS}</div><x`).replace(/(<form id="callback"[^>]*>)/, `$1${IN_FORM}`));
  await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
  await ready(page);
  await fillCallback(page);
  await page.evaluate(() => document.querySelector<HTMLElement>('#callback [type=submit]')!.click());
  await expect.poll(async () => (await line.collector.all()).length).toBe(2);
  const outcome = await page.evaluate(() => (document.querySelector('.form-success') ? 'accepted' : 'unconfirmed'));
  await line.stores(page, ['landing callback', `form_submit callback ${outcome} valid`]);
});

for (const head of ['', '<script src="/touchmark/stub.js"></script>']) {
  test(`an element named touchmark takes nobody's place, ${head ? 'with the stub' : 'without a stub'}`, async ({ page, site, line }) => {
    const element = '<form id="touchmark" hidden><input name="v"><input name="q"><input name="l"></form>';
    rewrite(site, (html) => html.replace('<script async', `${element}${head}<script async`));
    await page.goto(`${site.origin}/callback/?${LANDING_QUERY}`);
    await expect.poll(() => page.evaluate(() => typeof window.touchmark)).toBe('function');
    await ready(page);
    await fillCallback(page);
    await send(page);
    await page.locator('.form-success').waitFor();
    await line.stores(page, ['landing callback', 'form_submit callback accepted valid']);
  });
}

test('elements that take the place of what touchmark asks cost the page nothing', async ({ page, site, line }) => {
  const names = ['querySelector', 'querySelectorAll', 'getElementById', 'createElement', 'documentElement'];
  const traps = names.map((name) => `<img name="${name}" alt="">`).join('');
  // A page without scripts of its own, which would fail by themselves.
  site.behave('/privacy/', { body: () => `<!doctype html><title>Traps</title>${traps}<form method="post" action="/appointment/"><input name="e-mail"><button>Send</button></form><script async src="/touchmark/touchmark.js" data-plan="/touchmark/plan.json"></script>` });
  await page.goto(`${site.origin}/privacy/`);
  await page.waitForLoadState('networkidle');
  await page.locator('button').click();
  await page.waitForURL('**/thank-you/');
  // No error reached the page: `pageFaults` holds that for every test.
  expect(line.gateway.sent.filter(({ method }) => method !== 'POST')).toEqual([]);
});

const ODD = {
  control: 'a\u0001\u0008\u000b\u001f\u007fz',
  null: 'a\u0000z',
  bidi: 'a\u202e\u2066\u2069\u200fz',
  zeroWidth: 'a\u200b\u200d\ufeff\u2060z',
  astral: 'a\u{1f600}\u{10ffff}z',
  unpaired: 'a\ud800z\udc00',
  lineEnds: 'a\u2028\u2029\u0085z',
};

test('control, bidi and zero-width characters and lone surrogates lose no event and reach the clinic as they were', async ({ page, site, line }) => {
  const campaign = `${ODD.control}${ODD.null}${ODD.bidi}${ODD.zeroWidth}${ODD.astral}${ODD.lineEnds}`;
  await page.goto(`${site.origin}/appointment/?${new URLSearchParams({ utm_source: 'x', utm_medium: 'cpc', utm_campaign: campaign })}`);
  await ready(page);
  await expect.poll(() => hidden(page, 'utm_campaign')).toBe(campaign);
  await fillAppointment(page);
  const all = Object.values(ODD).join('');
  await page.evaluate((text) => {
    for (const name of ['full-name', 'message']) document.querySelector<HTMLInputElement>(`#appointment [name="${name}"]`)!.value = text;
  }, all);
  await submitAppointment(page);
  const rows = await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
  expect(only(rows, 'landing').event.data.attribution.last.campaign).toBe(campaign);
  const received = new URLSearchParams(line.posts('/appointment/')[0]);
  // What the browser itself makes of it: surrogates without a partner are replaced.
  expect(received.get('full-name')).toBe(all.replace(/\p{Cs}/gu, '\ufffd'));
  expect(JSON.stringify(rows)).not.toContain('\\ud800');
});

test('a value with a lone surrogate is judged, and its event is stored', async ({ page, site, line }) => {
  await page.goto(`${site.origin}/appointment/`);
  await ready(page);
  await fillAppointment(page);
  await page.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>('#appointment [name=tel]')!;
    field.type = 'text';
    field.value = '+1 312 555 0177\ud800';
  });
  await send(page);
  await page.waitForURL('**/thank-you/');
  await expect.poll(async () => (await line.collector.all()).length).toBe(2);
  const submitted = (await line.collector.all()).find(({ type }) => type.endsWith('form_submit'))!;
  expect(submitted.event.data.validation.verdict).toBe('invalid');
  expect(submitted.event.data.form.fields).not.toHaveProperty('phone');
});
