/**
 * The data layer of tag managers: one global array.
 */

import { diagnose } from '../diagnostics';

/** Pushes an object, given as JSON; makes the array when it is missing. */
export function announce(layer: string, object: string): void {
  try {
    // A tag manager replaces `push` with its own, which may throw.
    ((window as unknown as Record<string, unknown[]>)[layer] ||= []).push(JSON.parse(object));
  } catch {
    diagnose('announce_failed', layer);
  }
}
