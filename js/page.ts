/**
 * The page without its tricks: members that no input's name can shadow, and callbacks that keep
 * their faults to themselves.
 */

/** What the walk needs of any listed element: each may lack any member. */
export interface Control extends Element {
  type?: string;
  name?: string;
  value?: string;
  autocomplete?: string;
  files?: FileList | null;
  options?: unknown;
}

/** Reads by the prototype's getter: `<input name=action>` shadows only the form's own. */
export const memberOf = (form: Element, name: string): unknown => Reflect.get(HTMLFormElement.prototype, name, form);

export const controlsOf = (form: Element): Control[] => [...(memberOf(form, 'elements') as Iterable<Control>)];
export const matches = (of: Element, selector: string): boolean => Element.prototype.matches.call(of, selector);
export const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];

let onFault: (fault: unknown) => void = () => {};

/** Where faults are told; the stub tells nobody. */
export function tellFaults(tell: (fault: unknown) => void): void {
  onFault = tell;
}

/** The function, never throwing. */
export const guard =
  <A extends unknown[], R>(run: (...of: A) => R) =>
  (...of: A): R | undefined => {
    try {
      return run(...of);
    } catch (fault) {
      onFault(fault);
      return undefined;
    }
  };

/** Listens in the capture phase, before the page's own code, unless `late`. */
export function listen<E extends Event>(type: string, run: (event: E) => void, late?: boolean): void {
  addEventListener(type, guard(run) as (event: Event) => void, !late);
}
