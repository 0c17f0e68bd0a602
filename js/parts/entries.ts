/**
 * What a form sends, in the core's terms: name, value and kind of control.
 *
 * By the standard's rules for the entry list. File contents and passwords are not told.
 * Source: WHATWG HTML, "constructing the entry list".
 * Not here: when to read (submissions.ts), which values may leave (src/privacy).
 */

import type { Captured, Entry } from '../types';

const MAX_ENTRIES = 200;
const MAX_VALUE_CHARS = 4096;
/** By first letters: submit, reset, button, image, fieldset, output. */
const BUTTON = /^(su|re|b|i|fie|o)/;

/** A file counts as present: its name and content are nobody's business. */
const entry = (name: string, value: string | File, kind: string): Entry => [
  name,
  kind === 'password' ? '' : typeof value !== 'string' ? value.name && '1' : kind === 'file' ? value && '1' : value.slice(0, MAX_VALUE_CHARS),
  kind,
];

/** What was really sent, where the page or the browser made it; else what was read. */
export function readEntries({ reading = [], data, submitter }: Captured): Entry[] {
  const read = reading.flatMap(([control, value = '']) => {
    const { name, type, autocomplete } = control;
    return name && type && (control === submitter || !BUTTON.test(type))
      ? // A password shown as text is still one.
        [entry(name, value, /password/.test(type + autocomplete) ? 'password' : type)]
      : [];
  });
  const sent = data && [...data].map(([name, value]) => entry(name, value, read.find((one) => one[0] === name)?.[2] ?? 'custom'));
  return (sent ?? read).slice(0, MAX_ENTRIES);
}
