/**
 * The kernel's hands: what the core calls of the browser, one small file for each API.
 *
 * In the order of js/glue.d.ts. None of them throws into wasm. Not here: deciding anything, and
 * how the core is called (core.ts).
 */

import type { glue } from 'touchmark:glue';
import { guard } from '../page';
import { wake } from './clock';
import { announce } from './layer';
import { isMatch } from './pattern';
import { discard, keep, kept, wipe as wipeStorage } from './storage';
import { abort, post } from './transport';

/** Forgets all that is kept and ends all that is on its way. */
export const wipe = guard((said: string): void => {
  abort();
  wipeStorage(said);
});

export type Hands = Parameters<typeof glue>;

export const hands = [announce, discard, isMatch, keep, kept, post, wake, wipe].map(guard as never) as unknown as Hands;
