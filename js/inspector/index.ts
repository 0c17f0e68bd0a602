/**
 * The inspector: loaded instead of the core by `?touchmark=inspect`, where the plan allows it.
 *
 * `inspect` is a dry run, `inspect-live` sends as on any visit. Nothing that somebody typed goes
 * anywhere but onto the screen.
 * Not here: the kernel's question whether to load it (install.ts).
 */

import type { Kernel } from '../parts/forms';
import type { Make } from '../load';
import type { Hands } from '../shell';
import { inspectedCore } from './core';
import { brokenBy, formsView } from './forms';
import { type FormLook, type Look, lookAtAll } from './look';
import { openPanel, type Shown } from './panel';
import { ticketOf } from './ticket';
import { arrivalView, consentView, deliveryView, diagnosticsView } from './views';

const LIVE = 'touchmark=inspect-live';
const LOOK_EVERY_MILLIS = 1000;

const wordsOf = ({ id, report }: FormLook): string => {
  if (!report) return `${id} not judged`;
  const broken = report.fields.map(({ field }) => [field, brokenBy(report, field)] as const).filter(([, rules]) => rules.length);
  return `${id} ${report.verdict}${broken.length ? `: ${broken.map(([field, rules]) => `${field} ${rules.join(', ')}`).join('; ')}` : ''}`;
};

function verdictOf({ forms }: Look): Shown['verdict'] {
  const declared = forms.filter(({ standing }) => standing === 'declared');
  if (!declared.length) return { kind: 'none', text: 'no declared form' };
  const isGood = declared.every(({ report }) => report?.verdict === 'valid');
  return { kind: isGood ? 'good' : 'bad', text: declared.map(wordsOf).join(' · ') };
}

/** As the page was asked for, whatever its scripts have made of the address since; else as the one before it. */
function asked(): string {
  const own = performance.getEntriesByType('navigation')[0]?.name ?? location.href;
  return own.includes('touchmark=inspect') ? own : document.referrer;
}

export default async (kernel: Kernel, hands: Hands): Promise<Make> => {
  const { guard } = kernel;
  const isDry = !asked().includes(LIVE);
  const plan = kernel.plan()!;
  const planText = JSON.stringify(plan);
  let last: Look | undefined;
  let drawn = '';
  let isDue = false;

  const later = (): void => {
    if (isDue) return;
    isDue = true;
    // Not a frame: a page in the background has none.
    setTimeout(guard(draw));
  };
  const { make, inspected } = await inspectedCore(new URL('touchmark.inspector.wasm', import.meta.url), hands, plan, isDry, later);

  const ticket = (): string => ticketOf(look(), { version: `${window.touchmark?.v}`, isDry, at: Date.now() });
  const switched = (): string => {
    const address = new URL(location.href);
    address.searchParams.set('touchmark', isDry ? 'inspect-live' : 'inspect');
    return address.href;
  };
  const panel = openPanel(
    isDry,
    [
      { title: 'Copy JSON', hint: 'Everything that is shown, for a ticket, without what was typed', run: () => navigator.clipboard.writeText(ticket()).then(() => 'Copied', () => 'The browser would not copy: save it') },
      { title: 'Save JSON', hint: 'The same as a file', run: () => save(ticket()) },
      {
        title: isDry ? 'Go live' : 'Go dry',
        hint: isDry ? 'Load the page anew, and send as on any visit' : 'Load the page anew, and send nothing',
        run() {
          location.assign(switched());
          return '';
        },
      },
    ],
    guard,
    later,
  );

  const look = (): Look => lookAtAll(kernel, inspected, planText);

  function draw(): void {
    isDue = false;
    if (!panel.isOpen() && drawn === 'folded') return;
    last = look();
    const { forms, state, notes, diagnostics } = last;
    // Made anew only when something changed: a selection in it would be lost.
    const signature = JSON.stringify([last.landing, state, notes.length, [...last.answers], diagnostics, last.absent, forms.map(({ element: _, places: __, values, ...form }) => [form, [...values]])]);
    if (signature === drawn) return;
    drawn = signature;
    const isInvalid = forms.some(({ report }) => report?.verdict === 'invalid');
    panel.show({
      about: [`page ${state?.page ?? '?'}`, state && `plan ${state.plan}`, state && `schema ${state.schema.split('/').pop()}`, `v${window.touchmark?.v}`].filter(Boolean).join(' · '),
      verdict: verdictOf(last),
      tabs: [
        { id: 'forms', title: 'Forms', count: forms.length, isBad: isInvalid, view: formsView(last, panel.point) },
        { id: 'arrival', title: 'Arrival', view: arrivalView(last) },
        { id: 'consent', title: 'Consent', view: consentView(last) },
        { id: 'delivery', title: 'Delivery', count: (state?.outbox.length ?? 0) + notes.filter(({ what }) => what === 'send').length, view: deliveryView(last) },
        { id: 'diagnostics', title: 'Diagnostics', count: diagnostics.length, isBad: diagnostics.length > 0, view: diagnosticsView(last) },
      ],
    });
  }

  for (const type of ['input', 'change', 'reset', 'submit']) addEventListener(type, later, true);
  new MutationObserver(later).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['name', 'type', 'disabled', 'value', 'id', 'class'] });
  // Values that scripts set fire nothing, and diagnostics come by themselves.
  setInterval(later, LOOK_EVERY_MILLIS);
  later();
  return make;
};

function save(text: string): string {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: `touchmark-${new Date().toISOString().replace(/\W/g, '').slice(0, 15)}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return 'Saved';
}
