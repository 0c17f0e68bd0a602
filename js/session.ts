/**
 * One core's session with this page: what it is told first, and what it puts out.
 */

import { diagnose } from './diagnostics';
import type { Fill } from './parts/fields';
import { declared, register, watchForms } from './forms';
import { tellEarly } from './intake';
import { device } from './landing';
import { withPart } from './parts';
import { callReady, consents } from './queue';
import type { Input, Landing, Plan } from './types';

export let plan: Plan | undefined;
let arrival: Landing;

export function begin(by: Plan, from: Landing): void {
  plan = by;
  arrival = from;
  watchForms(by);
  // Tools and frames are heard from the start.
  if (by.frames || by.forms?.some(({ adapter, button }) => adapter || button)) withPart(() => {});
}

/**
 * The first inputs of a first or a fresh instance. It draws its own nonce: numbers begin anew,
 * and under the former one their ids would meet those already sent.
 */
export const opening = (): Input[] => [
  { in: 'start', now: Date.now(), plan, device: device() },
  { in: 'landing', ...arrival },
  ...consents,
];

/** The core runs, for the first time or again. */
export function welcome(): void {
  // To a fresh instance this landing is no new one.
  arrival = { ...arrival, nav: 'reload' };
  register(true);
  tellEarly();
  callReady();
}

export type Output = ({ out: 'fill' } & Fill) | { out: 'watch'; form: number } | { out: 'report'; code: string; about?: string };

/** Does one thing that the core put out. */
export function carryOut(output: Output): void {
  if (output.out === 'fill') withPart((part) => part.fill(output));
  else if (output.out === 'watch') judgeArrival(output.form);
  else diagnose(output.code, output.about);
}

/** This page may be the answer to a native submission. A failure shows the form again. */
function judgeArrival(place: number): void {
  const form = declared[place];
  if (document.readyState === 'loading') setTimeout(judgeArrival, 50, place);
  else if (form) withPart((part) => part.arrive(form));
}
