/**
 * The browser's storage: touchmark's own keys, and nobody else's.
 *
 * In a sandboxed frame even reading the property throws. Not here: what a record means (src/outbox).
 */

import { asText } from '../core';
import { diagnose } from '../diagnostics';
import { note } from '../journal';
import { guard } from '../page';

const PREFIX = 'touchmark.';
/** A withdrawal on its way to the site's other tabs; it stays for no longer than a moment. */
export const WITHDRAWN = `${PREFIX}withdrawn`;

function open(isLocal: boolean): Storage | undefined {
  try {
    return isLocal ? localStorage : sessionStorage;
  } catch {
    return undefined;
  }
}

/** Does something with each of touchmark's keys, those that outlive the tab first. */
function each(run: (isLocal: boolean, key: string) => void): void {
  for (const isLocal of [true, false]) for (const key of Object.keys(open(isLocal) ?? {})) if (key.startsWith(PREFIX)) run(isLocal, key);
}

/**
 * What is kept, as the core's input; `lasts` says whether the next page in this tab will find what
 * this one keeps. A frame is none: its referrer is the page around it, and that one tells its own
 * landing.
 */
export function kept(): string {
  const records: Record<string, string> = {};
  guard(each)((isLocal, key) => (records[key] ??= open(isLocal)!.getItem(key)!));
  return `${asText({ in: 'loaded', records, lasts: !!open(true) && parent === window })}`;
}

export function discard(isLocal: boolean, key: string): void {
  try {
    open(isLocal)?.removeItem(key);
  } catch {
    // A page may have broken it; who keeps something hears of it.
  }
}

/** Where the browser would not keep a text, the key is gone: no text is better than a former one. */
export function keep(isLocal: boolean, key: string, text: string): void {
  for (let tries = 2; tries--; ) {
    try {
      open(isLocal)!.setItem(key, text);
      return note(text);
    } catch {
      discard(isLocal, key);
    }
  }
  diagnose('storage_failed', key);
}

/** Forgets all of it. The site's other tabs hear of it with `said`, if that is not empty. */
export function wipe(said: string): void {
  each(discard);
  if (!said) return;
  // Last: where storage is full there is room by now.
  keep(true, WITHDRAWN, said);
  discard(true, WITHDRAWN);
}
