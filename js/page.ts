/**
 * The page without its tricks: members that no input's name can shadow, and callbacks that keep
 * their faults to themselves.
 */

import { diagnose } from './diagnostics';

/** What the walk needs of any listed element: each may lack any member. */
export interface Control extends Element {
  type?: string;
  name?: string;
  value?: string;
  autocomplete?: string;
  inputMode?: string;
  options?: unknown;
}

/** Reads by the prototype's getter: `<input name=action>` shadows only the form's own. */
export const memberOf = (form: Element, name: string): unknown => Reflect.get(HTMLFormElement.prototype, name, form);

/** Whatever realm it is from, and whatever its inputs are called. */
export const isForm = (target: unknown): boolean => /Form/.test({}.toString.call(target));
/** Of a form, also those that stand elsewhere; of a container that the plan names, those inside. */
export const controlsOf = (form: Element): Control[] => [
  ...((__STUB__ || isForm(form) ? memberOf(form, 'elements') : form.querySelectorAll('input,select,textarea')) as Iterable<Control>),
];
export const matches = (of: Element, selector: string): boolean => Element.prototype.matches.call(of, selector);
export const closest = (of: EventTarget | null, selector: string): Element | null => Element.prototype.closest.call(of as Element, selector);
/** As the author wrote it: Firefox's own member is empty for tokens that it does not know. */
export const autocompleteOf = (control: Element): string => (control.getAttribute('autocomplete') ?? '').trim().toLowerCase();
/** Open shadow roots, and what else a part has found forms in. */
export const roots: ParentNode[] = [];
export const all = (selector: string): Element[] => [document, ...roots].flatMap((root) => [...root.querySelectorAll(selector)]);

/** The function, never throwing. */
export const guard =
  <A extends unknown[], R>(run: (...of: A) => R) =>
  (...of: A): R | void => {
    try {
      return run(...of);
    } catch (fault) {
      // The stub has nobody to tell. Storage that is denied or full is no fault of the kernel's.
      if (!__STUB__) diagnose(/^(Security|Quota)/.test((fault as Error | undefined)?.name!) ? 'storage_failed' : 'kernel_fault', fault);
    }
  };

/** Listens in the capture phase, before the page's own code, unless `late`. */
export function listen<E extends Event>(type: string, run: (event: E) => void, late?: boolean, on: EventTarget = window): void {
  on.addEventListener(type, guard(run) as (event: Event) => void, !late);
}
