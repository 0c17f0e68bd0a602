// What comes after a first trace: pages that ask again, refuse with 200, are clicked twice, ask another
// site's server, or have another form that is tried next.

import { ACCEPTED, BY_STATUS, DONE, FAILED, form, type FormPage, INPUTS, onSubmit, POST, RESULT, SENT, UNCONFIRMED, WRONG } from '../page';
import type { Visitor } from '../visitor';

const cancelled = (code: string): string => onSubmit(`event.preventDefault(); ${code}`);
const rest = (millis: number): string => `await new Promise((done) => setTimeout(done, ${millis}));`;
const requested = (_: unknown, one: Record<string, unknown>): void => void (one.request = '/api');
/** Nothing but the request says that it was taken. */
const byRequest = (_: unknown, one: Record<string, unknown>): void => void Object.assign(one, { request: '/api', success: [{ request: true }] });
const bare = (_: unknown, one: Record<string, unknown>): void => void Object.assign(one, { success: [], failure: [] });
/** The CRM's server is another site's. */
const CRM = "fetch(location.origin.replace('127.0.0.1', 'localhost') + '/crm', { method: 'POST', body: new URLSearchParams({ name: form.elements.name.value, phone: form.elements.phone.value }) })";
const crm = { 'POST /crm': { headers: { 'access-control-allow-origin': '*' }, body: '{}' } };
const send = async (v: Visitor): Promise<void> => (await v.fill(), await v.click('button'));
const sendAndSee = async (v: Visitor, what: string): Promise<void> => (await send(v), await v.until(`document.querySelector('${what}')`));
/** The first request fails, the one that says so is taken. */
const fresh = (status: number) => ({ 'POST /api': ({ body }: { body: string }) => (body.includes('again') ? { body: '{}' } : { status, body: '' }) });
const AGAIN = "fetch('/api', { method: 'POST', body: 'again=1' })";

