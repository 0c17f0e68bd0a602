/**
 * Call links: that one was followed, never its number.
 */

import { send } from './core';
import { listen } from './page';

/** A double click is one call, also when a script swaps the link in between. */
const PAUSE_MILLIS = 2000;

export function watchCalls(): void {
  let next = 0;
  listen<MouseEvent>('click', (event) => {
    const at = Date.now();
    // As it is now, however late a script gave it its number, and through open shadow roots.
    if (at < next || !event.composedPath().some((one) => (one as HTMLAnchorElement).protocol === 'tel:')) return;
    next = at + PAUSE_MILLIS;
    send({ in: 'call', at });
  });
}
