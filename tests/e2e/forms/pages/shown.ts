// How pages show what became of a submission: marks and words that fade, repeat, move and stay.

import { ACCEPTED, DONE, FAILED, form, type FormPage, onSubmit, POST, RESULT, SENT, UNCONFIRMED } from '../page';
import type { Visitor } from '../visitor';

const cancelled = (code: string): string => onSubmit(`event.preventDefault(); ${code}`);
const sendAndThank = async (v: Visitor): Promise<void> => (await v.fill(), await v.click('button'), v.until("document.querySelector('.done')"));
const NONE = { expect: [], refute: ['form_submit', 'form_result'] };
const LATER = 'await new Promise((done) => setTimeout(done, 300))';
/** The page counts how often it is through, and when. */
const ONCE = 'window.times = (window.times ?? 0) + 1; window.at = performance.now();';
/** Utility classes that say how an error would look. */
const styled = (html: string): string => html.replaceAll('<input', '<input class="border aria-invalid:border-destructive aria-invalid:ring-destructive/20"').replaceAll('<button', '<button class="aria-invalid:ring-destructive/20"');
const requested = (_: unknown, one: Record<string, unknown>): void => void (one.request = '/api');
/** Nothing is declared but the request: marks alone show a refusal. */
const unnamed = (_: unknown, one: Record<string, unknown>): void => void Object.assign(one, { request: '/api', failure: [] });

/** Controls beside their form. */
const APART = '<form id="lead" novalidate></form><input name="name" form="lead"><input name="phone" form="lead"><button form="lead">Send</button>';

/** Two people, one after the other: too far apart for a double click. */
const two = async (v: Visitor): Promise<void> => {
  await v.fill();
  await v.click('button');
  await v.until('window.times === 1 && performance.now() - window.at > 900');
  await v.fill('[name=name]', 'Otto Other');
  await v.fill('[name=phone]', '+1 312 555 0188');
  await v.click('button');
  await v.until('window.times === 2');
};

