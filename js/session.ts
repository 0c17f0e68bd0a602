/**
 * One core's session with this page: what it is told first, and what it puts out.
 */

import { send } from './core';
import { diagnose } from './diagnostics';
import { makeNonce } from './early';
import type { Fill } from './parts/fields';
import { declared, register, watchForms } from './forms';
import { tellEarly } from './intake';
import { device } from './landing';
import { owe } from './journal';
import { settled, withPart } from './parts';
import { callReady, consents } from './queue';
import type { Input, Landing, Plan } from './types';

export let plan: Plan | undefined;
export let arrival: Landing;
let nonce: string | undefined;

/** Where the plan lets records be kept; nowhere for `memory`. */
export const keptIn = (): Storage | undefined => (window as unknown as Record<string, Storage>)[`${plan?.storage}Storage`];

/** The plan says that nobody need be asked. */
export const isFree = (): boolean => plan?.consent?.source === 'not_required';

export function begin(by: Plan, from: Landing): void {
  plan = by;
  arrival = from;
  watchForms(by);
  // Tools and frames are heard from the start.
  if (by.frames || by.forms?.some(({ adapter, button }) => adapter || button)) withPart(() => {});
}

/**
 * The first inputs of a first or a fresh instance. Each has its own nonce: numbers begin anew,
 * and under the former one their ids would meet those already sent.
 */
export function opening(): Input[] {
  release?.();
  return [
    { in: 'start', plan, device: device(), former: nonce, nonce: (nonce = makeNonce()), seed: parseInt(makeNonce()!.slice(19), 16) },
    { in: 'landing', ...arrival },
    // In one: nothing may happen on a grant that was taken back since.
    ...(consents[0] ? [{ in: 'consent', said: consents }] : []),
  ];
}

/** The core runs, for the first time or again. */
export function welcome(): void {
  register(true);
  tellEarly();
  settled().then(callReady, callReady);
}

export type Output = ({ out: 'fill' } & Fill) | { out: 'watch'; form: number } | { out: 'owe' } | { out: 'lease' } | { out: 'release' } | { out: 'report'; code: string; about?: string };

let release: (() => void) | undefined;

/**
 * Has the core hold the one lease of this site's pages, if it is free. It is given back soon: a
 * held lock keeps a page out of the browser's cache.
 */
function lease(): void {
  const hold = (): void => send({ in: 'lease' });
  release?.();
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return hold();
  const held = (resolve: () => void): void => {
    release = resolve;
    hold();
  };
  locks.request('touchmark', { __proto__: null, ifAvailable: true } as LockOptions, (lock) => lock && new Promise<void>(held)).catch(hold);
}

/** Does one thing that the core put out. */
export function carryOut(output: Output): void {
  if (output.out === 'fill') withPart((part) => part.fill(output));
  else if (output.out === 'owe') owe();
  else if (output.out === 'watch') judgeArrival(output.form);
  else if (output.out === 'lease') lease();
  else if (output.out === 'release') release?.();
  else diagnose(output.code, output.about);
}

/** This page may be the answer to a native submission. A failure shows the form again. */
function judgeArrival(place: number): void {
  const form = declared[place];
  if (document.readyState === 'loading') setTimeout(judgeArrival, 50, place);
  else if (form) withPart((part) => part.arrive(form));
}
