/**
 * Submissions that outrun the core: the page navigates first, the next page tells of them.
 *
 * Only which form, when and under which id stays, in sessionStorage, and only under a known grant.
 * Every storage access may throw (sandboxed frames). Not here: who may ask (stub.ts, intake.ts).
 */

import { guard, memberOf } from './page';
import type { Captured, Early } from './types';

const KEY = 'touchmark.early';

/** Whether a `consent` command alone is enough to keep something. */
export const isGrant = (said: unknown): boolean => {
  const { store = said, send = said } = said as Record<string, unknown>;
  return store === 'granted' && send === store;
};

/** 32 hex digits. The stub, which counts its bytes, has none on pages without TLS. */
export const makeNonce = (): string | undefined => {
  if (__STUB__) return crypto.randomUUID?.().replace(/-/g, '');
  const bytes = new Uint8Array(16);
  // A page may have broken it: worse numbers are better than an id that others have.
  guard(() => crypto.getRandomValues(bytes))() ?? bytes.forEach((_, at) => (bytes[at] = Math.random() * 256));
  return [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join('');
};

/** What earlier pages left; now this one's to tell. */
export const takeEarly = guard((): Early[] | null => {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return JSON.parse(kept!) as Early[] | null;
});

/**
 * Keeps the submissions for the next page, each under a nonce of its own: should this page come
 * back from the cache, none of its ids can meet theirs. `nameOf` is what the stub lacks: a form's id in the plan.
 */
export const keepEarly = guard((captured: Iterable<Captured>, nameOf?: (form: Element) => string | undefined): void => {
  // By form: a double click is one submission.
  const kept = new Map<unknown, Early>();
  for (const { form, native, at } of captured) {
    // What a guard against double clicks cancels takes nothing back.
    if (native || (native === false && !kept.get(form)?.[0])) kept.set(form, [native, at, makeNonce(), ...((__STUB__ ? [memberOf(form, 'id'), memberOf(form, 'name')] : [nameOf!(form)]) as [unknown])]);
  }
  if (kept.size) sessionStorage.setItem(KEY, JSON.stringify([...(takeEarly() ?? []), ...kept.values()]));
});
