/**
 * Looks at the page: its forms, what they hold now, and what the core makes of it.
 *
 * Not here: showing it. What somebody typed is in `values` alone, which no export takes.
 */

import { type Control, controlsOf, matches } from '../page';
import { hintOf, readEntries } from '../parts/entries';
import type { Kernel } from '../parts/forms';
import { mayLead } from '../parts/leads';
import type { Inspected } from './core';
import type { Asked, FormReport, Intent, LandingReport, Note, State } from './types';

/** declared by the plan, ignored by it, no lead (a search, a login), or undeclared. */
export type Standing = 'declared' | 'ignored' | 'no lead' | 'undeclared';

export interface FormLook {
  element: Element;
  key: number;
  /** The plan's id; empty when it declares none. */
  id: string;
  selector: string;
  contract: string;
  standing: Standing;
  report?: FormReport;
  controls: number;
  /** By control's name what it holds now. */
  values: Map<string, string[]>;
  /** By control's name the element, to point at. */
  places: Map<string, Element>;
  intents: Intent[];
}

export interface Look {
  forms: FormLook[];
  /** Forms of the plan that are not on this page. */
  absent: { id: string; selector: string }[];
  landing: LandingReport | undefined;
  state: State | undefined;
  notes: Note[];
  answers: Map<number, number>;
  diagnostics: { code: string; about: string; at: number }[];
}

/** By first letters: submit, reset, button, image, fieldset, output, object. */
const BUTTON = /^(su|re|b|im|fie|ou|ob)/;

const isNamed = ({ name, type }: Control): boolean => !!name && typeof name === 'string' && !BUTTON.test(type ?? 'ob');

export function lookAtAll(kernel: Kernel, { core, answers, landing }: Inspected, planText: string): Look {
  const state = core?.inspectState() ?? undefined;
  const declared = kernel.declared();
  // touchmark's own stand in no document.
  const seen = kernel.allForms().filter(({ isConnected }) => isConnected);
  const forms = seen.map((element): FormLook => {
    const place = kernel.placeOf(element);
    const plan = declared[place] as { id?: string; selector?: string; contract?: string } | undefined;
    const ignored = kernel.plan()?.ignore?.some((selector) => matches(element, selector));
    const controls = controlsOf(element).filter(isNamed);
    const look: FormLook = {
      element,
      key: kernel.keyOf(element),
      id: plan?.id ?? '',
      selector: plan?.selector ?? '',
      contract: plan?.contract ?? '',
      standing: plan ? 'declared' : ignored ? 'ignored' : mayLead(element, false) ? 'undeclared' : 'no lead',
      controls: controls.length,
      values: new Map(),
      places: new Map(),
      intents: state?.intents.filter(({ form }) => form === plan?.id) ?? [],
    };
    if (plan && core) judge(kernel, core, planText, look, controls);
    return look;
  });
  return {
    forms,
    absent: declared.filter(({ id }) => id && !forms.some((form) => form.id === id)).map(({ id = '', selector = '' }) => ({ id, selector })),
    landing: landing && core?.inspectLanding(planText, landing),
    state,
    notes: core?.inspectNotes() ?? [],
    answers,
    diagnostics: (window.touchmark?.('diagnostics') ?? []) as Look['diagnostics'],
  };
}

function judge(kernel: Kernel, core: NonNullable<Inspected['core']>, planText: string, look: FormLook, controls: Control[]): void {
  const entries = readEntries({ form: look.element, at: 0, reading: kernel.read(look.element) });
  const asked: Asked[] = entries.map(([name, value, kind, hint = '']) => ({ name, value, kind, hint }));
  for (const control of controls) {
    const name = control.name!;
    look.places.get(name) ?? look.places.set(name, control);
    if (!asked.some((one) => one.name === name)) asked.push({ name, value: '', kind: control.type ?? '', hint: hintOf(control) });
  }
  for (const { name, value } of asked) if (value) look.values.set(name, [...(look.values.get(name) ?? []), value]);
  look.report = core.inspectForm(planText, look.id, asked);
}
