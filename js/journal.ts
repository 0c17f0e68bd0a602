/**
 * What a trap would lose: inputs that have become no stored record and no request yet. A fresh
 * instance is told of them again, and of nothing else: neither lost nor doubled.
 *
 * Whether there are any the core says after each call (`owe`); within a call what it keeps and
 * sends goes through here. Not here: telling (core.ts).
 */

import { makeNonce } from './early';
import { guard } from './page';
import { arrival } from './session';
import type { Input } from './types';

export let owed: Input[] = [];
let isOwing = false;

export function owe(): void {
  isOwing = true;
}

/** A call begins; its input is owed until the contrary is seen. */
export function enterInput(input: Input): void {
  const MAX_OWED = 50;
  owed = [...owed, input].slice(-MAX_OWED);
}

/** A call is over, its outputs are carried out. */
export function leaveInput(): void {
  if (!isOwing) owed = [];
  isOwing = false;
}

/**
 * An instance trapped on this input. Told a second time in vain, it is left out: what it held
 * can't be read, but that there was a submission can be told.
 */
export function blame(input: Input): void {
  const { again, form, at, native } = input;
  input.again = true;
  if (again) owed = owed.flatMap((one) => (one !== input ? one : one.in === 'submit' ? { in: 'early', early: [{ form, nonce: makeNonce(), intent: 1, at, native }] } : []));
}

const tells = (text: string, at: unknown): unknown => at && text.includes(new Date(at as number).toISOString());

/** What these events tell of, kept or sent, is owed no longer. */
export const note = guard((text: string) => {
  // Touches, and a withdrawal.
  if (text[0] === '{') return;
  if (tells(text, arrival.at)) arrival.known = true;
  owed = owed.filter(({ at }) => !tells(text, at));
});
