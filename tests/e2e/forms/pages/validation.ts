// Attempts that something refuses before anything goes out: no leads, and no events.

import { ACCEPTED, DONE, form, type FormPage, INPUTS, onSubmit, POST, RESULT, SENT } from '../page';

const cancelled = (code: string): string => onSubmit(`event.preventDefault(); ${code}`);
const NOTHING = ['form_submit', 'form_result'];
const nothing = { expect: [], refute: NOTHING, posts: 0 };
const thank = `await ${POST}; ${DONE}`;
const wrongPhone = async (v: import('../visitor').Visitor): Promise<void> => (await v.fill('[name=name]', 'Ingrid'), await v.fill('[name=phone]', '123 4567'), v.click('button'));

export const VALIDATION: FormPage[] = [
  {
    name: 'blocked-by-browser',
    why: 'the browser shows its own bubble: there is no submit event',
    body: form().replaceAll('<input', '<input required'),
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), v.click('button')),
    ...nothing,
    isModel: true,
  },
  {
    name: 'blocked-then-sent',
    why: 'blocked once, then corrected: one submission, whose id is the attempt\'s',
    body: form().replaceAll('<input', '<input required'),
    visit: async (v) => (await v.click('button'), await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: [SENT, RESULT],
    refute: ['form_submit lead unconfirmed'],
    posts: 1,
    isModel: true,
  },
  {
    name: 'blocked-by-script-with-marks',
    why: 'a library cancels and marks its fields: nothing went out, also when the visitor leaves at once',
    body: form('novalidate') + cancelled(`if (form.elements.phone.value.length < 9) { form.elements.phone.setAttribute('aria-invalid', 'true'); return } ${thank}`),
    visit: wrongPhone,
    ...nothing,
    isModel: true,
  },
  {
    name: 'blocked-by-script-with-text',
    why: 'the error is a text beside the field, of a class that says so',
    body: form('novalidate') + cancelled(`if (form.elements.phone.value.length < 9) { form.elements.phone.insertAdjacentHTML('afterend', '<em class="input-error">too short</em>'); return } ${thank}`),
    visit: wrongPhone,
    ...nothing,
  },
  {
    name: 'blocked-by-script-later',
    why: 'libraries validate asynchronously: the mark comes after the handler',
    body: form('novalidate') + cancelled(`await new Promise((resolve) => setTimeout(resolve, 60)); form.elements.phone.classList.add('is-invalid'); form.elements.phone.setAttribute('aria-invalid', 'true'); note('marked')`),
    visit: async (v) => (await wrongPhone(v), v.until("document.querySelector('.is-invalid')")),
    ...nothing,
    isModel: true,
  },
  {
    name: 'blocked-by-constraints-in-script',
    why: 'novalidate, and a handler that asks checkValidity() itself',
    body: form('novalidate').replaceAll('<input', '<input required') + onSubmit(`if (!form.checkValidity()) { event.preventDefault(); return }`),
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), v.click('button')),
    ...nothing,
  },
  {
    name: 'blocked-by-contract',
    why: 'cancelled without a trace, and the values break the contract: nobody would have sent them',
    body: form('novalidate') + cancelled("if (!form.elements.phone.value) return; throw new Error('not reached')"),
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), v.click('button')),
    ...nothing,
  },
  {
    name: 'blocked-by-confirm',
    why: 'the visitor answers no to "really send?", and stays',
    body: form('', '') + onSubmit("if (!confirm('Really?')) event.preventDefault()"),
    plan: (plan) => (plan.diagnostics = ['form_blocked']),
    visit: async (v) => (v.answerDialogs(false), await v.fill(), await v.click('button'), v.isTold('form_blocked')),
    ...nothing,
    isModel: true,
  },
  {
    name: 'blocked-by-confirm-then-sent',
    why: 'no, then yes: one submission',
    body: form('', '') + onSubmit("if (!confirm('Really?')) event.preventDefault()"),
    visit: async (v) => (v.answerDialogs(false), await v.fill(), await v.click('button'), v.answerDialogs(true), await v.click('button'), v.isAt('/thanks')),
    expect: [SENT, RESULT],
    refute: ['form_submit lead unconfirmed'],
    posts: 1,
  },
  {
    name: 'blocked-repeatedly',
    why: 'three blocked attempts and a good one are one lead under one id',
    plan: (_, one) => (one.request = '/api'),
    body: form('novalidate') + cancelled(`const bad = form.elements.phone.value.length < 9; form.elements.phone.setAttribute('aria-invalid', bad); if (!bad) { ${thank} }`),
    async visit(v) {
      await wrongPhone(v);
      await v.click('button');
      await v.click('button');
      await v.fill();
      await v.click('button');
      await v.sees('Thank you');
    },
    expect: [ACCEPTED],
    refute: ['form_submit lead accepted invalid', 'form_submit lead unconfirmed', 'form_submit lead failed'],
    fields: { phone: '7ed0bf4ac74c80d60239c71fc66bfbc03d55dd42f34bc62943e6b0ffd5cab614' },
    posts: 1,
    isModel: true,
  },
  {
    name: 'blocked-with-beacon',
    why: 'the tags of other vendors send their own requests at each attempt: none is the form\'s',
    body: form('novalidate') + cancelled("navigator.sendBeacon('/metrics', 'form_error'); form.elements.phone.setAttribute('aria-invalid', 'true')"),
    server: { 'POST /metrics': { status: 204 } },
    visit: wrongPhone,
    expect: [],
    refute: NOTHING,
  },
  {
    name: 'blocked-wizard-next',
    why: '"Next" on a wizard is no submission, its last step is one',
    body: `<form id="lead" method="post" action="/send"><div id="one"><input name="name"><button id="next" type="button">Next</button></div><div id="two" hidden><input name="phone"><button id="last">Send</button></div></form>
      <script>document.querySelector('#next').onclick = () => { document.querySelector('#one').hidden = true; document.querySelector('#two').hidden = false }</script>`,
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), await v.click('#next'), await v.fill('[name=phone]', '+1 312 555 0177'), await v.click('#last'), v.isAt('/thanks')),
    expect: [SENT, RESULT],
    refute: ['form_submit lead sent invalid'],
    posts: 1,
    isModel: true,
  },
  {
    name: 'blocked-wizard-submits-each-step',
    why: 'each "Next" is a submit that the wizard cancels; only the last goes out',
    body: `<form id="lead" method="post" action="/send"><div id="one"><input name="name"></div><div id="two" hidden><input name="phone"></div><button>Go on</button></form>
      ${onSubmit("if (document.querySelector('#two').hidden) { event.preventDefault(); document.querySelector('#one').hidden = true; document.querySelector('#two').hidden = false }")}`,
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), await v.click('button'), await v.fill('[name=phone]', '+1 312 555 0177'), await v.click('button'), v.isAt('/thanks')),
    expect: [SENT, RESULT],
    refute: ['form_submit lead sent invalid', 'form_submit lead unconfirmed'],
    fields: { phone: '7ed0bf4ac74c80d60239c71fc66bfbc03d55dd42f34bc62943e6b0ffd5cab614' },
    posts: 1,
  },
  {
    name: 'blocked-wizard-of-pages',
    why: 'a wizard of several documents: steps are other forms, the last is the declared one',
    body: `<form method="post" action="/step"><input name="name"><button>Next</button></form>`,
    plan: (_, one) => (one.fields = { name: 'name', phone: 'phone' }),
    server: { 'POST /step': { html: form() } },
    visit: async (v) => (await v.fill('[name=name]', 'Ingrid'), await v.click('button'), await v.until("document.querySelector('#lead')"), await v.fill(), await v.click('#lead button'), v.isAt('/thanks')),
    expect: ['form_submit undeclared sent undeclared', SENT, RESULT],
    refute: ['form_submit lead unconfirmed'],
    posts: 2,
  },
  {
    name: 'blocked-empty-form',
    why: 'a reset button and Escape submit nothing',
    body: `<form id="lead" method="post" action="/send">${INPUTS}<button type="reset">Clear</button></form>`,
    visit: async (v) => (await v.fill(), v.click('button')),
    ...nothing,
  },
];
