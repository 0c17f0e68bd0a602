// The real libraries, each with a submission that arrives and one that its validation stops.

import { ACCEPTED, type FormPage, RESULT, SENT } from '../page';

type Row = [name: string, app: string, why: string, native?: boolean];

const ROWS: Row[] = [
  ['react-plain', 'react-plain.tsx', 'React with state of its own: onSubmit cancels always, and replaces the form on success'],
  ['react-hook-form', 'react-hook-form.tsx', 'validation is asynchronous, marks come after the handler'],
  ['formik', 'formik.tsx', 'resets its values before it thanks'],
  ['react-19-action', 'react-action.tsx', 'an action takes FormData, and React resets the form after it'],
  ['vue', 'vue.ts', 'Vue without a library'],
  ['vee-validate', 'vee-validate.ts', 'rules on fields, checked asynchronously'],
  ['angular-reactive', 'angular.ts', 'reactive forms: classes, no attributes, and ngSubmit cancels always'],
  ['svelte', 'svelte.ts', 'Svelte 5 with bound values'],
  ['solid', 'solid.ts', 'Solid, which delegates events, with FormData and a reset'],
  ['alpine', 'alpine.ts', 'Alpine with x-model and .prevent'],
  ['lit', 'lit.ts', 'a Lit element: the form is in an open shadow root'],
  ['jquery-ajax', 'jquery-ajax.ts', 'jQuery: return false, $.post, the form replaced'],
  ['jquery-validation', 'jquery-validation.ts', 'its submitHandler calls form.submit()', true],
  ['parsley', 'parsley.ts', 'validates on submit, then submits natively', true],
  ['shoelace', 'shoelace.ts', 'form-associated elements, whose values only the browser knows', true],
  ['intl-tel-input', 'intl-tel-input.ts', 'fills the field that counts while the form is on its way', true],
];

const nameField = (name: string): string => (name === 'shoelace' ? 'input[name=name]' : '[name=name]');
const phoneField = (name: string): string => (name === 'shoelace' ? 'input[name=phone]' : name === 'intl-tel-input' ? '[name=local]' : '[name=phone]');
const button = (name: string): string => (name === 'shoelace' ? 'sl-button' : name === 'intl-tel-input' ? '#lead > button' : '#lead button:last-of-type, #lead > button');

const HASH = '7ed0bf4ac74c80d60239c71fc66bfbc03d55dd42f34bc62943e6b0ffd5cab614';
const body = '<div id="app"></div>';
const blocked = { expect: [], refute: ['form_submit', 'form_result'], posts: 0 };

const pair = ([name, app, why, native]: Row): FormPage[] => {
  const fill = async (v: import('../visitor').Visitor, phone: string): Promise<void> => {
    await v.fill(nameField(name), 'Ingrid Testperson');
    await v.fill(phoneField(name), phone);
    await v.click(button(name));
  };
  return [
    {
      name: `${name}-sent`,
      why,
      app,
      body,
      visit: async (v) => (await fill(v, '+13125550177'), native ? v.isAt('/thanks') : v.sees('Thank you')),
      ...(native ? { expect: [SENT, RESULT] } : { expect: [ACCEPTED] }),
      fields: { phone: HASH },
      posts: 1,
      refute: ['form_submit lead unconfirmed', 'form_submit undeclared', native ? 'form_submit lead accepted' : 'form_submit lead sent'],
      isModel: ['react-hook-form', 'jquery-validation'].includes(name),
    },
    {
      name: `${name}-refused`,
      why: `${why}; too short a number goes nowhere`,
      app,
      body,
      visit: async (v) => fill(v, '5550177'),
      ...blocked,
      isModel: name === 'react-hook-form',
    },
  ];
};

const hx = (ok: boolean) => ({ body }: { body: string }) => ok && body.includes('0177') ? { body: '<p class="done">Thank you</p>' } : { status: 422, body: '<p class="refused">We could not send this</p>' };
const TURBO_ID = /(?<=x-turbo-request-id\n)[-0-9a-f]{36}/gi;
const turbo = (answer: string): string => `<form id="lead" method="post" action="${answer}"><input name="name"><input name="phone"><button>Send</button></form>`;

export const FRAMEWORKS: FormPage[] = [
  ...ROWS.flatMap(pair),
  {
    name: 'htmx-sent',
    why: 'htmx posts the form and swaps in the answer',
    app: 'htmx.ts',
    body,
    plan: (_, one) => (one.request = '/hx'),
    server: { 'POST /hx': hx(true) },
    visit: async (v) => (await v.fill(), await v.click('button'), v.sees('Thank you')),
    expect: [ACCEPTED],
    posts: 1,
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
    fields: { phone: HASH },
  },
  {
    name: 'htmx-refused',
    why: 'the server answers 422 with the errors: it went out, and failed',
    app: 'htmx.ts',
    body,
    plan: (_, one) => (one.request = '/hx'),
    server: { 'POST /hx': hx(false) },
    visit: async (v) => (await v.fill(), await v.click('button'), v.sees('We could not send this')),
    expect: ['form_submit lead failed valid'],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
  },
  {
    name: 'turbo-sent',
    why: 'Turbo posts by fetch, follows the redirect and swaps the body',
    app: 'turbo.ts',
    body: turbo('/send'),
    random: TURBO_ID,
    visit: async (v) => (await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: [ACCEPTED],
    posts: 1,
    refute: ['form_submit lead unconfirmed', 'form_submit lead sent'],
    fields: { phone: HASH },
    isModel: true,
  },
  {
    name: 'turbo-refused',
    why: '422 shows the form again, in a new body',
    app: 'turbo.ts',
    body: turbo('/refuse'),
    random: TURBO_ID,
    visit: async (v) => (await v.fill(), await v.click('button'), v.sees('We could not send this')),
    expect: ['form_submit lead failed valid'],
    refute: ['form_submit lead accepted', 'form_submit lead sent'],
  },
];
