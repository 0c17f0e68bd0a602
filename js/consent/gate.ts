/**
 * What the sources say into one answer for each purpose: the most restrictive wins.
 *
 * Bundled into every source; they share their states through the kernel's list of answers. A purpose
 * is granted when every source that the plan lists grants it; one that has not loaded, has not
 * answered, or answered with something else than it should, has not granted. The page's own word
 * can always deny; it grants only where the plan lists `api`.
 * Not here: what any one source means (the files beside this).
 */

export const PURPOSES = ['store', 'attribute', 'identify', 'send'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** `silent` neither grants nor denies, and holds nobody else's grant back. */
export type Word = 'granted' | 'denied' | 'unknown' | 'silent';
export type States = Record<Purpose, Word>;

/** One source with its settings as `touchmark plan build` writes them, every default filled in. */
export interface Settings {
  source: string;
  /** For each purpose what must be allowed, all of it, in the source's own names. */
  purposes: Record<Purpose, (string | number)[]>;
  /** How long to look for the source on the page. */
  wait_ms: number;
  [setting: string]: unknown;
}

/** The plan's `consent`, as built. */
export interface Asked {
  source: string;
  ask: Settings[];
}

/** An input for the core, or what makes one at its turn. */
type Job = object | (() => object | undefined | void);

/** The answers so far, oldest first; shared by kernel and sources. */
interface Answers extends Array<object> {
  /** The page's own words come here. */
  hear?: (said: unknown) => void;
  /** What each source says, by its place in the plan. */
  states?: (States | undefined)[];
  /** What the page says. */
  page?: Partial<States>;
  /** What was taken back in another tab; it counts until something is said here. */
  far?: Partial<States> | undefined;
  /** What the core was told last. */
  told?: Partial<States>;
}

/** What the kernel hands to a source, and each source to the gate. */
export type Given = [asked: Asked, answers: Answers, send: (job: Job, always?: boolean) => void, report: (code: string, about: unknown) => void, at?: number];

/** One source's hold on the answer. */
export interface Voice<S extends Settings = Settings> {
  settings: S;
  /** Says all four purposes anew. Never throws: a source that fails is unknown. */
  say(judge: (purpose: Purpose) => Word): void;
  /** Runs page code, whose faults stay here and leave the source unknown. */
  guard<A extends unknown[]>(run: (...of: A) => void): (...of: A) => void;
  /** Looks until it is there, then once `found`; after the plan's wait it is reported missing. */
  await<T>(look: () => T | undefined, found: (it: T) => void): void;
}

const LOOK_MILLIS = 100;

/** Without the members that a polluted prototype would lend. */
const bare = (): Partial<States> => Object.create(null) as Partial<States>;

export const every = (judge: (purpose: Purpose) => Word): States =>
  Object.fromEntries(PURPOSES.map((purpose) => [purpose, judge(purpose)])) as States;

/** Denied by one `false`, granted by nothing but `true`s; whatever else there is leaves it unknown. */
export const allOf = (answers: unknown[]): Word =>
  answers.some((answer) => answer === false) ? 'denied' : answers[0] !== undefined && answers.every((answer) => answer === true) ? 'granted' : 'unknown';

/** Reads a member, where there is an object to have one. */
export const member = (of: unknown, name: PropertyKey): unknown =>
  (typeof of === 'object' || typeof of === 'function') && of !== null ? (of as Record<PropertyKey, unknown>)[name] : undefined;

/** A member that nobody inherits: a polluted prototype has no say in what was agreed to. */
export const own = (of: unknown, name: PropertyKey): unknown => (Object.prototype.hasOwnProperty.call(Object(of), name) ? member(of, name) : undefined);

export function voiceOf<S extends Settings>(...given: Given): Voice<S> {
  const [asked, answers, , report, at = 0] = given;
  const settings = asked.ask[at] as S;
  const fail = (fault: unknown): void => {
    voice.say(() => 'unknown');
    report('consent_failed', `${settings.source}: ${fault}`);
  };
  const voice: Voice<S> = {
    settings,
    say(judge) {
      let states: States;
      try {
        states = every(judge);
      } catch (fault) {
        return fail(fault);
      }
      const all = (answers.states ??= []);
      if (PURPOSES.some((purpose) => (all[at]?.[purpose] ?? states[purpose]) !== states[purpose])) answers.far = undefined;
      all[at] = states;
      settle(given);
    },
    guard:
      (run) =>
      (...of) => {
        try {
          run(...of);
        } catch (fault) {
          fail(fault);
        }
      },
    await(look, found) {
      const end = Date.now() + settings.wait_ms;
      const attempt = voice.guard(() => {
        const it = look();
        if (it !== undefined) found(it);
        else if (Date.now() < end) setTimeout(attempt, LOOK_MILLIS);
        else report('consent_missing', settings.source);
      });
      attempt();
    },
  };
  answers.hear ??= hear(...given);
  return voice;
}

/** Takes the page's own words and those from other tabs, in their order. */
export function hear(...given: Given): (said: unknown) => void {
  const [, answers] = given;
  return (said) => {
    const isFar = own(said, 'far') === true;
    if (!isFar) answers.far = undefined;
    const words = isFar ? (answers.far ??= bare()) : (answers.page ??= bare());
    for (const purpose of PURPOSES) {
      const word = typeof said === 'string' ? said : (own(said, purpose) ?? own(said, 'all'));
      if (word === 'granted') words[purpose] = word;
      else if (word === 'denied' || word === 'withdrawn') words[purpose] = 'denied';
    }
    settle(given, isFar);
  };
}

function settle([asked, answers, send]: Given, isFar?: boolean): void {
  const { states = [], page = bare(), far = bare(), told = bare() } = answers;
  const asksPage = asked.source.split('+').includes('api');
  const next = bare();
  for (const purpose of PURPOSES) {
    const words = asked.ask.map((_, at) => states[at]?.[purpose] ?? 'unknown');
    if (asksPage || page[purpose] === 'denied') words.push(page[purpose] ?? 'unknown');
    if (far[purpose] === 'denied') words.push('denied');
    const spoken = words.filter((word) => word !== 'silent');
    const word = spoken.includes('denied') ? 'denied' : spoken.length && spoken.every((one) => one === 'granted') ? 'granted' : 'unknown';
    // Who no longer knows no longer allows.
    if (word !== 'unknown' || told[purpose]) next[purpose] = word === 'unknown' ? 'denied' : word;
  }
  if (PURPOSES.every((purpose) => next[purpose] === told[purpose])) return;
  answers.told = next;
  // Who heard it from afar does not tell it on.
  const input = { in: 'consent', ...next, ...(isFar && { far: true }) };
  send(() => {
    answers.push(input);
    return input;
  }, true);
}
