/**
 * What a form sends, in the core's terms: name, value and kind of control.
 *
 * By the standard's rules for the entry list. File contents and passwords are not told.
 * Source: WHATWG HTML, "constructing the entry list".
 * Not here: when to read (submissions.ts), which values may leave (src/privacy).
 */

import { type Control, controlsOf } from './page';
import type { Captured, Entry, Reading } from './types';

const MAX_ENTRIES = 200;
const MAX_VALUE_CHARS = 4096;
/** By first letters: submit, reset, button, image, fieldset, output. */
const BUTTON = /^(su|re|b|i|fie|o)/;

/** A password shown as text is still one. */
const kindOf = ({ type, autocomplete }: Control): string | undefined => (/password/.test(type! + autocomplete) ? 'password' : type);

/** A file counts as present: its name and content are nobody's business. */
const entry = (name: string, value: string | File = '', kind: string): Entry => [
  name,
  kind === 'password' ? '' : typeof value === 'string' ? value.slice(0, MAX_VALUE_CHARS) : value.name && '1',
  kind,
];

const entriesOf = (reading: Reading, submitter: Element | null): Entry[] =>
  reading.flatMap(([control, values]) => {
    const { name, type, files } = control;
    const kind = kindOf(control);
    if (!name || !kind || (BUTTON.test(type!) && control !== submitter)) return [];
    return (files ? [files[0]] : values).map((value) => entry(name, value, kind));
  });

/**
 * What was really sent, else the later reading, since handlers fill fields in; but what they
 * emptied or removed meanwhile, having taken it, counts as it was.
 */
export function readEntries({ before = [], after = [], data, submitter }: Captured): Entry[] {
  const then = entriesOf(before, submitter);
  const now = entriesOf(after, submitter);
  const filled = now.filter((one) => one[1]);
  const lacks = (entries: Entry[]) => (one: Entry) => !entries.some((other) => other[0] === one[0]);
  const entries = data
    ? [...data].map(([name, value]) => entry(name, value, [...now, ...then].find((one) => one[0] === name)?.[2] ?? 'custom'))
    : [...filled, ...then.filter(lacks(filled))];
  return entries.slice(0, MAX_ENTRIES);
}

/** How many controls a visitor can fill in. */
export const countControls = (form: Element): number =>
  controlsOf(form).filter(({ type }) => type !== 'hidden' && !BUTTON.test(type!)).length;
