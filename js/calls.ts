/**
 * Call links: that one was followed, never its number.
 */

import { send } from './core';
import { closest, listen } from './page';

/** A double click is one call. */
const PAUSE_MILLIS = 2000;

export function watchCalls(): void {
  let last: Element | null;
  let next = 0;
  listen<MouseEvent>('click', (event) => {
    const link = closest(event.target, 'a[href^="tel:" i]');
    const at = Date.now();
    if (!link || (link === last && at < next)) return;
    last = link;
    next = at + PAUSE_MILLIS;
    send({ in: 'call', at });
  });
}
