/**
 * Judges what became of a submission by the signals that the plan declares.
 *
 * A selector counts when it newly shows text; an address when it is newly reached; a request by its status, where the browser tells it. Nothing is patched.
 * Not here: what the outcome means for the event (src/submission).
 */

import { all, guard } from './page';
import type { Outcome, PlanForm, Signal } from './types';

const LIMIT_MILLIS = 10_000;

/** What a signal shows: its visible text, or the address when it is there. */
const look = ({ url, selector }: Signal): string =>
  url
    ? url === location.pathname
      ? url
      : ''
    : all(selector ?? 'x-none')
        .map((one) => (one.getClientRects()[0] ? one.textContent : ''))
        .join('')
        .trim();

/** Failures first: a page that shows both has not accepted. */
export const lookAll = ({ failure = [], success = [] }: PlanForm): string[] => [...failure, ...success].map(look);

/**
 * Tells `sent` when a request for the path was seen, and the outcome; ends with that or after ten
 * seconds. `before` is what was shown when the attempt began.
 */
export function watch(form: PlanForm, tell: (outcome: Outcome) => void, path?: string, before: string[] = []): void {
  const { failure = [], success = [] } = form;
  const settle = (outcome: Outcome): void => {
    tell(outcome);
    if (outcome !== 'sent') stop();
  };
  const check = guard(() => {
    const at = lookAll(form).findIndex((now, at) => now && now !== before[at]);
    if (at >= 0) settle(at < failure.length ? 'failed' : 'accepted');
  });
  const changes = new MutationObserver(check);
  const requests = new PerformanceObserver(
    guard((seen) => {
      for (const { name, responseStatus = 0 } of seen.getEntries() as (PerformanceEntry & { responseStatus?: number })[]) {
        if (new URL(name).pathname === path) {
          settle(responseStatus > 399 ? 'failed' : responseStatus && success.some(({ request }) => request) ? 'accepted' : 'sent');
        }
      }
    }),
  );
  const stop = (): void => {
    changes.disconnect();
    requests.disconnect();
  };
  changes.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  requests.observe({ type: 'resource' });
  setTimeout(stop, LIMIT_MILLIS);
  check();
}
