/**
 * The IAB's Transparency and Consent Framework, 2.2 and 2.3, by the page's own `__tcfapi`.
 *
 * Counts once the visitor's choice is known (`tcloaded`, `useractioncomplete`), and not while
 * `gdprApplies` is undefined. Only consent counts, no legitimate interest.
 * Source: IAB Tech Lab, Consent Management Platform API v2, "addEventListener", "TCData".
 * Not here: frames whose CMP is in the page above (`__tcfapiLocator`).
 */

import { allOf, type Given, own, type Settings, voiceOf, type Word } from './gate';

interface Tcf extends Settings {
  /** Id in the Global Vendor List; without it purposes alone decide. */
  vendor?: number;
  /** What it means when the CMP says that the GDPR does not apply. */
  not_applicable: Word;
}

const CHOSEN = ['tcloaded', 'useractioncomplete'];
/** A publisher lets a vendor use a purpose by consent; anything else takes it away. */
const BY_CONSENT = 1;

export default function watch(...given: Given): void {
  const { settings, say, guard, await: wait } = voiceOf<Tcf>(...given);
  const { vendor, purposes, not_applicable: outside } = settings;

  const hear = guard((data: unknown, success: unknown) => {
    const applies = own(data, 'gdprApplies');
    if (success !== true || own(data, 'cmpStatus') === 'error') return say(() => 'unknown');
    if (applies === false) return say(() => outside);
    // The banner is open: what was decided before holds until the visitor decides anew.
    if (applies !== true || !CHOSEN.includes(own(data, 'eventStatus') as string)) return;
    const purpose = own(data, 'purpose');
    const publisher = own(data, 'publisher');
    say((name) => {
      const answers = purposes[name].map((id) => own(own(purpose, 'consents'), id));
      if (vendor !== undefined) {
        const of = own(data, 'vendor');
        answers.push(own(own(of, 'consents'), vendor));
        // 2.3: a vendor that was not shown was not agreed to. Its policy, the fifth, asks for the list.
        const disclosed = own(of, 'disclosedVendors');
        if (disclosed !== undefined || Number(own(data, 'tcfPolicyVersion')) > 4) answers.push(own(disclosed, vendor));
        for (const id of purposes[name]) {
          const restriction = own(own(own(publisher, 'restrictions'), id), vendor);
          if (restriction !== undefined && restriction !== BY_CONSENT) answers.push(false);
        }
      }
      // CMPs leave out what was not agreed to.
      return allOf(answers.map((answer) => answer ?? false));
    });
  });

  wait(
    () => (typeof window.__tcfapi === 'function' ? window.__tcfapi : undefined),
    (api) => api('addEventListener', 2, hear),
  );
}

declare global {
  interface Window {
    __tcfapi?: (command: string, version: number, callback: (data: unknown, success: unknown) => void) => void;
  }
}
