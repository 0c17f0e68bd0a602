/**
 * The signals that a plan declares: an address, a text that shows, an event, an entry of the data
 * layer. And how the page is listened to meanwhile.
 *
 * Not here: requests (forms.ts), and what a signal means for the submission.
 */

import type { PlanForm, Signal } from '../types';
import type { Kernel } from './forms';
import { isVisible } from './marks';

/** How often the page is looked at though nothing in it changed. */
export const ASK_MILLIS = 100;
const DEEP = { attributes: true, characterData: true, childList: true, subtree: true };

/** What the signals showed when an attempt began. */
export interface Shown {
  /** Of each signal. */
  shown: string[][];
  /** The data layer: tag managers shift old entries out of a full one. */
  layer: unknown[];
}

/** Failures first: a page that shows both has not accepted. */
export const signalsOf = ({ failure = [], success = [] }: PlanForm): Signal[] => [...failure, ...success];

const textsOf = ({ all }: Kernel, { url, selector }: Signal): string[] =>
  (url ? [url === location.pathname ? url : ''] : selector ? all(selector).map((one) => (isVisible(one) ? one.textContent!.trim() : '')) : []).filter(Boolean);
const layer = ({ plan }: Kernel): { event?: unknown }[] => {
  const found = (window as unknown as Record<string, unknown>)[plan()?.data_layer || 'dataLayer'];
  return Array.isArray(found) ? (found as { event?: unknown }[]) : [];
};

export const shownBy = (kernel: Kernel, form: PlanForm): Shown => ({ shown: signalsOf(form).map((one) => textsOf(kernel, one)), layer: [...layer(kernel)] });

/** Listens until the returned function is called. */
export const on = ({ guard }: Kernel, type: string, run: (event: Event) => void): (() => void) => {
  const heard = guard(run);
  addEventListener(type, heard, true);
  return () => removeEventListener(type, heard, true);
};

/** Which signals hold that did not before; `hear` is called with the first. */
export const awaitSignals = (kernel: Kernel, form: PlanForm, before: Shown, hear: (outcome: 'accepted' | 'failed') => void, renews?: boolean): { check(): boolean; stop(): void } => {
  const wanted = signalsOf(form);
  const fails = form.failure?.length ?? 0;
  const heard = new Set<string>();
  const stops = wanted.flatMap(({ event }) =>
    event
      ? [
          on(kernel, event, () => {
            heard.add(event);
            check();
          }),
        ]
      : [],
  );
  const check = (): boolean => {
    const { length } = before.layer;
    const entries = layer(kernel);
    const pushed = entries.slice(entries.lastIndexOf(before.layer[length - 1] as object, length - 1) + 1).map((item) => item?.event);
    const at = wanted.findIndex((signal, at) => {
      if (signal.event) return heard.has(signal.event);
      if (signal.data_layer) return pushed.includes(signal.data_layer);
      const now = textsOf(kernel, signal);
      const old = before.shown[at] ?? [];
      // One of several that goes away is no news.
      const isNew = now.length > old.length || now.some((text) => !old.includes(text));
      if (!isNew && renews) before.shown[at] = now;
      return isNew;
    });
    if (at >= 0) hear(at < fails ? 'failed' : 'accepted');
    return at >= 0;
  };
  return { check, stop: () => stops.forEach((stop) => stop()) };
};

/** Runs at each change of the page, or of the form's own tree, and now and then. */
export const observe = ({ guard }: Kernel, form: Element | undefined, run: () => void): (() => void) => {
  const changes = new MutationObserver(guard(run));
  changes.observe(document, DEEP);
  const root = form && Node.prototype.getRootNode.call(form);
  if (root && root !== document) changes.observe(root, DEEP);
  const timer = setInterval(guard(run), ASK_MILLIS);
  return () => {
    changes.disconnect();
    clearInterval(timer);
  };
};
