/**
 * Where the visitor arrived, read before any other script can rewrite the address.
 *
 * Imported first, so that this is the script's first statement. Not here: what it means (src/touch).
 */

import type { Landing } from './types';

export const query = (): string => location.search.slice(1);

const navigation = (): string | undefined =>
  document.prerendering
    ? 'prerender'
    : (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type;

const snapshot = (): Landing => ({
  at: Date.now(),
  query: query(),
  referrer: document.referrer,
  origin: location.origin,
  path: location.pathname,
  nav: navigation(),
});

export const landing = typeof document === 'undefined' ? undefined : snapshot();

/** As coarse as an event may tell. iPads say they are Macs. */
export const device = (agent = navigator.userAgent): string =>
  /iPad|Tablet|Silk|Android(?!.*Mobile)/.test(agent) || (/Mac/.test(agent) && navigator.maxTouchPoints > 1)
    ? 'tablet'
    : /Mobi/.test(agent)
      ? 'mobile'
      : 'desktop';
