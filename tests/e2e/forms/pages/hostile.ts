// Pages that are in touchmark's way, on purpose or not: the form works, and nothing throws.

import { BY_STATUS, form, type FormPage, RESULT, SENT } from '../page';

const sent = { visit: async (v: import('../visitor').Visitor): Promise<void> => (await v.fill(), await v.click('#lead button'), v.isAt('/thanks')), expect: [SENT, RESULT], posts: 1, refute: ['form_submit lead unconfirmed', 'form_submit lead sent invalid'] };

const HEADS: [string, string, string][] = [
  ['object-prototype', 'a polluted Object.prototype', 'Object.prototype.extra = 1; Object.prototype.native = true; Object.prototype.get = () => 7; Object.prototype.body = "x"; Object.prototype.toJSON = undefined; Object.prototype.headers = { x: 1 }; Object.prototype.capture = false; Object.prototype.once = true; Object.prototype.passive = true'],
  ['array-prototype', 'enumerable members on Array.prototype, as old libraries leave', "Array.prototype.last = function () { return this[this.length - 1] }; Array.prototype.toJSON = function () { return 'x' }; delete Array.prototype.toJSON"],
  ['frozen', 'frozen prototypes', 'for (const one of [Object, Array, Function, String, Promise, Map, Event, Element, HTMLElement, HTMLFormElement, HTMLInputElement]) Object.freeze(one.prototype)'],
  ['patched-fetch', 'fetch and XMLHttpRequest replaced by something that counts', "const old = fetch; window.fetch = function (...of) { return old.apply(this, of) }; XMLHttpRequest.prototype.send = new Proxy(XMLHttpRequest.prototype.send, {})"],
  ['patched-listeners', 'addEventListener wrapped, as by an error monitor', 'const old = EventTarget.prototype.addEventListener; EventTarget.prototype.addEventListener = function (type, run, options) { return old.call(this, type, typeof run === "function" ? function (event) { return run.call(this, event) } : run, options) }'],
  ['patched-matches', 'Element.prototype.matches that throws for forms', 'const old = Element.prototype.closest; Element.prototype.closest = function (selector) { if (this.nodeType === 9) throw new Error("no"); return old.call(this, selector) }'],
  ['clobbered', 'globals clobbered by ids and names', 'document.addEventListener("DOMContentLoaded", () => document.body.insertAdjacentHTML("beforeend", "<a id=performance></a><a id=navigation></a><img name=forms><img name=querySelector2><a id=crypto></a>"))'],
  ['messages', 'foreign messages of every kind', 'setInterval(() => { for (const one of [null, 7, "", "hsFormCallback", "{", "x".repeat(1e6), [], { type: null }, { event: { } }, new Date()]) postMessage(one, "*") }, 50)'],
  ['data-layer', 'a dataLayer whose push throws, and holds strange things', 'window.dataLayer = Object.assign([null, 7, "x", () => {}], { push() { throw new Error("full") } })'],
  ['data-layer-not-array', 'a dataLayer that is no array', 'window.dataLayer = "taken"'],
  ['no-storage', 'local storage that throws: the tab\'s own still tells the next page', 'const die = () => { throw new Error("denied") }; Object.defineProperty(window, "localStorage", { get: die })'],
  ['json', 'JSON.stringify replaced by an old library', 'const old = JSON.stringify; JSON.stringify = function (value, replacer, space) { return old(value, replacer, space) }'],
  ['observers', 'observers that are not there', 'delete window.PerformanceObserver; delete window.navigation'],
  ['performance', 'performance entries that throw', 'performance.getEntriesByType = () => { throw new Error("no") }'],
  ['date', 'Date.now and timers wrapped', 'const now = Date.now; Date.now = () => now(); const wait = setTimeout; window.setTimeout = (run, after, ...of) => wait(run, after, ...of)'],
];

export const HOSTILE: FormPage[] = [
  ...HEADS.map(
    ([name, why, code]): FormPage => ({
      name: `hostile-${name}`,
      why,
      head: `<script>${code}</script>`,
      body: form(),
      ...sent,
      isModel: name === 'object-prototype',
    }),
  ),
  {
    name: 'hostile-shadowed-members',
    why: "inputs that shadow the form's own members",
    body: form('', ['id', 'action', 'method', 'elements', 'submit', 'target', 'matches', 'closest', 'querySelectorAll', 'getAttribute', 'addEventListener', 'parentNode', 'ownerDocument', 'nodeName', 'reset', 'length', 'attributes'].map((one) => `<input type="hidden" name="${one}" value="1">`).join('')),
    ...sent,
    isModel: true,
  },
  {
    name: 'hostile-shadowed-request',
    why: 'the same where its own code sends it',
    plan: (_, one) => Object.assign(one, { request: '/api', success: [{ request: true }] }),
    body: `${form('', '<input type="hidden" name="action" value="subscribe"><input type="hidden" name="elements"><input type="hidden" name="submit">')}<script>addEventListener('submit', (event) => { event.preventDefault(); fetch('/api', { method: 'POST', body: new FormData(event.target) }) })</script>`,
    visit: async (v) => (await v.fill(), v.click('#lead button')),
    expect: ['form_submit lead accepted valid'],
    refute: ['form_submit lead unconfirmed'],
    posts: 1,
    limits: BY_STATUS,
  },
  {
    name: 'hostile-throwing-handlers',
    why: "the page's own handlers throw, before and after",
    body: form() + "<script>addEventListener('submit', () => { throw new Error('first') }, true); document.querySelector('#lead').onsubmit = () => { throw new Error('second') }; document.querySelector('#lead').addEventListener('formdata', () => { throw new Error('third') })</script>",
    ...sent,
  },
  {
    name: 'hostile-taken-name',
    why: 'somebody else has a global named touchmark',
    head: "<script>window.touchmark = document.createElement('div')</script>",
    body: form(),
    isHasty: true,
    visit: async (v) => (await v.until("window.touchmark.v || !document.querySelector('script[data-plan]')"), await v.until("!document.querySelector('script[data-plan]') || new Promise((resolve) => touchmark('ready', () => resolve(true)))"), sent.visit(v)),
    expect: sent.expect,
    refute: sent.refute,
  },
  {
    name: 'hostile-huge',
    why: 'two thousand controls and a megabyte of text',
    body: `${form('', '<textarea name="message"></textarea>')}<script>{ const form = document.querySelector('#lead'); form.elements.message.value = 'x'.repeat(1e6); for (let at = 0; at < 2000; at++) { const one = document.createElement('input'); one.type = 'hidden'; one.name = 'f' + at; form.prepend(one) } }</script>`,
    ...sent,
  },
  {
    name: 'hostile-synthetic',
    why: 'a submit event that code dispatches sends nothing',
    body: `${form()}<button id="fake">Fake</button><script>document.querySelector('#fake').onclick = () => note('dispatched', document.querySelector('#lead').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })))</script>`,
    visit: async (v) => (await v.fill(), await v.click('#fake')),
    expect: [],
    refute: ['form_submit'],
    posts: 0,
    limits: {
      firefox: {
        ...sent,
        visit: async (v) => (await v.fill(), await v.click('#fake'), v.isAt('/thanks')),
        why: 'Firefox submits a form at the submit event that code dispatches: sent, and told as sent',
      },
    },
  },
  {
    name: 'hostile-submit-on-document',
    why: 'submit events whose target is no form',
    body: `${form()}<script>for (const one of [document, window, document.body, document.querySelector('input')]) one.dispatchEvent(new Event('submit', { bubbles: true })); document.dispatchEvent(new Event('formdata', { bubbles: true }))</script>`,
    ...sent,
  },
];
