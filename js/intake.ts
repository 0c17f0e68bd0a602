/**
 * Passes what happened to forms on to the core, once it is known which form of the plan it was.
 *
 * What still waits when the page goes away is left to the next page, if consent is known.
 * Not here: reading controls, and what became of a submission (parts/).
 */

import { isAlive, isAwaited, send } from './core';
import { diagnose } from './diagnostics';
import { isGrant, keepEarly, takeEarly } from './early';
import { addRoot, allForms, declared, keyOf, placeOf } from './forms';
import { all, guard } from './page';
import { base, part, withPart } from './parts';
import type { Kernel } from './parts/forms';
import { consents, isGranted } from './queue';
import { arrival, isFree, plan } from './session';
import { read } from './submissions';
import { leaveMark } from './withdrawal';
import type { Captured, Outcome } from './types';

export type { FormsPart } from './parts/forms';

/** A page that a request's answer leads away from goes within it; later, the visitor left. */
const ANSWER_MILLIS = 4000;

const held = new Set<Captured>();
/** The form last tried, by its name in the plan. */
const last = new Map<unknown, Element>();

export function handleCaptured(captured: Captured): void {
  if (!isAlive()) return;
  const { form, native, at } = captured;
  // What the page shows when an attempt begins.
  if (native === undefined) part?.look(form);
  held.add(captured);
  withPart((part) =>
    send(
      guard(() => {
        const place = placeOf(form);
        const plan = declared[place];
        // Not when it was left to the next page meanwhile.
        if (!held.delete(captured)) return;
        const about = { key: keyOf(form), form: place, at };
        if (native !== undefined) return part.submit(captured, plan, about);
        if (!plan) return;
        last.set(plan.id, form);
        return { in: 'attempt', ...about };
      }),
    ),
  );
}

/** The page's own word about a form: the element, its id, or the plan's id for it. */
export const handleOutcome = (of: Element | string, outcome: Outcome): void =>
  withPart((part) =>
    send(
      guard(() => {
        const form = typeof of === 'string' ? (last.get(of) ?? document.getElementById(of)) : of;
        if (form) part.say(form, outcome);
        else diagnose('form_unknown', of);
      }),
    ),
  );

/** Before the sources that the plan asks have come, nobody's word is enough. */
const mayKeep = (): boolean => (consents.hear ? isGrant(consents.told ?? {}) : !plan?.consent?.load && (isGranted ?? isFree()));

/** Tells the core what an earlier page left, by the plan's places, once that may be read. */
export const tellEarly = (): void =>
  send(
    guard(() => {
      const early = ((mayKeep() && takeEarly()) || []).flatMap(([native, at, nonce, id, name]) => {
        const form = name === undefined ? declared.findIndex((one) => one.id === id) : placeOf(Object.assign(document.createElement('form'), { id, name }));
        return form < 0 || (!native && arrival.at - at > ANSWER_MILLIS) ? [] : { form, nonce, intent: 1, at, native, left: true };
      });
      return early[0] && { in: 'early', early };
    }),
  );

/** The page goes away, or is frozen. */
export function leave(): void {
  if (consents.told?.store === 'granted' || mayKeep()) leaveMark();
  if (isAwaited() && mayKeep() && plan && plan.storage !== 'memory') {
    keepEarly(held, (form) => declared[placeOf(form)]?.id);
    held.clear();
  }
  part?.leave();
  // At once: the page's own code is about to learn that its requests were cut off, and shows an error.
  send({ in: 'hide' });
}

/** What the part gets of the kernel. Made when it is asked for: files that import each other are not all read before. */
export const kernel = (): Kernel => ({ addRoot, all, allForms, arrival: () => arrival, base: () => base, declared: () => declared, diagnose, emit: handleCaptured, guard, keyOf, placeOf, plan: () => plan, read, send });
