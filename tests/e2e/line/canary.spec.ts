// Words that nobody declared, planted wherever a page keeps something, and a search for them in every
// byte that leaves: as they are, URL-encoded, in base64 and hex, and hashed.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, ready, rewrite, ROOT, test } from './line';
import { only } from './visitor';

/** A word for each place; the umlaut shows what encodings make of it. */
const CANARIES = {
  path: 'zq01-pfad',
  queryName: 'zq02name',
  queryValue: 'zq03 wért',
  hash: 'zq04hash',
  title: 'zq05 títle',
  referrerPath: 'zq06refpath',
  referrerQuery: 'zq07refquery',
  cookie: 'zq08cookie',
  localStorage: 'zq09 lócal',
  sessionStorage: 'zq10session',
  windowName: 'zq11window',
  historyState: 'zq12history',
  text: 'zq13 téxt',
  never: 'zq14 Ingríd',
  textarea: 'zq15 my chést hurts',
  undeclaredOption: 'zq16option',
  optionText: 'zq17 option téxt',
  checkbox: 'zq18checkbox',
  radio: 'zq19radio',
  hidden: 'zq20hidden',
  fileName: 'zq21file.pdf',
  fileContent: 'zq22 file contént',
  password: 'zq23 pässword',
  shownPassword: 'zq24 shown pässword',
  csrf: 'zq25csrftoken',
  honeypot: 'zq26honeypot',
  submitter: 'zq27submitter',
  search: 'zq28 séarch',
  dataAttribute: 'zq29attribute',
  editable: 'zq30 éditable',
  card: '4111 1111 1111 1111',
  ssn: '123-45-6789',
};
/** What the contract lets out hashed: found, and in no other way. */
const HASHED = { email: 'zq31.Mail@example.org', phone: '+1 312 555 0131' };
/** What campaign parameters let out: found, so that the search is known to find. */
const DECLARED = 'zq32-kampagne';

const CONTROLS = `
  <input name="nickname" value="">
  <select name="color"><option value="none"></option><option value="${CANARIES.undeclaredOption}">${CANARIES.optionText}</option></select>
  <input type="checkbox" name="news" value="${CANARIES.checkbox}">
  <input type="radio" name="pick" value="${CANARIES.radio}">
  <input type="hidden" name="visit" value="${CANARIES.hidden}">
  <input type="hidden" name="csrf_token" data-touchmark-field="preferred_time" value="${CANARIES.csrf}">
  <input type="text" name="honeypot" data-touchmark-field="consent_to_contact" value="${CANARIES.honeypot}">
  <input type="file" name="scan"><input type="password" name="pin"><input type="password" name="secret" autocomplete="off" id="user-password">
  <input type="text" name="card" data-touchmark-field="service_line"><input type="text" name="number">
  <div contenteditable data-note="${CANARIES.dataAttribute}">${CANARIES.editable}</div>`;

