/**
 * Loads several sources, where the plan asks more than one: the most restrictive wins (gate.ts).
 *
 * One that does not come has not granted, so nothing is.
 */

import { type Given, hear } from './gate';

export default function watch(...[asked, answers, send, report]: Given): void {
  // Before the first of them is there: the page's own word alone must not reach the core.
  answers.hear ??= hear(asked, answers, send, report);
  asked.ask.forEach(async ({ source }, at) => {
    const file = `./${source}.js`;
    try {
      ((await import(file)) as { default(...given: Given): void }).default(asked, answers, send, report, at);
    } catch (fault) {
      report('consent_unreadable', fault);
    }
  });
}
