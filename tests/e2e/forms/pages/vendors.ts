// Form tools, by what their makers document: pages of our own whose script does as theirs.

import { ACCEPTED, DONE, FAILED, type FormPage, INPUTS, REFUSED, RESULT, SENT } from '../page';
import type { Visitor } from '../visitor';

const UNREAD = 'form_submit lead sent unread';
const HASH = '7ed0bf4ac74c80d60239c71fc66bfbc03d55dd42f34bc62943e6b0ffd5cab614';
const script = (code: string): string => `<script>${code}</script>`;
const fields = INPUTS + '<button>Send</button>';
const nothing = { expect: [], refute: ['form_submit', 'form_result'] };
const only = { refute: ['form_submit lead unconfirmed', 'form_submit undeclared', 'form_submit lead sent unread'] };
const sendAnd = (text: string) => async (v: Visitor): Promise<void> => (await v.fill(), await v.click('#lead button'), v.sees(text));

// Contact Form 7, submit.js: cancels, posts FormData to the REST route, dispatches wpcf7<status>.
const CF7_PATH = '/wp-json/contact-form-7/v1/contact-forms/7/feedback';
const cf7 = script(`document.querySelector('#lead').addEventListener('submit', async (event) => { event.preventDefault(); const form = event.target;
  const { status, message, invalid_fields } = await (await fetch('${CF7_PATH}', { method: 'POST', body: new FormData(form) })).json();
  form.querySelector('.wpcf7-response-output').textContent = message;
  for (const { name } of invalid_fields ?? []) form.elements[name].setAttribute('aria-invalid', 'true');
  const type = { mail_sent: 'wpcf7mailsent', validation_failed: 'wpcf7invalid', spam: 'wpcf7spam', mail_failed: 'wpcf7mailfailed' }[status];
  form.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: { status } })); if (status === 'mail_sent') form.reset() })`);
const cf7Page = (status: string, message: string, invalid: unknown[] = []): Partial<FormPage> => ({
  plan: (_, one) => Object.assign(one, { request: CF7_PATH, success: [{ event: 'wpcf7mailsent' }], failure: [{ event: 'wpcf7invalid' }, { event: 'wpcf7spam' }, { event: 'wpcf7mailfailed' }] }),
  body: `<form id="lead" class="wpcf7-form" action="/page#wpcf7-f7" method="post" novalidate>${fields}<div class="wpcf7-response-output"></div></form>${cf7}`,
  server: { [`POST ${CF7_PATH}`]: { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ status, message, invalid_fields: invalid }) } },
  visit: sendAnd(message),
});

// Gravity Forms: the target page of a wizard is in a hidden input; AJAX posts go into a frame.
const gravityPlan = (_: unknown, one: Record<string, any>): unknown => Object.assign(one, { adapter: 'gravity', success: [{ selector: '.gform_confirmation_message' }, { url: '/thanks' }], failure: [{ selector: '.gform_validation_errors' }] });
const gravity = (attributes: string, target = '0'): string => `<div id="gform_wrapper_1"><form id="lead" method="post" ${attributes}>${fields}<input type="hidden" name="gform_target_page_number_1" value="${target}"></form></div>`;
const gravityFrame = `<iframe name="gform_ajax_frame_1" style="display:none"></iframe>${script(`document.querySelector('iframe').onload = (event) => { const answer = event.target.contentDocument.querySelector('#answer'); if (answer) document.querySelector('#gform_wrapper_1').innerHTML = answer.innerHTML }`)}`;
const CONFIRMED = '<div id="answer"><div class="gform_confirmation_message">Thanks for contacting us</div></div>';
const INVALID = '<div id="answer"><div class="gform_validation_errors">There was a problem</div></div>';

// In a frame of another origin: the tool lives there, and only talks by postMessage.
const framed = (adapter: string, origin: string) => (_: unknown, one: Record<string, any>): unknown => Object.assign(one, { selector: '#embed', adapter, origin, success: [], failure: [] });
const says = (...messages: string[]): string => `<div id="embed"></div>${script(`window.say = () => { ${messages.map((one) => `dispatchEvent(new MessageEvent('message', ${one}));`).join(' ')} }`)}`;
const from = (origin: string, data: string): string => `{ origin: '${origin}', data: ${data} }`;
const NOISE = ['null', '7', '""', '"{"', '{}', '{ event: null, type: null, action: null }'].map((data) => from('https://forms.example', data));

