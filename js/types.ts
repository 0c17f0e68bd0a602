/**
 * What travels between the page, the kernel and the core.
 *
 * Not here: what a site's own code may use (touchmark.d.ts).
 */

import type { Control } from './page';
import type { Touchmark } from './touchmark';

/**
 * One name and value that a form would send, the type of the control that holds it, and the field or
 * autocomplete token that the page's author gave it.
 */
export type Entry = [name: string, value: string, kind: string, hint?: string];

/** Where and how the visitor arrived. `query` has no leading `?`. */
export interface Landing {
  at: number;
  query: string;
  referrer: string;
  origin: string;
  path: string;
  nav: string | undefined;
  /** An event tells of it. */
  known?: boolean;
}

/** The controls that a form would send, and their values at the time. */
export type Reading = [control: Control, value: string | undefined][];

/**
 * An attempt to submit a form, or that it goes out. Kept in memory, with the element, until the
 * plan is known. The stub holds the same shape in the same queue as its commands.
 */
export interface Captured {
  form: Element;
  submitter?: Element | null;
  at: number;
  /** Sent by the browser, or cancelled and left to the page's own code; absent for an attempt. */
  native?: boolean | undefined;
  reading?: Reading;
  /** What was really sent, where the page or the browser made it. */
  data?: FormData | undefined;
}

/** `seen`: the page has taken it, by a request that nobody declared or by changing the form. */
export type Outcome = 'accepted' | 'failed' | 'sent' | 'seen' | 'blocked';

/** A message to the core; `in` comes first. */
export type Input = { in: string; native?: boolean | undefined; [member: string]: unknown };

/** What shows an outcome; one member of the first five. */
export interface Signal {
  url?: string;
  selector?: string;
  request?: boolean;
  event?: string;
  data_layer?: string;
}

export interface PlanForm {
  id?: string;
  selector?: string;
  fields?: Record<string, string>;
  request?: string;
  /** What submits a container that is no form. */
  button?: string;
  adapter?: string;
  /** Where the adapter's messages come from. */
  origin?: string;
  fill_events?: boolean;
  success?: Signal[];
  failure?: Signal[];
}

/** The members of the built plan that the kernel itself uses. */
export interface Plan {
  forms?: (PlanForm & { selector: string })[];
  ignore?: string[];
  frames?: boolean;
  diagnostics?: string[];
  attribution?: {
    /** Parameter, cookie and pattern of each cookie that may be read for a click's id. */
    cookies?: [param: string, name: string, pattern: string][];
    /** The site's other hosts, whose links and forms carry the touch. */
    cross_domain?: string[];
  };
  /** The inspector's file, from touchmark's own folder, where testers may have it. */
  inspector?: string;
  data_layer?: string | false;
  storage?: string;
  /** `load` is the file of the consent source, from touchmark's own folder. */
  consent?: { source?: string; load?: string };
}

/**
 * What a page left that went away before the core was there: no typed value. A submission was sent
 * by the browser, or the page's own code had it. The form's id in the plan stands alone; where the
 * plan was not there it is how the page calls it, by id and name.
 */
export type Early = [native: boolean, at: number, nonce: string | undefined, id: unknown, name?: unknown];

/** Where script and plan are, as a script tag or the command `init` tells it. */
export interface Told {
  src: string;
  plan: string;
  planIntegrity?: string;
  debug?: boolean;
}

/** What the stub, or any page's own queue function, leaves at `window.touchmark`. */
export interface Waiting {
  q?: { push(item: ArrayLike<unknown> | Captured): unknown };
  /** The stub's landing: it was there first. */
  l?: Landing | undefined;
  /** The version that runs; only the kernel sets it. */
  v?: string;
}

declare global {
  interface Window {
    touchmark?: Touchmark & Waiting;
  }
  interface Document {
    prerendering?: boolean;
  }
  /** The wasm is inside the script (one file), or beside it under this name (two files). */
  const __INLINE_WASM__: boolean;
  const __WASM_URL__: string;
  /** The hash of the wasm that belongs to this script: its own integrity covers both. */
  const __WASM_INTEGRITY__: string;
  const __VERSION__: string;
  /** Which of the three is being built. */
  const __STUB__: boolean;
  const __MODULE__: boolean;
  /** The forms part is a file of its own, loaded when it is needed. */
  const __LAZY__: boolean;
}
