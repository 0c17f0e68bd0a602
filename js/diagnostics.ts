/**
 * What could not be done, for whoever looks: a ring of the last few, and the console in debug mode.
 *
 * Never sent from here, never a value that somebody typed.
 */

import type { Diagnostic } from './touchmark';

const MAX_KEPT = 50;

let kept: Diagnostic[] = [];
let isDebugging = false;

export function debug(on: boolean): void {
  isDebugging = on;
}

export function diagnose(code: string, about: unknown = ''): void {
  try {
    kept = [...kept, { code, about: `${about}`, at: Date.now() }].slice(-MAX_KEPT);
    if (isDebugging) console.info('touchmark', code, about);
  } catch {
    // A page may have taken the console away, and throw what is no text.
  }
}

export const diagnostics = (): Diagnostic[] => kept;
