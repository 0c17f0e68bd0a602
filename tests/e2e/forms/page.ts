// What a page of the test site is: its markup, its server, its visitor, and what may come of it.
//
// Definitions are in pages/, one file a family. Not here: how a visit runs (visit.ts).

import type { Visitor } from './visitor';

export type Source = Record<string, any>;

/** A request as the site's server received it. */
export interface Received {
  method: string;
  path: string;
  /** All of it: request line, headers in their order and case, body. */
  bytes: string;
  body: string;
}

/** An answer of the site's server; `html` is set into the page's frame, with touchmark's tag. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  html?: string;
  body?: string | Buffer;
  /** The request stays open until the visit is over. */
  hangs?: boolean;
  /** Is given once so many requests of this kind have come. */
  after?: number;
}

export interface FormPage {
  /** Family and behaviour: `native-post`. */
  name: string;
  /** One sentence: what it is in the wild, and why the expected is right. */
  why: string;
  /** What follows in the body. Its inline scripts may call `note(…)`, which must be told alike with and without touchmark. */
  body: string;
  head?: string;
  /** Entry in apps/ that is bundled and loaded as /app.js at the body's end. */
  app?: string;
  /** Changes the plan, which declares `#lead` with the fields `name` and `phone`. */
  plan?: (plan: Source, form: Source) => void;
  /** Answers by `METHOD /path`. Default: /send redirects to /thanks, /api says {"ok":true}, /refuse is 422. */
  server?: Record<string, Reply | ((request: Received) => Reply)>;
  visit(visitor: Visitor): Promise<unknown>;
  /** Exactly these events are stored: type, form, outcome, verdict. */
  expect: string[];
  /** What a tracker that knows less would store: no stored event begins with one of these. */
  refute: string[];
  /** The one submission's fields. */
  fields?: Record<string, unknown>;
  /** So many requests with a body reach the site's server. */
  posts?: number;
  /** The visitor acts before touchmark is ready. */
  isHasty?: boolean;
  /** The forms part never comes before the thanks, however often it is asked for. */
  lacksPart?: boolean;
  /** How often its requests come is the browser's draw: they are compared once each. */
  isRace?: boolean;
  /** What the page's own library draws at random in its requests. */
  random?: RegExp;
  /** Runs in the gate's other engines too: the page that stands for its behaviour. */
  isModel?: boolean;
  /** What comes of it in an engine that does not show enough; the table tells it. */
  limits?: Record<string, Limit>;
}

/** In place of the page's own. */
export interface Limit {
  expect: string[];
  refute: string[];
  visit?: FormPage['visit'];
  posts?: number;
  /** One sentence: what the engine lacks, or does otherwise. */
  why: string;
}

export const SENT = 'form_submit lead sent valid';
export const ACCEPTED = 'form_submit lead accepted valid';
export const FAILED = 'form_submit lead failed valid';
export const UNCONFIRMED = 'form_submit lead unconfirmed valid';
export const RESULT = 'form_result lead accepted';
export const REFUSED = 'form_result lead failed';

/** For pages where nothing but the status tells what became of the request. */
export const BY_STATUS: Record<string, Limit> = {
  webkit: {
    expect: [SENT],
    refute: ['form_submit lead accepted', 'form_submit lead failed'],
    why: 'WebKit tells no status (PerformanceResourceTiming has no responseStatus): only that it was sent',
  },
};

export const INPUTS = '<label>Name <input name="name"></label><label>Phone <input name="phone" type="tel"></label>';

/** The form that most pages have, with other attributes or contents. */
export const form = (more = '', inside = '', button = '<button>Send</button>'): string =>
  `<form id="lead" method="post" action="/send" ${more}>${INPUTS}${inside}${button}</form>`;

/** A submit listener on `#lead`. */
export const onSubmit = (code: string, options = ''): string =>
  `<script>document.querySelector('#lead').addEventListener('submit', async (event) => { const form = event.target; ${code} }${options && `, ${options}`})</script>`;

export const DONE = "document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=done>Thank you</p>');";
export const WRONG = "document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=refused>We could not send this</p>');";
export const POST = "fetch('/api', { method: 'POST', body: new URLSearchParams({ name: form.elements.name.value, phone: form.elements.phone.value }) })";

/** The plan that a page is built with: the site's, changed as the page says. */
export const sourcePlan = ({ plan: change }: FormPage): Source => {
  const form = {
    id: 'lead',
    selector: '#lead',
    contract: 'callback_request',
    fields: { name: 'name', phone: 'phone' },
    success: [{ url: '/thanks' }, { selector: '.done' }],
    failure: [{ selector: '.refused' }],
  };
  const plan = {
    touchmark: 1,
    site: 'form-site',
    endpoint: '/v1/events',
    pages: [{ path: '/page', id: 'page' }, { path: '/thanks', id: 'thanks' }],
    forms: [form],
    consent: { source: 'not_required' },
  };
  change?.(plan, form);
  return plan;
};

/** The whole document; `before` goes in front of the page's own head. */
export const frame = ({ name, head = '' }: FormPage, inside: string, before = '', tag = ''): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>${before}${head}${tag}</head><body><main>${inside}</main></body></html>`;

export const TAG = '<script async src="/touchmark/touchmark.js" data-plan="/touchmark/plan.json" referrerpolicy="no-referrer"></script>';
