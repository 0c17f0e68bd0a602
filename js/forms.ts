/**
 * Which form is which: a number for each element, its place in the plan, and its registration.
 *
 * Forms come late and whole bodies are swapped, so the document is watched; a number stays
 * with its element. Not here: reading and filling (entries.ts, fields.ts).
 */

import { send } from './core';
import { all, controlsOf, guard, listen, matches, roots } from './page';
import { withPart } from './parts';
import { noticeRoute } from './route';
import type { Plan } from './types';

const keys = new WeakMap<Element, number>();
/** How many controls each registered form had. */
const sizes = new WeakMap<Element, unknown>();
let lastKey = 0;
/** The plan's forms, once it is read. */
export let declared: NonNullable<Plan['forms']> = [];

export function keyOf(form: Element): number {
  if (!keys.has(form)) keys.set(form, ++lastKey);
  return keys.get(form)!;
}

/** The form's place in the plan, -1 when it has none. */
export const placeOf = (form: Element): number => declared.findIndex(({ selector }) => matches(form, selector));

/** Every element that may have a key. */
export const allForms = (): Element[] => all(['form', ...declared.map(({ selector }) => selector)].join());

/** Tells the core of declared forms that are new, or have other controls; of all, when its knowledge or what their fields hold may be old. */
export const register = (again: boolean): void =>
  declared.forEach(({ selector }, form) => {
    for (const element of all(selector)) {
      const size = controlsOf(element).length;
      if (again || sizes.get(element) !== size) {
        const key = keyOf(element);
        withPart(() => send({ in: 'form', key, form }));
      }
      sizes.set(element, size);
    }
  });

let changes: MutationObserver | undefined;

/** Made when it is needed: servers, which import this file, have none. */
const watchChanges = (root: Node): void =>
  (changes ??= new MutationObserver(
    guard(() => {
      noticeRoute();
      register(false);
    }),
  )).observe(root, { childList: true, subtree: true });

let watchRoot: (root: EventTarget) => void;

export function watchRoots(watch: (root: EventTarget) => void): void {
  watchRoot = watch;
}

/** Forms may come there from now on. */
export function addRoot(root: Node & ParentNode): void {
  if (roots.includes(root)) return;
  roots.push(root);
  watchRoot(root);
  watchChanges(root);
  register(false);
}

export function watchForms({ forms = [] }: Plan): void {
  declared = forms;
  watchChanges(document);
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => persisted && register(true));
}
