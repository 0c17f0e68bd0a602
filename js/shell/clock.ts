/**
 * The one timer.
 */

import { later } from '../core';

/** The longest wait: browsers keep timeouts in 31 bits. */
const MAX_WAIT_MILLIS = 2 ** 31 - 1;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Has `wake` said at a moment; the former wish is void. */
export function wake(at: number): void {
  clearTimeout(timer);
  timer = setTimeout(later(() => ({ in: 'wake' })), Math.min(at - Date.now(), MAX_WAIT_MILLIS));
}
