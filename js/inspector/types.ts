/**
 * What the inspector's core answers (src/typed.rs, src/tracker/inspect.rs, src/browser/witness.rs).
 */

import type { Landing } from '../types';

/** One control's entry; without a value, the control alone. */
export interface Asked {
  name: string;
  value: string;
  kind: string;
  hint: string;
}

export type Collect = 'value' | 'sha256' | 'presence' | 'never';

export interface FormReport {
  verdict: 'valid' | 'invalid';
  violations: { instance: string; keyword: string; schema: string }[];
  fields: { field: string; is_filled: boolean; is_required: boolean; collect: Collect }[];
  controls: { name: string; kind: string; field: string; is_secret: boolean }[];
  /** Control and source. */
  hidden: [control: string, source: string][];
}

/** A touch as events carry it. */
export interface Touch {
  channel?: string;
  rule?: string;
  click_id?: { param: string; platform: string; value: string };
  [field: string]: unknown;
}

export interface LandingReport {
  touch: Touch | null;
  is_paid: boolean;
  diagnostics: string[];
}

export interface Envelope {
  id: string;
  type: string;
  subject: string;
  data?: { form?: { outcome?: string }; validation?: { verdict?: string } };
  [member: string]: unknown;
}

export interface Intent {
  form: string;
  number: number;
  id: string;
  phase: 'open' | 'waiting' | 'leaving' | 'done';
}

export interface State {
  page: string;
  device: string;
  plan: string;
  schema: string;
  consent: Record<string, string>;
  attribution: Partial<Record<'first' | 'last' | 'last_paid', Touch>>;
  may_attribute: boolean;
  may_send: boolean;
  is_durable: boolean;
  waiting: number;
  outbox: { id: string; created: number; due: number; tries: number; is_in_flight: boolean; is_stored: boolean; event: Envelope }[];
  intents: Intent[];
  diagnostics: string[];
}

/** A batch, or what other tags were told. */
export interface Note {
  at: number;
  batch: number;
  what: 'send' | 'announce';
  to: string;
  body: string;
  is_held: boolean;
}

/** The inspector's core: the kernel's three, and the questions. */
export interface TypedCore extends Core {
  inspectForm(plan: string, form: string, entries: Asked[]): FormReport;
  inspectLanding(plan: string, landing: Pick<Landing, 'query' | 'referrer' | 'origin' | 'path'>): LandingReport;
  inspectState(): State | null;
  inspectNotes(): Note[];
  inspectDry(on: boolean): void;
}
