/**
 * The snippet for the page's head: keeps the landing, the commands and the submissions in memory
 * until the kernel comes, however late; loads nothing.
 *
 * The kernel takes the queue over, which also quiets the listeners here.
 */

import { landing } from './landing';
import { isGrant, keepEarly } from './early';
import { listen } from './page';
import { captureSubmissions } from './submissions';
import type { Captured, Waiting } from './types';

const MAX_WAITING = 50;

interface Stub extends Waiting {
  (): void;
  q: (IArguments | Captured)[];
}

// Another snippet or the kernel itself may be there already; an element of that id is neither.
if (typeof window.touchmark !== 'function') {
  const stub = function () {
    stub.q.push(arguments);
  } as Stub;
  stub.q = [];
  stub.l = landing;
  (window as { touchmark?: unknown }).touchmark = stub;

  captureSubmissions((captured) => {
    if (stub.q.length < MAX_WAITING) stub.q.push(captured);
  });

  listen('pagehide', () => {
    let granted = false;
    const captured: Captured[] = [];
    const commands = stub.q.filter((item) => {
      if ('form' in item) return captured.push(item) < 0;
      if (item[0] === 'consent') granted = isGrant(item[1]);
      return true;
    });
    if (!granted) return;
    keepEarly(captured);
    // Told of by the next page; this one may come back from the cache.
    stub.q = commands;
  });
}