export const SHOWN: FormPage[] = [
  {
    name: 'shown-thanks-twice',
    why: 'the thanks is hidden when the next person sends, and shown again with the same words: two leads',
    plan: requested,
    body: form() + '<p class="done" hidden>Thank you</p>' + cancelled(`const done = document.querySelector('.done'); done.hidden = true; await ${POST}; done.hidden = false; form.reset(); ${ONCE}`),
    visit: two,
    expect: [ACCEPTED, ACCEPTED],
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
    isModel: true,
  },
  {
    name: 'shown-refused-twice',
    why: 'the same refusal, taken away in between by the handler: no lead',
    plan: requested,
    body: form() + '<p class="refused"></p>' + cancelled(`const told = document.querySelector('.refused'); told.textContent = ''; await ${POST}; told.textContent = 'Try again later'; ${ONCE}`),
    visit: two,
    expect: [FAILED, FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-toasts-expire',
    why: 'two refusals are still told when it is sent again; the older one goes before the answer comes, which is yes',
    plan: requested,
    server: { 'POST /api': ({ body }) => ({ body: `{"ok":${body.includes('0199')}}` }) },
    body: form() + '<div id="toasts"></div>' + cancelled(`if (form.elements.phone.value.includes('0199')) { setTimeout(() => document.querySelector('.refused').remove(), 200); ${LATER}; } const { ok } = await (await ${POST}).json(); if (ok) { ${DONE} } else { document.querySelector('#toasts').insertAdjacentHTML('beforeend', '<p class=refused>Busy: ' + form.elements.phone.value + '</p>'); ${ONCE} }`),
    visit: async (v) => (await two(v), await v.until('performance.now() - window.at > 900'), await v.fill('[name=phone]', '+1 312 555 0199'), await v.click('button'), v.until("document.querySelector('.done')")),
    expect: [FAILED, FAILED, ACCEPTED],
    posts: 3,
    refute: ['form_submit lead sent', 'form_submit lead unconfirmed'],
  },
  {
    name: 'shown-marked-twice',
    why: 'the handler clears the mark of a control, and the answer sets it again',
    plan: unnamed,
    body: form() + cancelled(`const { phone } = form.elements; phone.removeAttribute('aria-invalid'); await ${POST}; phone.setAttribute('aria-invalid', 'true'); ${ONCE}`),
    visit: two,
    expect: [FAILED, FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-blocked-twice',
    why: 'blocked twice by the same mark, set and cleared at once; then the visitor leaves',
    body: form('novalidate') + '<a href="/elsewhere">Leave</a>' + cancelled(`const { phone } = form.elements; phone.removeAttribute('aria-invalid'); phone.setAttribute('aria-invalid', 'true'); ${ONCE}`),
    visit: async (v) => (await two(v), await v.click('a'), v.isAt('/elsewhere')),
    ...NONE,
  },
  {
    name: 'shown-by-opacity',
    why: 'the popup with the thanks is always there, transparent until a class shows it',
    plan: requested,
    head: '<style>.done { opacity: 0; visibility: hidden; position: fixed; top: 0; left: 300px } .done.is-active { opacity: 1; visibility: visible }</style>',
    body: form() + '<div class="done">Thank you</div>' + cancelled(`await ${POST}; document.querySelector('.done').classList.add('is-active')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("document.querySelector('.is-active')")),
    expect: [ACCEPTED],
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
    isModel: true,
  },
  {
    name: 'shown-by-height',
    why: 'the thanks slides in: folded up it shows nothing',
    plan: requested,
    head: '<style>.done { max-height: 0; overflow: hidden } .ok .done { max-height: 200px }</style>',
    body: form() + '<div class="done">Thank you</div>' + cancelled(`await ${POST}; document.querySelector('main').classList.add('ok')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("document.querySelector('.ok')")),
    expect: [ACCEPTED],
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
  },
  {
    name: 'shown-without-height',
    why: 'what stands in a box of no height is seen all the same',
    plan: requested,
    head: '<style>.done { height: 0 } .done span { position: absolute }</style>',
    body: form() + cancelled(`await ${POST}; document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=done><span>Thank you</span></p>')`),
    visit: sendAndThank,
    expect: [ACCEPTED],
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
  },
  {
    name: 'shown-invisible-on-the-answer',
    why: 'the answer to a native post has an invisible block for errors, and thanks',
    head: '<style>.refused { visibility: hidden }</style>',
    body: form(),
    server: { 'POST /send': { html: form() + '<p class="refused">We could not send this</p><p class="done">Thank you</p>' } },
    visit: sendAndThank,
    expect: [SENT, RESULT],
    refute: ['form_result lead failed'],
  },
  {
    name: 'shown-error-by-visibility',
    why: 'error texts are always there; refused with 200, a class shows one',
    plan: unnamed,
    head: '<style>.field-error { visibility: hidden } .wrong .field-error { visibility: visible }</style>',
    body: form('', '<p class="field-error">No such number</p>') + cancelled(`await ${POST}; form.classList.add('wrong')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("document.querySelector('.wrong')")),
    expect: [FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-utility-classes-blocked',
    why: 'utility classes mention aria-invalid on every control; now one is set, and the visitor leaves',
    plan: requested,
    body: styled(form('novalidate')) + '<a href="/elsewhere">Leave</a>' + cancelled("form.elements.phone.setAttribute('aria-invalid', 'true')"),
    visit: async (v) => (await v.fill(), await v.click('button'), await v.until("document.querySelector('[aria-invalid]')"), await v.click('a'), v.isAt('/elsewhere')),
    ...NONE,
  },
  {
    name: 'shown-utility-classes-refused',
    why: 'the same, set by the server’s answer',
    plan: unnamed,
    body: styled(form('novalidate')) + cancelled(`await ${POST}; form.elements.phone.setAttribute('aria-invalid', 'true')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("document.querySelector('[aria-invalid]')")),
    expect: [FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-utility-classes-anew',
    why: 'new controls whose classes mention errors are no errors',
    plan: requested,
    body: styled(form()) + cancelled(`await ${POST}; form.insertAdjacentHTML('beforeend', '<input name=more class="aria-invalid:border-destructive">'); ${LATER}; ${DONE}`),
    visit: sendAndThank,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-marked-elsewhere-blocked',
    why: 'the controls belong to the form by form=, and stand beside it: the page’s own check marks one, and the visitor leaves',
    plan: requested,
    body: APART + '<a href="/elsewhere">Leave</a>' + cancelled("form.elements.phone.setAttribute('aria-invalid', 'true')"),
    visit: async (v) => (await v.fill(), await v.click('button'), await v.until("document.querySelector('[aria-invalid]')"), await v.click('a'), v.isAt('/elsewhere')),
    ...NONE,
  },
  {
    name: 'shown-marked-elsewhere-refused',
    why: 'the same, marked by the server’s answer',
    plan: unnamed,
    body: APART + cancelled(`await ${POST}; form.elements.phone.setAttribute('aria-invalid', 'true')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("document.querySelector('[aria-invalid]')")),
    expect: [FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-marks-rendered-anew',
    why: 'asterisks of class error, rendered again while it is sent: nothing new is wrong',
    plan: requested,
    body: form('', '<span class="required error">*</span>') + cancelled(`await ${POST}; form.querySelector('.error').outerHTML = '<span class="required error">*</span>'; ${LATER}; ${DONE}`),
    visit: sendAndThank,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-mark-moves-on',
    why: 'refused for one field, then for the other, in the same words',
    plan: unnamed,
    body: form().replace(/<label>.*?<\/label>/g, '<div>$&<p class="error" hidden>Not right</p></div>') + cancelled(`await ${POST}; const [one, other] = form.querySelectorAll('.error'); [one.hidden, other.hidden] = [!one.hidden || !other.hidden, one.hidden]; ${ONCE}`),
    visit: two,
    expect: [FAILED, FAILED],
    refute: ['form_submit lead sent', 'form_submit lead accepted'],
  },
  {
    name: 'shown-emptied-after',
    why: 'a reset after the acceptance makes required controls invalid again; the toast comes a moment later',
    plan: requested,
    body: form('novalidate') + cancelled(`await ${POST}; form.reset(); for (const one of form.elements) if (one.name) one.className = 'ng-pristine ng-untouched ng-invalid'; ${LATER}; ${DONE}`),
    visit: sendAndThank,
    expect: [ACCEPTED],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-form-swapped',
    why: 'the answer, at 200, takes the form’s place with its errors',
    plan: (_, one) => (one.failure = []),
    server: { 'POST /send': { headers: { 'content-type': 'text/html' }, body: form('class="again"', '<p class="error">No such number</p>') } },
    body: form() + cancelled("form.outerHTML = await (await fetch('/send', { method: 'POST', body: new URLSearchParams(new FormData(form)) })).text()"),
    visit: async (v) => (await v.fill(), await v.click('button'), v.sees('No such number')),
    expect: [FAILED],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
  },
  {
    name: 'shown-blocked-then-another-request',
    why: 'the page marks a field; another plugin asks the same address: nothing went out',
    plan: (_, one) => (one.request = '/ajax'),
    server: { 'POST /ajax': { body: '{}' } },
    body: form('novalidate') + cancelled("form.elements.phone.setAttribute('aria-invalid', 'true'); setTimeout(() => fetch('/ajax', { method: 'POST', body: 'beat' }).then(() => (window.beaten = 1)), 800)"),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until('window.beaten')),
    ...NONE,
  },
  {
    name: 'shown-contract-stricter',
    why: 'the page takes a number that the contract does not, and thanks: a lead, and the event says what is wrong',
    body: form('novalidate') + cancelled(`await ${POST}; location.href = '/thanks'`),
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), await v.fill('[name=phone]', '55501'), await v.click('button'), v.isAt('/thanks')),
    expect: ['form_submit lead unconfirmed invalid', RESULT],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-branch-not-asked',
    why: 'a required field of a branch that nobody sees is empty: the page sends all the same',
    body: form('novalidate', '<div hidden><input name="company" required></div>') + cancelled(`await ${POST}; location.replace('/thanks')`),
    visit: async (v) => (await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: [UNCONFIRMED, RESULT],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-nameless',
    why: 'controls that the page’s own code knows by their ids',
    body: '<form id="lead"><input id="name"><input id="phone" type="tel"><button>Send</button></form>' + cancelled("await fetch('/api', { method: 'POST', body: document.querySelector('#phone').value }); location.href = '/thanks'"),
    visit: async (v) => (await v.fill('#name', 'Ingrid'), await v.fill('#phone', '+1 312 555 0177'), await v.click('button'), v.isAt('/thanks')),
    expect: [UNCONFIRMED, RESULT],
    refute: ['form_submit lead unconfirmed invalid'],
  },
  {
    name: 'shown-slow-then-gone',
    why: 'an address that nobody declared takes five seconds, then the callback leaves',
    body: form() + cancelled("setTimeout(() => fetch('/slow', { method: 'POST', body: 'go' }).catch(() => {}), 5000); await fetch('/slow', { method: 'POST', body: new FormData(form) }); location.href = '/thanks'"),
    server: { 'POST /slow': { after: 2, body: '{}' } },
    visit: async (v) => (await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: [UNCONFIRMED, RESULT],
    refute: ['form_submit lead failed'],
  },
  {
    name: 'shown-late',
    why: 'a spinner takes the form’s place, and the answer takes longer than an event waits: told as it stood, then settled',
    plan: (_, one) => (one.request = '/slow'),
    body: form() + cancelled(`const body = new FormData(form); form.remove(); setTimeout(() => fetch('/slow', { method: 'POST', body: 'go' }).catch(() => {}), 5000); await fetch('/slow', { method: 'POST', body }); ${DONE}`),
    server: { 'POST /slow': { after: 2, body: '{}' } },
    visit: sendAndThank,
    expect: [UNCONFIRMED, RESULT],
    refute: ['form_result lead failed'],
  },
  {
    name: 'shown-given-up',
    why: 'the page’s own request never had an answer: nobody knows',
    plan: (_, one) => Object.assign(one, { request: '/api', success: [{ request: true }], failure: [] }),
    server: { 'POST /api': { hangs: true } },
    body: form() + cancelled("await fetch('/api', { method: 'POST', body: 'x', signal: AbortSignal.timeout(500) }).catch(() => {}); window.up = performance.now()"),
    visit: async (v) => (await v.fill(), await v.click('button'), v.until('window.up')),
    expect: [UNCONFIRMED],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
    limits: { webkit: { expect: [], refute: ['form_submit'], visit: async (v) => (await v.fill(), await v.click('button'), v.until('performance.now() - window.up > 4000')), why: 'WebKit tells nothing of a request that was given up: a visitor who stays seems to have sent nothing' } },
  },
];
