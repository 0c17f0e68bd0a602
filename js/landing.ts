/**
 * Where the visitor arrived, read before any other script can rewrite the address.
 *
 * Imported first, so that this is the script's first statement. Not here: what it means (src/touch).
 */

import type { Landing } from './types';

/** Every tablet's shorter side. */
const TABLET_PX = 600;

/** A browser takes addresses of 2 MB; the core looks at 64 KiB (MAX_QUERY_BYTES), and leaves out what is cut. */
const MAX_QUERY_CHARS = 65_537;

export const query = (): string => location.search.slice(1, 1 + MAX_QUERY_CHARS);

const snapshot = (): Landing => {
  let nav: string | undefined;
  try {
    nav = (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type;
  } catch {
    // A page may have replaced it: then every arrival is a navigation of its own.
  }
  return { at: Date.now(), query: query(), referrer: document.referrer, origin: location.origin, path: location.pathname, nav };
};

// Servers import the module too.
export const landing = __MODULE__ && typeof document === 'undefined' ? undefined : snapshot();

/** As coarse as an event may tell. */
export const device = (): string =>
  matchMedia('(pointer:coarse)').matches ? (Math.min(screen.width, screen.height) < TABLET_PX ? 'mobile' : 'tablet') : 'desktop';
