/**
 * Passes what happened to forms on to the core, once it is known which form of the plan it was.
 *
 * Undeclared forms give a control count; those that are no leads give nothing.
 * What still waits when the page goes away is left to the next page, if consent is known.
 */

import { isAwaited, send } from './core';
import { diagnose } from './diagnostics';
import { keepEarly, takeEarly } from './early';
import { readEntries } from './entries';
import { declared, keyOf, placeOf } from './forms';
import { guard, memberOf } from './page';
import { consents, isGranted } from './queue';
import { isFree } from './session';
import { lookAll, watch } from './signals';
import { leaveMark } from './withdrawal';
import type { Captured, Outcome } from './types';

const held = new Set<Captured>();
/** What the page showed when an attempt began. */
const before = new WeakMap<Element, string[]>();
/** The form last tried, by its name in the plan. */
const last = new Map<unknown, Element>();

const tell = (form: Element, outcome: Outcome): void => send({ in: 'signal', key: keyOf(form), outcome });

export function handleCaptured(captured: Captured): void {
  const { form, native, at, lead } = captured;
  const plan = declared[placeOf(form)];
  if (plan && native === undefined) before.set(form, lookAll(plan));
  held.add(captured);
  send(
    guard(() => {
      const place = placeOf(form);
      const plan = declared[place];
      // Not when it was left to the next page meanwhile.
      if (!held.delete(captured) || !(plan || lead)) return;
      const about = { key: keyOf(form), form: place, at };
      if (plan) last.set(plan.id, form);
      if (native === undefined) return { in: 'attempt', ...about };
      if (plan && !native) {
        const path = plan.request ?? new URL(memberOf(form, 'action') as string).pathname;
        watch(plan, (outcome) => tell(form, outcome), path, before.get(form));
      }
      const entries = readEntries(captured);
      return { in: 'submit', ...about, native, controls: entries.length, entries: plan && entries };
    }),
  );
}

/** The page's own word about a form: the element, its id, or the plan's id for it. */
export const handleOutcome = (of: Element | string, outcome: Outcome): void =>
  send(
    guard(() => {
      const form = typeof of === 'string' ? (last.get(of) ?? document.getElementById(of)) : of;
      if (form) tell(form, outcome);
      else diagnose('form_unknown', of);
    }),
  );

const mayKeep = (): boolean => (isGranted ?? isFree()) && !consents.hear;

/** Tells the core what an earlier page left, by the plan's places, once that may be read. */
export const tellEarly = (): void =>
  send(
    guard(() => {
      const early = ((mayKeep() && takeEarly()) || []).flatMap(({ id, name, lead, nonce, at }) => {
        const form = placeOf(Object.assign(document.createElement('form'), { id, name }));
        return form < 0 && !lead ? [] : { form, nonce, intent: 1, at, sent: true };
      });
      return early[0] && { in: 'early', early };
    }),
  );

/** The page goes away, or is frozen. */
export function leave(): void {
  if (mayKeep()) leaveMark();
  // At once: the page's own code is about to learn that its requests were cut off, and shows an error.
  if (!isAwaited()) send({ in: 'hide' });
  else if (mayKeep()) {
    keepEarly(held);
    held.clear();
  }
}
