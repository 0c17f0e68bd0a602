/**
 * The IAB's Global Privacy Platform, by the page's own `__gpp`.
 *
 * Counts while `signalStatus` is `ready`, and only the sections that apply. In the sections of
 * the United States every opt-out that the plan maps must say "did not opt out" (2); "opted out" (1)
 * denies, "not applicable" (0) says nothing. In the European section the purposes must be consented to.
 * Source: IAB Tech Lab, GPP CMP API 1.1; section specifications.
 */

import { allOf, type Given, own, type Purpose, type Settings, voiceOf, type Word } from './gate';

interface Gpp extends Settings {
  /** Purposes of the European section, by id. */
  tcf: Record<Purpose, number[]>;
  not_applicable: Word;
}

type Callback = (data: unknown, success: unknown) => void;

/** Section names by id; those of the States from 7 on. */
const EUROPE = 2;
const FIRST_STATE = 7;
const STATES = 'nat ca va co ut ct fl mt or tx de ia ne nh nj tn mn md in ky ri'.split(' ');
const OPTED_OUT = 1;
const NOT_OPTED_OUT = 2;
const REFUSABLE = ['KnownChildSensitiveDataConsents', 'PersonalDataConsents'];

/** A section as one object: some CMPs list its segments. */
const flat = (section: unknown): unknown => (Array.isArray(section) ? Object.assign({}, ...(section as object[])) : section);

export default function watch(...given: Given): void {
  const { settings, say, guard, await: wait } = voiceOf<Gpp>(...given);

  const ofState = (section: unknown, purpose: Purpose): Word => {
    if (own(section, 'Gpc')) return 'denied';
    // No consent for a child's data, or for what needs consent.
    if (REFUSABLE.some((name) => [own(section, name)].flat().includes(OPTED_OUT))) return 'denied';
    const sensitive = own(section, 'SensitiveDataProcessing');
    if (purpose === 'identify' && Array.isArray(sensitive) && sensitive.includes(OPTED_OUT)) return 'denied';
    // Each state has some of them.
    const answers = settings.purposes[purpose].map((name) => own(section, name)).filter((value) => value !== undefined);
    return allOf(answers.map((value) => (value === NOT_OPTED_OUT ? true : value === OPTED_OUT ? false : null)));
  };

  const ofEurope = (section: unknown, purpose: Purpose): Word => {
    const consents = own(section, 'PurposeConsents');
    return Array.isArray(consents) ? allOf(settings.tcf[purpose].map((id) => (consents as unknown[])[id - 1] === true)) : 'unknown';
  };

  const judge = (ping: unknown): void => {
    const sections = own(ping, 'applicableSections');
    if (own(ping, 'signalStatus') !== 'ready' || !Array.isArray(sections)) return say(() => 'unknown');
    const parsed = own(ping, 'parsedSections');
    const ids = (sections as unknown[]).filter((id) => (id as number) > 0);
    // 0 and -1 stand for "none known" and "none applies".
    if (!ids.length) return say(() => (sections.includes(-1) ? settings.not_applicable : 'unknown'));
    say((purpose) => {
      const words = ids.map((id) => {
        if (id === EUROPE) return ofEurope(flat(own(parsed, 'tcfeuv2')), purpose);
        const state = STATES[(id as number) - FIRST_STATE];
        return state ? ofState(flat(own(parsed, `us${state}`)), purpose) : 'unknown';
      });
      return words.includes('denied') ? 'denied' : words.every((word) => word === 'granted') ? 'granted' : 'unknown';
    });
  };

  wait(
    () => (typeof window.__gpp === 'function' ? window.__gpp : undefined),
    (api) =>
      api(
        'addEventListener',
        guard((event: unknown) => judge(own(event, 'pingData'))),
      ),
  );
}

declare global {
  interface Window {
    __gpp?: (command: string, callback: Callback, parameter?: unknown) => void;
  }
}
