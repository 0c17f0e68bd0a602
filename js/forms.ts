/**
 * Which form is which: a number for each element, its place in the plan, and its registration.
 *
 * Forms come late and whole bodies are swapped, so the document is watched; a number stays
 * with its element. Not here: reading and filling (entries.ts, fields.ts).
 */

import { send } from './core';
import { all, guard, listen, matches, memberOf } from './page';
import { noticeRoute } from './route';
import type { PlanForm } from './types';

const keys = new WeakMap<Element, number>();
/** How many controls each registered form had. */
const sizes = new WeakMap<Element, unknown>();
let lastKey = 0;
/** The plan's forms, once it is read. */
export let declared: PlanForm[] = [];

export function keyOf(form: Element): number {
  if (!keys.has(form)) keys.set(form, ++lastKey);
  return keys.get(form)!;
}

/** The form's place in the plan, -1 when it has none. */
export const placeOf = (form: Element): number => declared.findIndex(({ selector }) => matches(form, selector));

/** Tells the core of declared forms that are new, or have other controls; of all, when its knowledge or what their fields hold may be old. */
export const register = (again: boolean): void =>
  declared.forEach(({ selector }, form) => {
    for (const element of all(selector)) {
      const size = memberOf(element, 'length');
      if (again || sizes.get(element) !== size) send({ in: 'form', key: keyOf(element), form });
      sizes.set(element, size);
    }
  });

export function watchForms(forms: PlanForm[]): void {
  declared = forms;
  new MutationObserver(
    guard(() => {
      noticeRoute();
      register(false);
    }),
  ).observe(document, { childList: true, subtree: true });
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => persisted && register(true));
}
