// Submissions that ask for nothing: never an event, unless the plan says otherwise.

import { DONE, form, type FormPage, INPUTS, RESULT, SENT } from '../page';

const none = { expect: [], refute: ['form_submit', 'form_result'] };
const plain = { 'GET /results': { html: '<h1>Results</h1>' }, 'POST /results': { html: '<h1>Results</h1>' } };
const seesResults = async (v: import('../visitor').Visitor): Promise<void> => (await v.click('button'), v.sees('Results'));
const script = (code: string): string => `<script>document.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); ${code} })</script>`;

const NATIVELY: [string, string, string][] = [
  ['search', 'a search by its input type', '<form action="/results"><input type="search" name="q" value="knee pain"><button>Search</button></form>'],
  ['search-by-role', 'a search by its role', '<form role="search" method="post" action="/results"><input name="q" value="knee pain"><button>Search</button></form>'],
  ['search-element', 'a search by its element', '<search><form method="post" action="/results"><input name="q" value="knee"><button>Search</button></form></search>'],
  ['search-by-name', 'a search that only its address tells: GET, one text field', '<form action="/results"><input name="s" value="knee"><button>Go</button></form>'],
  ['filter', 'a filter form: GET with selects and numbers', '<form action="/results"><select name="city"><option>Chicago</select><input type="number" name="max" value="10"><button>Filter</button></form>'],
  ['cart', 'a cart quantity: no field that a person introduces herself with', '<form method="post" action="/results"><input type="hidden" name="sku" value="7"><input type="number" name="quantity" value="2"><button>Update cart</button></form>'],
  ['cart-text', 'a cart quantity typed as text', '<form method="post" action="/results"><input type="hidden" name="add-to-cart" value="7"><input name="quantity" value="2" inputmode="numeric" pattern="[0-9]*"><button>Add to cart</button></form>'],
  ['login', 'a login', '<form method="post" action="/results"><input name="user" value="ingrid"><input type="password" name="p" value="hunter2"><button>Log in</button></form>'],
  ['login-code', 'a one-time code', '<form method="post" action="/results"><input name="code" autocomplete="one-time-code" value="123456"><button>Log in</button></form>'],
  ['logout', 'a logout: a button in a form', '<form method="post" action="/results"><input type="hidden" name="_csrf" value="t0k"><button>Log out</button></form>'],
  ['toggle', 'a newsletter toggle that posts itself', '<form method="post" action="/results"><input type="checkbox" name="news" checked><button>Save</button></form>'],
  ['language', 'a language choice', '<form method="post" action="/results"><select name="lang"><option>de</select><button>Go</button></form>'],
];

export const NO_LEADS: FormPage[] = [
  ...NATIVELY.map(([name, why, body]): FormPage => ({ name: `no-lead-${name}`, why, body, server: plain, visit: seesResults, ...none, isModel: ['search', 'login-code'].includes(name) })),
  {
    name: 'no-lead-dialog',
    why: 'method=dialog only closes',
    body: '<dialog open><form method="dialog"><input name="name"><button>Close</button></form></dialog>',
    visit: async (v) => (await v.click('button'), v.until("!document.querySelector('dialog').open")),
    ...none,
    isModel: true,
  },
  {
    name: 'no-lead-dialog-by-button',
    why: 'a declared form whose cancel button has formmethod=dialog was closed, not sent',
    body: `<dialog open>${form('', '', '<button value="cancel" formmethod="dialog">Cancel</button>')}</dialog>`,
    visit: async (v) => (await v.fill(), await v.click('button'), v.until("!document.querySelector('dialog').open")),
    ...none,
    isModel: true,
  },
  {
    name: 'no-lead-live-search',
    why: 'a search box that fetches as one types and cancels its submit',
    body: `<form role="search"><input name="q"><button>Go</button></form>${script("fetch('/api', { method: 'POST', body: 'q' })")}`,
    visit: async (v) => (await v.fill('[name=q]', 'knee'), v.click('button')),
    ...none,
  },
  {
    name: 'no-lead-autosave',
    why: 'drafts are read by FormData at each pause and sent; leaving by a link afterwards submits nothing',
    body: `${form()}<a href="/elsewhere">Leave</a><script>let saved = 0; addEventListener('change', () => fetch('/api', { method: 'POST', body: new FormData(document.querySelector('#lead')) }).then(() => saved++))</script>`,
    // A draft on its way would be cut off by the leave, with touchmark or without.
    visit: async (v) => (await v.fill(), await v.evaluate('document.activeElement.blur()'), await v.until('saved === 2'), await v.click('a'), v.isAt('/elsewhere')),
    ...none,
    isModel: true,
  },
  {
    name: 'no-lead-autosave-on-leave',
    why: 'drafts are read when the page goes away: that is no submission either',
    body: `${form()}<a href="/elsewhere">Leave</a><script>addEventListener('pagehide', () => navigator.sendBeacon('/draft', new FormData(document.querySelector('#lead')))); addEventListener('beforeunload', () => void new FormData(document.querySelector('#lead')))</script>`,
    server: { 'POST /draft': { status: 204 } },
    visit: async (v) => (await v.fill(), await v.click('a'), v.isAt('/elsewhere')),
    ...none,
  },
  {
    name: 'no-lead-draft-then-click',
    why: 'a draft that is saved in the moment of the click that leaves the page',
    body: `${form()}<a href="/elsewhere">Leave</a><script>document.querySelector('a').addEventListener('click', () => { new FormData(document.querySelector('#lead')) })</script>`,
    visit: async (v) => (await v.fill(), await v.click('a'), v.isAt('/elsewhere')),
    ...none,
  },
  {
    name: 'no-lead-ignored',
    why: 'the plan names what is no lead, though it looks like one',
    plan: (plan) => (plan.ignore = ['form.draft']),
    body: `<form class="draft" method="post" action="/results">${INPUTS}<button>Save draft</button></form>`,
    server: plain,
    visit: async (v) => (await v.fill(), seesResults(v)),
    ...none,
    isModel: true,
  },
  {
    name: 'lead-by-plan',
    why: 'the plan overrules: a declared search form is a lead',
    body: form('role="search"'),
    visit: async (v) => (await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: [SENT, RESULT],
    refute: ['form_submit undeclared'],
    isModel: true,
  },
  {
    name: 'lead-undeclared',
    why: 'a contact form that nobody declared: that it was sent and how many controls, no more',
    body: form().replace('id="lead"', 'id="other"'),
    visit: async (v) => (await v.fill(), await v.click('button'), v.isAt('/thanks')),
    expect: ['form_submit undeclared sent undeclared'],
    refute: ['form_submit lead', 'form_result'],
    isModel: true,
  },
  {
    name: 'lead-undeclared-request',
    why: 'the same by request to its own address',
    body: `<form id="other" action="/api">${INPUTS}<button>Send</button></form>${script(`fetch('/api', { method: 'POST', body: 'x' }).then(() => { ${DONE} })`)}`,
    visit: async (v) => (await v.fill(), await v.click('button'), v.sees('Thank you')),
    expect: ['form_submit undeclared sent undeclared'],
    refute: ['form_submit lead', 'form_submit undeclared unconfirmed'],
  },
];
