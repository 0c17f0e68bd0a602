/**
 * Fills a form's hidden fields with what the core says, never over what somebody typed.
 */

import { controlsOf } from '../page';
import type { Kernel } from './forms';

const written = new WeakMap<Element, string>();

/** One `fill` of the core. `own` fields are touchmark's: rewritten whatever they hold. */
export interface Fill {
  key: number;
  name: string;
  value: string;
  own: boolean;
}

export function fill({ allForms, declared, diagnose, keyOf, placeOf }: Kernel, { key, name: wanted, value, own }: Fill): void {
  const form = allForms().find((one) => keyOf(one) === key);
  const field = form && controlsOf(form).find(({ name, type }) => name === wanted && /hidden|text$/.test(type!));
  if (!field) diagnose('field_missing', wanted);
  else if (own || !field.value || field.value === written.get(field)) {
    if (field.value !== value) {
      // Not by the element's own setter, which frameworks wrap.
      Reflect.set(HTMLInputElement.prototype, 'value', value, field);
      if (declared()[placeOf(form)]?.fill_events) for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
    written.set(field, value);
    // Else the browser brings it back on reload and Back, as if the page had put it there.
    if (field.autocomplete !== 'off') field.autocomplete = 'off';
  }
}

/** There is no core any longer to say what goes. */
export const empty = (kernel: Kernel): void =>
  kernel.allForms().forEach((form) =>
    controlsOf(form).forEach((field) => {
      if (written.has(field)) fill(kernel, { key: kernel.keyOf(form), name: field.name!, value: '', own: false });
    }),
  );