export const LATER: FormPage[] = [
  {
    name: 'later-asked-again',
    why: 'the token was too old: the page fetches another and asks again, and that is the answer',
    plan: requested,
    server: fresh(401),
    body: form() + cancelled(`const first = await ${POST}; if (!first.ok) { ${rest(500)} await ${AGAIN}; } ${DONE}`),
    visit: (v) => sendAndSee(v, '.done'),
    posts: 2,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed', 'form_result'],
    isModel: true,
  },
  {
    name: 'later-another-query-fails',
    why: 'one path for all requests: that of another tool fails, that of the form is taken',
    plan: requested,
    server: { 'POST /api': ({ body }) => (body === 'views' ? { status: 400, body: '0' } : { body: '{}' }) },
    body: form() + cancelled(`fetch('/api', { method: 'POST', body: 'views' }); ${rest(400)} await ${POST}; ${DONE}`),
    visit: (v) => sendAndSee(v, '.done'),
    posts: 2,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed', 'form_result'],
  },
  {
    name: 'later-failed-for-good',
    why: 'the answer is an error, and nothing more comes',
    plan: requested,
    server: { 'POST /api': { status: 500, body: '' } },
    body: form() + cancelled(`await ${POST}; document.body.dataset.over = ''`),
    visit: (v) => sendAndSee(v, '[data-over]'),
    expect: [FAILED],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
    limits: BY_STATUS,
  },
  {
    name: 'later-refused-by-words',
    why: 'the answer is 200 and says no; the page shows it a moment after',
    plan: byRequest,
    body: form() + cancelled(`await ${POST}; ${rest(200)} ${WRONG}`),
    visit: (v) => sendAndSee(v, '.refused'),
    expect: [FAILED],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
  },
  {
    name: 'later-clicked-again',
    why: 'an impatient visitor clicks again, the page’s guard passes that over: the first request is the one',
    plan: byRequest,
    body: form() + cancelled(`window.clicks = (window.clicks ?? 0) + 1; if (window.clicks > 1) return; window.at = performance.now(); ${rest(1500)} await ${POST}; document.body.dataset.over = ''`),
    visit: async (v) => (await send(v), await v.until('performance.now() - window.at > 900'), await v.click('button'), await v.until("document.querySelector('[data-over]')")),
    posts: 1,
    expect: [ACCEPTED],
    refute: ['form_submit lead unconfirmed', 'form_submit lead failed'],
    limits: BY_STATUS,
  },
  {
    name: 'later-crm-hides-the-form',
    why: 'another site’s server takes it, and the form makes place for words that nobody declared',
    plan: bare,
    server: crm,
    body: form() + '<p id="thanks" hidden>We will call you</p>' + cancelled(`await ${CRM}; form.style.display = 'none'; document.querySelector('#thanks').hidden = false`),
    visit: (v) => sendAndSee(v, '#thanks:not([hidden])'),
    expect: [UNCONFIRMED],
    refute: ['form_submit lead failed', 'form_result'],
    isModel: true,
  },
  {
    name: 'later-crm-then-thanks',
    why: 'another site’s server takes longer than touchmark waits for a trace; the page goes on to the declared thanks',
    server: crm,
    body: form() + cancelled(`${rest(200)} const answer = ${CRM}; ${rest(3600)} await answer; location.href = '/thanks'`),
    visit: async (v) => (await send(v), await v.isAt('/thanks')),
    expect: [RESULT, UNCONFIRMED],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'later-another-form',
    why: 'the first form is stopped by the page’s own check; the visitor takes the other one, whose thanks is for both',
    plan: (plan, one) => {
      one.request = '/api';
      (plan.forms as unknown[]).push({ ...one, id: 'second', selector: '#second' });
    },
    body:
      form() +
      `<form id="second">${INPUTS}<button>Send this</button></form>` +
      cancelled("document.body.dataset.stopped = performance.now()") +
      `<script>document.querySelector('#second').addEventListener('submit', async (event) => { event.preventDefault(); const form = event.target; await ${POST}; ${DONE} })</script>`,
    visit: async (v) => {
      await v.fill('#lead [name=name]', 'Ann Person');
      await v.click('#lead button');
      await v.until('performance.now() - document.body.dataset.stopped > 900');
      await v.fill('#second [name=name]', 'Ann Person');
      await v.fill('#second [name=phone]', '+1 312 555 0188');
      await v.click('#second button');
      await v.until("document.querySelector('.done')");
    },
    expect: ['form_submit second accepted valid'],
    refute: ['form_submit lead'],
  },
  {
    name: 'later-own-check-in-the-same-words',
    why: 'the page’s own check shows what the plan declares as a refusal, and asks nobody: no server can answer while handlers run',
    body: form() + cancelled(`document.querySelector('.refused')?.remove(); if (form.elements.phone.value.length < 9) { ${WRONG} return; } await ${POST}; ${DONE}`),
    visit: async (v) => {
      await v.fill('[name=name]', 'Ann Person');
      await v.fill('[name=phone]', '12');
      await v.click('button');
      await v.until("document.querySelector('.refused')");
      await v.fill('[name=phone]', '+1 312 555 0188');
      await v.click('button');
      await v.until("document.querySelector('.done')");
    },
    posts: 1,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed', 'form_submit lead unconfirmed'],
    isModel: true,
  },
  {
    name: 'later-refused-by-marks',
    why: 'nothing is declared; the answer is 200, and the page marks what its server would not take',
    plan: bare,
    server: { 'POST /send': { body: '{"errors":["phone"]}' } },
    body: form() + cancelled(`await ${POST.replace('/api', '/send')}; ${rest(150)} form.elements.phone.setAttribute('aria-invalid', 'true')`),
    visit: (v) => sendAndSee(v, '[aria-invalid]'),
    posts: 1,
    expect: [FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
    isModel: true,
  },
  {
    name: 'later-confirmed-after-the-answer',
    why: 'nothing is declared, the request was answered; the page says only later that its server took it',
    plan: bare,
    server: { 'POST /send': { body: '{}' } },
    body: form() + cancelled(`await ${POST.replace('/api', '/send')}; ${rest(1500)} window.touchmark?.('confirm', form); document.body.dataset.over = ''`),
    visit: (v) => sendAndSee(v, '[data-over]'),
    expect: [RESULT, SENT],
    refute: ['form_submit lead accepted', 'form_submit lead unconfirmed'],
  },
  {
    name: 'later-slow-page-then-thanks',
    why: 'the request was answered, and the page plays something for longer than an event waits before it goes on to its thanks',
    plan: requested,
    body: form() + cancelled(`await ${POST}; ${rest(5600)} location.href = '/thanks'`),
    visit: async (v) => (await send(v), await v.isAt('/thanks')),
    expect: [RESULT, SENT],
    refute: ['form_submit lead failed', 'form_submit lead unconfirmed'],
  },
  {
    name: 'later-pictures-then-thanks',
    why: 'the visitor picks traffic lights for longer than touchmark waits for a trace; then the page asks a path that nobody declared, and leaves',
    body: form() + cancelled(`${rest(3800)} await ${POST.replace('/api', '/other')}; location.href = '/thanks'`),
    server: { 'POST /other': { body: '{}' } },
    visit: async (v) => (await send(v), await v.isAt('/thanks')),
    posts: 1,
    expect: [RESULT, UNCONFIRMED],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'later-many-pictures',
    why: 'they take longer than anything else is waited for; then the declared path is asked',
    plan: requested,
    body: form() + cancelled(`document.body.dataset.at = performance.now(); ${rest(11000)} await ${POST}; ${DONE}`),
    visit: async (v) => (await send(v), await v.until('performance.now() - document.body.dataset.at > 9000'), await v.until("document.querySelector('.done')")),
    posts: 1,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed', 'form_submit lead unconfirmed'],
  },
  {
    name: 'later-own-address-asked',
    why: 'a form without an action has the page’s own address, which a router asks for as well: long after its own check stopped it, that is no trace',
    body: form().replace('action="/send"', '') + cancelled(`document.body.dataset.at = performance.now(); ${rest(10_500)} await fetch('/page?_rsc=1'); ${rest(1500)} document.body.dataset.over = ''`),
    visit: async (v) => (await send(v), await v.until('performance.now() - document.body.dataset.at > 9000'), await v.until("document.querySelector('[data-over]')")),
    expect: [],
    refute: ['form_submit'],
  },
  {
    name: 'later-left-without-asking',
    why: 'the page’s own check stopped it without a word; the visitor later follows a link, whose click the page counts before it leaves',
    body: form() + `<a href="/other">More</a><script>document.querySelector('a').onclick = async (event) => { event.preventDefault(); await fetch('/out', { method: 'POST' }); location.href = '/other' }</script>` + cancelled('document.body.dataset.at = performance.now()'),
    server: { 'GET /other': { html: '<p class="other">Other</p>' }, 'POST /out': { body: '{}' } },
    visit: async (v) => (await send(v), await v.until('performance.now() - document.body.dataset.at > 4000'), await v.click('a'), await v.isAt('/other')),
    expect: [],
    refute: ['form_submit'],
  },
];
