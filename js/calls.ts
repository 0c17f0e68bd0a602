/**
 * Call links: that one was followed, never its number.
 */

import { send } from './core';
import { listen } from './page';

/** A double click is one call. */
const PAUSE_MILLIS = 2000;

export function watchCalls(): void {
  const last = new WeakMap<Element, number>();
  listen<MouseEvent>('click', (event) => {
    const link = (event.target as Element).closest?.('a[href^="tel:" i]');
    const at = Date.now();
    if (!link || at - (last.get(link) ?? 0) < PAUSE_MILLIS) return;
    last.set(link, at);
    send({ in: 'call', at });
  });
}
