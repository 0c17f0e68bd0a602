/**
 * Batches onto the network.
 *
 * `fetch` with keepalive: it outlives the page, and unlike `sendBeacon` it can leave out referrer
 * and credentials and refuse redirects. A text body needs no preflight. What the endpoint says
 * besides status and `Retry-After` is never read. Not here: when to try again (src/outbox).
 */

import { asText, later } from '../core';
import { diagnose } from '../diagnostics';
import { note } from '../journal';

const TIMEOUT_MILLIS = 5_000;

const flights = new Set<AbortController>();

/** Seconds, or a date by the visitor's own clock (RFC 9110, 10.2.3), into seconds. */
const waitOf = (asked: string): number => Math.max(0, Math.floor(+asked >= 0 ? +asked : (Date.parse(asked) - Date.now()) / 1000)) || 0;

/** The input `delivered` says what came of it; status 0 for no answer. */
export function post(batch: number, url: string, body: string, isCloudevents: boolean): void {
  const settle = later((core, response?: Partial<Response>) =>
    core.handle(asText({ in: 'delivered', batch, status: response?.status ?? 0, retry_after: waitOf(response?.headers?.get('Retry-After') ?? ''), online: navigator.onLine })!),
  );
  const fail = (fault: unknown): void => {
    diagnose('send_failed', fault);
    settle();
  };
  const flight = new AbortController();
  try {
    const { pathname } = new URL(url, location.href);
    // A polluted Object.prototype has no say: what is not here has the standard's default.
    fetch(url, {
      __proto__: null,
      method: 'POST',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      keepalive: true,
      headers: [['Content-Type', isCloudevents ? 'application/cloudevents-batch+json' : 'text/plain']],
      body,
      signal: flight.signal,
    } as RequestInit)
      .then((answer) => {
        // A service worker's own page, such as the one for visitors who are offline, is no answer.
        if (answer.url && new URL(answer.url).pathname !== pathname) throw answer.url;
        settle(answer);
      })
      .catch(fail);
    flights.add(flight);
    setTimeout(() => (flight.abort(), flights.delete(flight)), TIMEOUT_MILLIS);
    note(body);
  } catch (fault) {
    fail(fault);
  }
}

/** Whatever is on its way, also from an instance that trapped. */
export const abort = (): void => flights.forEach((flight) => flight.abort());