test('nothing that was not declared is in any byte that leaves', async ({ page, context, site, line }, { project }) => {
  const seen: string[] = [];
  context.on('request', (request) => seen.push(request.url()));
  const form = readFileSync(join(ROOT, 'www/appointment/index.html'), 'utf8')
    .replace(/<title>[^<]*/, `<title>${CANARIES.title}`)
    .replace('<button class="button" type="submit"', `${CONTROLS}<button class="button" type="submit" name="go" value="${CANARIES.submitter}"`)
    // Before touchmark's own statement.
    .replace('<head>', `<head><script>
      localStorage.setItem('app', ${JSON.stringify(CANARIES.localStorage)});
      sessionStorage.setItem('app', ${JSON.stringify(CANARIES.sessionStorage)});
      window.name = ${JSON.stringify(CANARIES.windowName)};
      history.replaceState({ state: ${JSON.stringify(CANARIES.historyState)} }, '');
    </script>`)
    .replace('</main>', `<form role="search"><input type="search" name="q" value="${CANARIES.search}"></form></main>`);
  site.behave(`/${CANARIES.path}/`, { body: () => Buffer.from(form) });
  rewrite(site, (html) => html);
  await context.addCookies([{ name: 'session', value: CANARIES.cookie, url: site.origin }]);

  const query = new URLSearchParams({
    utm_source: 'newsletter',
    utm_campaign: DECLARED,
    utm_term: HASHED.email,
    utm_content: HASHED.phone,
    [CANARIES.queryName]: CANARIES.queryValue,
  });
  // A partner's page that gives its whole address away.
  const landing = `${site.origin}/${CANARIES.path}/?${query}#${CANARIES.hash}`;
  await page.route('http://partner.example/**', (route) => route.fulfill({ contentType: 'text/html', body: `<a href="${landing.replaceAll('&', '&amp;')}" referrerpolicy="unsafe-url">Clinic</a>` }));
  await page.goto(`http://partner.example/${CANARIES.referrerPath}/?q=${CANARIES.referrerQuery}`);
  await page.locator('a').click();
  await page.waitForURL(landing);
  expect(await page.evaluate(() => document.referrer), 'the referrer is planted').toContain(CANARIES.referrerQuery);
  expect(await page.evaluate(() => localStorage.getItem('app')), 'the page has run what plants the rest').toBe(CANARIES.localStorage);
  await ready(page);
  await page.locator('[name="full-name"]').fill(CANARIES.never);
  await page.locator('[name="e-mail"]').fill(HASHED.email);
  await page.locator('[name="tel"]').fill(HASHED.phone);
  await page.locator('[name="service"]').selectOption('cardiology');
  await page.locator('[name="when"][value="morning"]').check();
  await page.locator('[name="message"]').fill(CANARIES.textarea);
  await page.locator('[name="nickname"]').fill(CANARIES.text);
  await page.locator('[name="color"]').selectOption({ index: 1 });
  await page.locator('[name="news"]').check();
  await page.locator('[name="pick"]').check();
  await page.locator('[name="scan"]').setInputFiles({ name: CANARIES.fileName, mimeType: 'application/pdf', buffer: Buffer.from(CANARIES.fileContent) });
  await page.locator('[name="pin"]').fill(CANARIES.password);
  await page.locator('[name="secret"]').fill(CANARIES.shownPassword);
  await page.locator('[name="secret"]').evaluate((input: HTMLInputElement) => (input.type = 'text'));
  await page.locator('[name="card"]').fill(CANARIES.card);
  await page.locator('[name="number"]').fill(CANARIES.ssn);
  await page.locator('form#appointment [type=submit]').click();
  await page.waitForURL('**/thank-you/');
  const rows = await line.stores(page, ['landing undeclared', 'form_submit appointment sent valid', 'form_result appointment accepted']);

  // The clinic got all of it: the canaries were really there.
  const posted = new URLSearchParams(line.posts('/appointment/')[0]);
  for (const [name, value] of [['nickname', CANARIES.text], ['pin', CANARIES.password], ['secret', CANARIES.shownPassword], ['visit', CANARIES.hidden], ['go', CANARIES.submitter]]) {
    expect(posted.get(name!)).toBe(value);
  }

  const own = site.requests.filter(({ path }) => /^\/touchmark\/.*(json|wasm)$/.test(path));
  expect(own.length).toBeGreaterThan(1);
  const leaving = [
    ...line.gateway.sent.map(({ bytes }) => bytes),
    ...own.map(({ method, url, headers, body }) => [method, url, JSON.stringify(headers), body.toString()].join('\n')),
  ].join('\n');
  expect(leaving).toContain(DECLARED);
  for (const value of [HASHED.email.toLowerCase(), '+13125550131']) expect(leaving).toContain(createHash('sha256').update(value).digest('hex'));
  const found = Object.entries({ ...CANARIES, ...HASHED }).flatMap(([place, word]) =>
    traces(word).filter(([how, trace]) => !(place in HASHED && how === 'sha256') && includes(leaving, trace)).map(([how]) => `${place} ${how}`),
  );
  expect(found, 'canaries in what left').toEqual([]);
  console.log(`canaries: ${Object.keys(CANARIES).length} planted, none in ${leaving.length} characters that left (${project.name})`);

  const origins = new Set(seen.filter((url) => /^http/.test(url)).map((url) => new URL(url).origin));
  expect([...origins].sort()).toEqual([site.origin, new URL(line.gateway.endpoint).origin, 'http://partner.example'].sort());
  const { event } = only(rows, 'form_submit');
  expect(event.data.diagnostics).toEqual(['redacted_email', 'redacted_phone']);
  expect(event.data.attribution.last).toMatchObject({ page: 'undeclared', campaign: DECLARED, term: 'redacted', content: 'redacted', referrer: 'partner.example' });
  expect(Object.keys(event.data.form.fields).sort()).toEqual(['email', 'phone', 'preferred_time', 'service_line']);
});

/** A search that finds nothing proves nothing: each way of writing a word is found where it stands. */
test('the search finds a word however it was written', () => {
  const word = CANARIES.queryValue;
  for (const [how, trace] of traces(word)) expect(includes(`x${trace}y`, trace), how).toBe(true);
  for (const shift of ['', 'a', 'ab']) {
    const text = Buffer.from(`${shift}${word} and more`).toString('base64');
    expect(traces(word).some(([how, trace]) => how === 'base64' && text.includes(trace))).toBe(true);
  }
});

const includes = (text: string, trace: string): boolean => text.includes(trace) || text.toLowerCase().includes(trace.toLowerCase());

/** The ways in which a word may be written, each with its name. */
function traces(word: string): [how: string, trace: string][] {
  const forms = [...new Set([word, word.trim().toLowerCase(), word.replace(/[^\d+]/g, ''), word.replace(/\D/g, '')])].filter((form) => form.length > 5);
  return forms.flatMap((form): [string, string][] => {
    const bytes = Buffer.from(form);
    const encoded = encodeURIComponent(form);
    const hashes = ['sha256', 'sha1', 'md5', 'sha512'].flatMap((name): [string, string][] => {
      const hash = () => createHash(name).update(form);
      return [
        [name, hash().digest('hex')],
        [`${name} base64`, hash().digest('base64').replace(/=+$/, '')],
      ];
    });
    // Three ways to stand in base64, without the letters that neighbours change.
    const base64 = [0, 1, 2].map((shift): [string, string] => {
      const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
      return ['base64', text.slice(shift && shift + 1, -2)];
    });
    return [
      ['plain', form],
      ['escaped', JSON.stringify(form).slice(1, -1).replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)],
      ['URL-encoded', encoded],
      ['form-encoded', encoded.replace(/%20/g, '+')],
      ['URL-encoded twice', encodeURIComponent(encoded)],
      ['hex', bytes.toString('hex')],
      ...base64,
      ...base64.map(([, text]): [string, string] => ['base64url', text.replace(/\+/g, '-').replace(/\//g, '_')]),
      ...hashes,
    ];
  });
}
