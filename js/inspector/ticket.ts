/**
 * What a ticket needs, as JSON: everything that is shown, but nothing that somebody typed.
 *
 * Envelopes hold what leaves the page by the plan, and no more. Of the address only origin and path.
 */

import type { Look } from './look';

export interface About {
  version: string;
  isDry: boolean;
  at: number;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export const ticketOf = ({ forms, absent, landing, state, notes, answers, diagnostics }: Look, { version, isDry, at }: About): string =>
  JSON.stringify(
    {
      touchmark: version,
      at: new Date(at).toISOString(),
      address: location.origin + location.pathname,
      browser: navigator.userAgent,
      mode: isDry ? 'dry run' : 'live',
      forms: forms.map(({ id, selector, contract, standing, controls, report, values, intents }) => ({
        ...(standing === 'declared' ? { id, selector, contract } : {}),
        standing,
        controls: report ? report.controls.map((control) => ({ ...control, is_filled: values.has(control.name) })) : controls,
        ...(report && { verdict: report.verdict, violations: report.violations, fields: report.fields, hidden: report.hidden.map(([control, source]) => ({ control, source, is_filled: values.has(control) })) }),
        intents,
      })),
      absent,
      landing,
      state,
      sent: notes.map(({ at: sentAt, body, batch, ...note }) => ({ at: new Date(sentAt).toISOString(), ...note, ...(note.what === 'send' && !note.is_held && { answer: answers.get(batch) ?? null }), body: parsed(body) })),
      diagnostics,
    },
    null,
    2,
  );