const embed = (name: string, adapter: string, origin: string, good: string, steps: string[], why: string): FormPage[] => [
  {
    name: `${name}-sent`,
    why,
    plan: framed(adapter, origin),
    body: says(...steps.map((data) => from(origin, data)), ...NOISE, from(origin, good)),
    visit: async (v) => void (await v.evaluate('say()')),
    expect: [UNREAD],
    refute: ['form_submit lead sent valid', 'form_submit undeclared'],
  },
  {
    name: `${name}-foreign`,
    why: 'the same word from an origin that the plan does not list, and steps that are no submission',
    plan: framed(adapter, origin),
    body: says(...steps.map((data) => from(origin, data)), from('https://evil.example', good), ...NOISE),
    visit: async (v) => void (await v.evaluate('say()')),
    ...nothing,
  },
];

const hubspot = (eventName: string): string => `postMessage({ type: 'hsFormCallback', eventName: '${eventName}', id: 'f-1', data: [] }, location.origin);`;
const hubspotForm = `<form id="lead" class="hs-form" data-form-id="f-1" method="post" action="https://forms.hsforms.example/submit" novalidate>${fields}</form>`;

// Marketo Forms 2: the callbacks that its documentation names.
const marketo = (isValid: boolean): string =>
  script(`{ const after = []; const form = { getFormElem: () => [document.querySelector('#lead')], onSuccess: (run) => after.push(run) };
    window.MktoForms2 = { whenReady: (run) => setTimeout(() => run(form)) };
    document.querySelector('#lead').addEventListener('submit', (event) => { event.preventDefault(); const phone = event.target.elements.phone;
      if (${!isValid}) { phone.classList.add('mktoInvalid'); phone.insertAdjacentHTML('afterend', '<div class="mktoError">Must be a phone number</div>'); return }
      setTimeout(() => { const results = after.map((run) => run({}, '/thanks')); note('follow-up', results.some((one) => one === false)); ${DONE} }, 50) }) }`);

