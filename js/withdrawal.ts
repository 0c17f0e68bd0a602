/**
 * Consent taken back in another tab: a running page hears of it at once, one that was frozen or
 * in the browser's cache before anything else when it is back.
 *
 * The core says it to the other tabs by a key that stays for a moment only. A page that goes away
 * leaves a mark; a withdrawal removes it with all else. Not here: what a withdrawal does (src/).
 */

import { guard, listen } from './page';
import { part } from './parts';
import { handleCommand } from './queue';
import { keptIn } from './session';
import { wipe } from './shell';
import { WITHDRAWN } from './shell/storage';
import type { Input } from './types';

const MARK = 'touchmark.grant';
let isMarked = false;

const hear = (said: object): unknown => handleCommand('consent', { ...said, far: true });

/** The page goes away with leave to keep something. */
export const leaveMark = guard(() => {
  keptIn()?.setItem(MARK, '');
  isMarked = !!keptIn();
});

/** The core is gone for good: what it kept, sends and filled in goes with the first word against it. */
export const forget = guard((said: Input | undefined): void => {
  if (!/denied|withdrawn/.test(JSON.stringify(said))) return;
  part?.empty();
  wipe('');
});

export function watchWithdrawals(): void {
  listen<StorageEvent>('storage', ({ key, newValue }) => key === WITHDRAWN && newValue && hear(JSON.parse(newValue) as object));
  for (const type of ['pageshow', 'resume']) {
    listen(type, () => {
      if (isMarked && keptIn()!.getItem(MARK) === null) hear({ all: 'withdrawn' });
      isMarked = false;
    });
  }
}
