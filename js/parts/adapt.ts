/**
 * Brings the adapters that the plan names, and gives each its hands.
 *
 * An adapter is a file of its own, one a tool, in adapters/; the parts about touches come by the same
 * way, for forms of their own that plan build adds (touch.ts). It hears messages only from the origin
 * that the plan lists for its form.
 */

import type { Outcome, PlanForm } from '../types';
import type { Kernel } from './forms';

/** What an adapter may do. */
export interface Hands {
  plan: PlanForm;
  /** The form's elements in this page; none where the tool lives in a frame. */
  forms(): Element[];
  say(form: Element, outcome: Outcome): void;
  /** It was sent where nobody can read it. */
  unread(): void;
  /** Messages from the plan's origin, or the page's own. */
  hear(run: (message: Record<string, unknown>) => void): void;
  /** Submits that are none, such as a wizard's "Next". */
  veto(isNone: (form: Element) => boolean): void;
  guard: Kernel['guard'];
  kernel: Kernel;
}

export type Veto = (form: Element) => boolean;

/** Resolves when all that were named hear, or can't be had. */
export function adapt(kernel: Kernel, say: Hands['say'], vetoes: Veto[]): Promise<unknown> {
  const { all, declared, diagnose, guard, send } = kernel;
  const comings = declared().map((plan, place) => {
    if (!plan.adapter) return undefined;
    const hands: Hands = {
      plan,
      forms: () => all(plan.selector!),
      say,
      unread: () => send({ in: 'early', early: [{ form: place, nonce: crypto.randomUUID().replace(/-/g, ''), intent: 1, at: Date.now(), native: true }] }),
      hear(run) {
        addEventListener(
          'message',
          guard(({ origin, data }: MessageEvent) => {
            if (origin !== plan.origin && origin !== location.origin) return;
            // Text is JSON or nothing to do with this.
            const message: unknown = typeof data === 'string' && data[0] === '{' && data.length < 10_000 ? JSON.parse(data) : data;
            if (message && typeof message === 'object') run(message as Record<string, unknown>);
          }) as (event: Event) => void,
        );
      },
      veto: (isNone) => vetoes.push((form) => all(plan.selector!).includes(form) && isNone(form)),
      guard,
      kernel,
    };
    return (import(new URL(`touchmark.${plan.adapter}.js`, kernel.base()).href) as Promise<{ default(hands: Hands): void }>).then(
      guard((made) => made.default(hands)),
      (fault) => diagnose('part_unreadable', fault),
    );
  });
  return Promise.all(comings);
}
