/**
 * Loads several sources, where the plan asks more than one: the most restrictive wins (gate.ts).
 *
 * One that does not come has not granted, so nothing is.
 */

import type { Given } from './gate';

export default function watch(...[asked, answers, send, report]: Given): void {
  asked.ask.forEach(async ({ source }, at) => {
    const file = `./${source}.js`;
    try {
      ((await import(file)) as { default(...given: Given): void }).default(asked, answers, send, report, at);
    } catch (fault) {
      report('consent_unreadable', fault);
    }
  });
}
