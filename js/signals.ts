/**
 * Judges what became of a submission by the signals that the plan declares.
 *
 * A selector counts when it newly shows text, or is newly there; an address when it is newly
 * reached; a request by its status, where the browser tells it. Nothing is patched.
 * Not here: what the outcome means for the event (src/submission).
 */

import { all, guard } from './page';
import type { Outcome, PlanForm, Signal } from './types';

const LIMIT_MILLIS = 10_000;

const pathOf = (url: string): string => new URL(url, location.href).pathname;

/** What a signal shows: nothing, a blank for each element that is there, and their visible text. */
const look = ({ url, selector }: Signal): string =>
  url
    ? url === location.pathname
      ? url
      : ''
    : all(selector ?? 'x-none')
        .map((one) => ' ' + (one.getClientRects()[0] ? one.textContent : ''))
        .join('');

/** Failures first: a page that shows both has not accepted. */
export const lookAll = ({ failure = [], success = [] }: PlanForm): string[] => [...failure, ...success].map(look);

/**
 * Tells `sent` when a request to the address was seen, and the outcome; ends with that or after
 * ten seconds. Without `before`, what was shown when the attempt began, only visible text counts.
 */
export function watch(form: PlanForm, tell: (outcome: Outcome) => void, address?: unknown, before?: string[]): void {
  const { failure = [], success = [] } = form;
  const settle = (outcome: Outcome): void => {
    tell(outcome);
    if (outcome !== 'sent') stop();
  };
  const check = guard(() => {
    const at = lookAll(form).findIndex((now, at) => {
      const then = before ? before[at] : ' ';
      return now !== then && (now.trim() || (now && !then));
    });
    if (at >= 0) settle(at < failure.length ? 'failed' : 'accepted');
  });
  const changes = new MutationObserver(check);
  const requests = new PerformanceObserver(
    guard((seen) => {
      for (const { name, responseStatus = 0 } of seen.getEntries() as (PerformanceEntry & { responseStatus?: number })[]) {
        if (!address || pathOf(name) !== pathOf(form.request ?? `${address}`)) continue;
        settle(responseStatus > 399 ? 'failed' : responseStatus && success.some(({ request }) => request) ? 'accepted' : 'sent');
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
