/**
 * What a form sends, in the core's terms: name, value and kind of control.
 *
 * By the standard's rules for the entry list. File contents and passwords are not told.
 * Source: WHATWG HTML, "constructing the entry list".
 * Not here: when to read (submissions.ts), which values may leave (src/privacy).
 */

import { autocompleteOf, type Control } from '../page';
import type { Captured, Entry } from '../types';

/** What a form maps to no field costs a look only; events tell of 10,000 controls at most. */
const MAX_ENTRIES = 4000;
const MAX_VALUE_CHARS = 4096;
/** In a control's type, autocomplete or id: a password shown as text is still one. */
const SECRET = /passw|one-time|\bcc-/i;
/** By first letters: submit, reset, button, image, fieldset, output. */
const BUTTON = /^(su|re|b|i|fie|o)/;

/** A file counts as present: its name and content are nobody's business. */
const entry = (name: string, value: string | File, kind: string, hint?: string): Entry => [
  name,
  kind === 'password' ? '' : typeof value !== 'string' ? value.name && '1' : kind === 'file' ? value && '1' : value.slice(0, MAX_VALUE_CHARS),
  kind,
  ...(hint ? [hint] : []),
] as Entry;

/** The field or the token that the page's author gave a control. */
export const hintOf = (control: Control): string => control.getAttribute('data-touchmark-field') ?? autocompleteOf(control).split(/\s+/).pop()!;

/** What was really sent, where the page or the browser made it; else what was read. */
export function readEntries({ reading = [], data, submitter, native }: Captured): Entry[] {
  const read = reading.flatMap(([control, value = '']) => {
    const { id, type } = control;
    // The browser sends nothing without a name; the page's own code may know it by its id.
    const name = control.name || (!native && id);
    return name && type && (control === submitter || !BUTTON.test(type))
      ? [entry(name, value, SECRET.test(type + autocompleteOf(control) + id) ? 'password' : type, hintOf(control))]
      : [];
  });
  // Kind and hint are those of the control of that name.
  const sent = data && [...data].map(([name, value]) => entry(name, value, ...((read.find((one) => one[0] === name)?.slice(2) ?? ['custom']) as [string, string?])));
  return (sent ?? read).slice(0, MAX_ENTRIES);
}