export const VENDORS: FormPage[] = [
  { name: 'cf7-sent', why: 'Contact Form 7: mail_sent, told by wpcf7mailsent', ...cf7Page('mail_sent', 'Thank you for your message'), expect: [ACCEPTED], ...only, fields: { phone: HASH }, posts: 1 } as FormPage,
  { name: 'cf7-invalid', why: 'Contact Form 7 answers validation_failed with 200', ...cf7Page('validation_failed', 'One or more fields have an error', [{ name: 'phone' }] as unknown[]), expect: [FAILED], refute: ['form_submit lead accepted', 'form_submit lead sent'] } as FormPage,
  { name: 'cf7-spam', why: 'taken for spam, with 200 too', ...cf7Page('spam', 'There was an error trying to send'), expect: [FAILED], refute: ['form_submit lead accepted'] } as FormPage,
  {
    name: 'gravity-post',
    why: 'Gravity Forms by a normal post',
    plan: gravityPlan as FormPage['plan'] & object,
    body: gravity('action="/gf"'),
    server: { 'POST /gf': { html: CONFIRMED } },
    visit: sendAnd('Thanks for contacting us'),
    expect: [SENT, RESULT],
    ...only,
  },
  {
    name: 'gravity-frame',
    why: 'by a post into a hidden frame, started by form.submit()',
    plan: gravityPlan as FormPage['plan'] & object,
    body: `${gravity('action="/gf" target="gform_ajax_frame_1"').replace('<button>', '<button type="button">')}${gravityFrame}${script("document.querySelector('button').onclick = () => document.querySelector('#lead').submit()")}`,
    server: { 'POST /gf': { headers: { 'content-type': 'text/html' }, body: CONFIRMED } },
    visit: sendAnd('Thanks for contacting us'),
    expect: [SENT, RESULT],
    ...only,
  },
  {
    name: 'gravity-frame-invalid',
    why: 'the same, and the server finds errors',
    plan: gravityPlan as FormPage['plan'] & object,
    body: gravity('action="/gf" target="gform_ajax_frame_1"') + gravityFrame,
    server: { 'POST /gf': { headers: { 'content-type': 'text/html' }, body: INVALID } },
    visit: sendAnd('There was a problem'),
    expect: [SENT, REFUSED],
    refute: ['form_result lead accepted'],
  },
  {
    name: 'gravity-ajax',
    why: 'by request, the newest of the three',
    plan: gravityPlan as FormPage['plan'] & object,
    body: gravity('action="/gf"') + script("document.querySelector('#lead').addEventListener('submit', async (event) => { event.preventDefault(); const answer = await (await fetch('/gf', { method: 'POST', body: new FormData(event.target) })).text(); document.querySelector('#gform_wrapper_1').innerHTML = answer })"),
    server: { 'POST /gf': { headers: { 'content-type': 'text/html' }, body: CONFIRMED } },
    visit: sendAnd('Thanks for contacting us'),
    expect: [ACCEPTED],
    ...only,
  },
  {
    name: 'gravity-next',
    why: '"Next" posts the form with another target page: no submission',
    plan: gravityPlan as FormPage['plan'] & object,
    body: gravity('action="/gf"', '2'),
    server: { 'POST /gf': { html: '<p>Page two</p>' } },
    visit: sendAnd('Page two'),
    ...nothing,
  },
  ...([['wpforms', '.wpforms-confirmation-container-full', '.wpforms-error-container', 'wpforms-confirmation-container-full', 'wpforms-error-container'], ['elementor', '.elementor-message-success', '.elementor-message-danger', 'elementor-message-success', 'elementor-message-danger']] as const).flatMap(([name, success, failure, good, bad]) =>
    [true, false].map((isGood): FormPage => ({
      name: `${name}-${isGood ? 'sent' : 'refused'}`,
      why: `${name} posts to admin-ajax.php, which answers 200 either way, and shows a message`,
      plan: (_, one) => Object.assign(one, { request: '/wp-admin/admin-ajax.php', success: [{ selector: success }], failure: [{ selector: failure }] }),
      body: `<form id="lead" method="post" novalidate>${fields}</form>${script(`document.querySelector('#lead').addEventListener('submit', async (event) => { event.preventDefault(); const { success } = await (await fetch('/wp-admin/admin-ajax.php', { method: 'POST', body: new FormData(event.target) })).json(); document.querySelector('main').insertAdjacentHTML('beforeend', success ? '<div class="${good}">All good</div>' : '<div class="${bad}">All bad</div>') })`)}`,
      server: { 'POST /wp-admin/admin-ajax.php': { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ success: isGood }) } },
      visit: sendAnd(isGood ? 'All good' : 'All bad'),
      expect: [isGood ? ACCEPTED : FAILED],
      refute: ['form_submit lead unconfirmed', isGood ? 'form_submit lead failed' : 'form_submit lead accepted'],
    })),
  ),
  ...[true, false].map((isGood): FormPage => ({
    name: `webflow-${isGood ? 'sent' : 'refused'}`,
    why: 'Webflow posts to its own host and shows one of two blocks that are always there',
    plan: (_, one) => Object.assign(one, { success: [{ selector: '.w-form-done' }], failure: [{ selector: '.w-form-fail' }] }),
    body: `<div class="w-form"><form id="lead" method="get">${fields}</form><div class="w-form-done" style="display:none">Thank you!</div><div class="w-form-fail" style="display:none">Oops!</div></div>${script(`document.querySelector('#lead').addEventListener('submit', async (event) => { event.preventDefault(); await fetch('/api', { method: 'POST', body: new FormData(event.target) }); ${isGood ? "event.target.style.display = 'none';" : ''} document.querySelector('${isGood ? '.w-form-done' : '.w-form-fail'}').style.display = 'block' })`)}`,
    visit: async (v) => (await v.fill(), await v.click('button'), v.until(`getComputedStyle(document.querySelector('${isGood ? '.w-form-done' : '.w-form-fail'}')).display === 'block'`)),
    expect: [isGood ? ACCEPTED : FAILED],
    refute: ['form_submit lead unconfirmed'],
  })),
  {
    name: 'hubspot-page-sent',
    why: 'HubSpot in the page: onFormSubmit is the attempt, onFormSubmitted the acceptance',
    plan: (_, one) => Object.assign(one, { adapter: 'hubspot', success: [], failure: [] }),
    body: hubspotForm + script(`document.querySelector('#lead').addEventListener('submit', (event) => { event.preventDefault(); ${hubspot('onFormSubmit')} setTimeout(() => { ${hubspot('onFormSubmitted')} ${DONE} }, 80) })`),
    visit: sendAnd('Thank you'),
    expect: [ACCEPTED],
    ...only,
  },
  {
    name: 'hubspot-page-refused',
    why: 'its own validation: no onFormSubmitted, and fields marked invalid',
    plan: (_, one) => Object.assign(one, { adapter: 'hubspot', success: [], failure: [] }),
    body: hubspotForm + script(`document.querySelector('#lead').addEventListener('submit', (event) => { event.preventDefault(); ${hubspot('onFormError')} event.target.elements.phone.classList.add('invalid', 'error') })`),
    visit: async (v) => (await v.fill(), v.click('#lead button')),
    ...nothing,
  },
  {
    name: 'hubspot-page-new-embed',
    why: "the newer embed's DOM event",
    plan: (_, one) => Object.assign(one, { adapter: 'hubspot', success: [], failure: [] }),
    body: hubspotForm + script(`document.querySelector('#lead').addEventListener('submit', (event) => { event.preventDefault(); setTimeout(() => { dispatchEvent(new CustomEvent('hs-form-event:on-submission:success', { detail: { formId: 'f-1' } })); ${DONE} }, 80) })`),
    visit: sendAnd('Thank you'),
    expect: [ACCEPTED],
    ...only,
  },
  ...embed('hubspot-frame', 'hubspot', 'https://share.hsforms.com', "{ type: 'hsFormCallback', eventName: 'onFormSubmitted', id: 'f-1' }", ["{ type: 'hsFormCallback', eventName: 'onFormReady', id: 'f-1' }", "{ type: 'hsFormCallback', eventName: 'onFormSubmit', id: 'f-1' }"], 'HubSpot in a frame: only onFormSubmitted counts'),
  ...embed('pardot-frame', 'pardot', 'https://go.pardot.com', "{ pardot: 'submitted' }", ["{ pardot: 'loaded' }"], 'Pardot in a frame, whose thank-you code tells the page around it'),
  ...embed('calendly', 'calendly', 'https://calendly.com', "{ event: 'calendly.event_scheduled', payload: {} }", ["{ event: 'calendly.event_type_viewed' }", "{ event: 'calendly.date_and_time_selected' }"], 'Calendly: event_scheduled counts, a chosen date does not'),
  ...embed('typeform', 'typeform', 'https://form.typeform.com', "{ type: 'form-submit', formId: 'a', responseId: 'r1' }", ["{ type: 'form-ready' }", "{ type: 'form-screen-changed' }"], 'Typeform: form-submit, once a response'),
  ...embed('jotform', 'jotform', 'https://form.jotform.com', "{ action: 'submission-completed', formID: '1' }", ["'setHeight:500:1'", "{ action: 'submission-error' }"], 'Jotform: submission-completed, among its resizing messages'),
  ...[true, false].map((isValid): FormPage => ({
    name: `marketo-${isValid ? 'sent' : 'refused'}`,
    why: 'Marketo Forms 2: onSuccess is the acceptance, and its follow-up goes on',
    plan: (_, one) => Object.assign(one, { adapter: 'marketo', success: [], failure: [] }),
    body: `<form id="lead" class="mktoForm" novalidate>${fields}</form>${marketo(isValid)}`,
    visit: isValid ? sendAnd('Thank you') : async (v) => (await v.fill(), v.click('#lead button')),
    ...(isValid ? { expect: [ACCEPTED], ...only } : nothing),
  })),
];
