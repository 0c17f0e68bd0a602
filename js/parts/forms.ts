/**
 * Judges what became of a submission: sent, accepted, failed, or blocked before anything went out.
 *
 * Nothing is patched. What tells: the signals that the plan declares; a request to the form's or the
 * plan's path, once it is over (PerformanceObserver tells no method and nothing of what is under
 * way); marks of errors that newly show; the form reset or taken away; the page that goes.
 * A part of its own: pages without declared forms and leads never load it.
 * Not here: what the outcome means for the event (src/submission).
 */

import { closest, controlsOf, matches, memberOf } from '../page';
import type { Captured, Input, Landing, Outcome, Plan, PlanForm, Reading } from '../types';
import { adapt, type Veto } from './adapt';
import { readEntries } from './entries';
import { empty, type Fill, fill } from './fields';
import { mayLead } from './leads';
import { isShown, markedIn, marksOf } from './marks';
import { containersIn, isTheirs, watchContainers, watchFrames, watchTargets, windowOf } from './places';
import { ASK_MILLIS, awaitSignals, observe, on, type Shown, shownBy, signalsOf } from './signals';

/** The kernel's hands. */
export interface Kernel {
  addRoot(root: Node & ParentNode): void;
  all(selector: string): Element[];
  allForms(): Element[];
  arrival(): Landing;
  /** Where touchmark's files are. */
  base(): string | URL;
  declared(): PlanForm[];
  diagnose(code: string, about?: unknown): void;
  emit(captured: Captured): void;
  guard<A extends unknown[], R>(run: (...of: A) => R): (...of: A) => R | void;
  keyOf(form: Element): number;
  placeOf(form: Element): number;
  plan(): Plan | undefined;
  read(form: Element): Reading;
  send(input: Input): void;
}

/** What was there when an attempt began. */
interface Look extends Shown {
  at: number;
  marks: Set<string>;
  /** The values as typed break the browser's own constraints. */
  invalid: boolean;
}

export interface FormsPart {
  /** When the plan's adapters are here, or can't be had. */
  settled: Promise<unknown>;
  /** An attempt begins: what the page shows, before its handlers run. */
  look(form: Element): void;
  /** It goes out, or its handlers have cancelled it: what the core is to be told. */
  submit(captured: Captured, plan: PlanForm | undefined, about: object): Input | undefined;
  /** The page's own word. */
  say(form: Element, outcome: Outcome): void;
  fill(fill: Fill): void;
  /** Takes back what was filled in. */
  empty(): void;
  /** This page may be the answer to a native submission. */
  arrive(plan: PlanForm): void;
  leave(): void;
}

/** How long anything is waited for. */
const LIMIT_MILLIS = 10_000;
/** How long, where the page asks nothing at first: it shows pictures to tell people from robots, say. */
const CAPTCHA_MILLIS = 60_000;
/** A page that its answer leads away from goes within it. */
const ANSWER_MILLIS = 1000;
/** After so long without a trace nothing went out; before the core's own limit. */
const QUIET_MILLIS = 3_500;
/** A page that asks again after a failure, with a fresh token say, does so within it. */
const RETRY_MILLIS = 3_000;
/** A page shows what an answer of 200 means within it. */
const SHOW_MILLIS = 500;
/** A path that was asked for so often before is polled. */
const POLLED = 3;
/** What other measurement asks for, at home or elsewhere: no form's. */
const MEASURES =
  /doubleclick|google-analytics|googleads|analytics\.google|\/(pagead|ccm)\/|facebook\.com|clarity\.ms|hotjar|bing\.com|tiktok|linkedin|sentry|nr-data|fullstory|mixpanel|amplitude|segment\.|intercom|drift\.|datadog|klaviyo|\/(collect|tr|track|batch|events?|[eitp]|log|beacon|pixel|ping|rum|(matomo|piwik)\.php)\/?$/i;
/** Two submits within it are a double click. */
const DOUBLE_CLICK_MILLIS = 600;
/** A form that closes its dialog when it is sent, or the button in it that does. */
const CLOSES = '[formmethod=dialog i],[method=dialog],[method=dialog] :not([formmethod])';

/** open → (requested | seen) → over; blocked may still turn out to have gone out. */
type Stage = 'open' | 'blocked' | 'seen' | 'requested' | 'over';

type Timer = ReturnType<typeof setTimeout> | undefined;

interface Watch {
  plan: PlanForm | undefined;
  stage: Stage;
  at: number;
  /** The same by the clock. */
  since: number;
  /** What blocked it shows. */
  isMarked?: boolean;
  /** Something was marked as wrong already when it began. */
  wasMarked: boolean;
  /** As typed then. */
  values: string;
  /** Another form was tried since: what comes next is that one's. */
  giveUp(): void;
  /** What a request has shown counts now. */
  settle(): void;
  /** Looks again, at all there is. */
  check(): void;
  block(): void;
  end(outcome: Outcome): void;
  leave(): void;
}

export default (kernel: Kernel): FormsPart => {
  const { all, guard, keyOf, send } = kernel;
  const watches = new Map<Element, Watch>();
  const looks = new WeakMap<Element, Look>();
  /** What the page has said of an attempt whose handlers still run. */
  const said = new WeakMap<Element, Outcome>();

  /** In the place of a former one. */
  const timer = (run: () => void, millis: number, former?: Timer): Timer => {
    clearTimeout(former);
    return setTimeout(guard(run), millis);
  };

  const tell = (form: Element, outcome: Outcome): void => send({ in: 'signal', key: keyOf(form), outcome });

  const lookAll = (form: Element, plan: PlanForm = {}): Look => ({
    ...shownBy(kernel, plan),
    at: performance.now(),
    marks: markedIn(form),
    // A branch that is not asked for may be empty.
    invalid: matches(form, '.ng-invalid') || controlsOf(form).some((one) => matches(one, ':invalid:not(fieldset)') && isShown(one)),
  });

  let isLeaving: boolean;
  /**
   * Firefox ends a page's requests when another is asked for, long before this one goes: the error
   * that it then shows is none of the server's. Once, and the same for all: a listener that stays
   * keeps pages out of the cache, and to add and remove one costs more than all else here.
   */
  const noteLeaving = (): unknown => (isLeaving = true);

  const valuesOf = (form: Element): string => JSON.stringify(kernel.read(form).map(([, value]) => value));

  const watch = (form: Element, plan: PlanForm | undefined, path: string | undefined, input: Input): void => {
    const began = performance.now() - Date.now() + (input.at as number);
    const seen = looks.get(form);
    // Where the part came behind the attempt, what the plan declares counts as it shows by now; marks
    // that nobody declared prove nothing.
    const before = !seen || seen.at > began + ASK_MILLIS ? { ...lookAll(form, plan), at: began, shown: [], invalid: false } : seen;
    const former = watches.get(form);
    // A double click, an impatient one, or the handler's own second submit: the first watch goes on.
    if (former && former.stage !== 'blocked' && former.stage !== 'over' && !input.native && (!isLate(former) || (former.stage === 'open' && !former.wasMarked && former.values === valuesOf(form)))) return;
    former?.leave();

    isLeaving = false;
    addEventListener('beforeunload', noteLeaving, { once: true });
    const isNative = input.native;
    const doesRequest = plan?.success?.some(({ request }) => request);
    const isJudged = !!plan && (!!plan.adapter || signalsOf(plan).length > 0);
    // A frame's requests are told in its own window, by its own clock.
    const view = windowOf(form) as typeof globalThis & Window;
    const shift = view.performance.timeOrigin - performance.timeOrigin;
    const known = new Set<PerformanceEntry>();
    /** How often each path was asked for before. */
    const asked: Record<string, number> = {};
    /** What a request has shown, unless the page shows another thing or asks again. */
    let verdict: 'accepted' | 'failed' | 'sent' | undefined;
    let near: Timer;
    const wasShown = isShown(form);
    const isHere = (): boolean => Reflect.get(Node.prototype, 'isConnected', form) as boolean;
    /** Text, textarea, tel and email. */
    const typed = kernel.read(form).filter(([control, value]) => value && /^te|^em/.test(control.type!));
    let isFirst = performance.now() - began < ASK_MILLIS;
    let isQuiet = false;
    let blockedAt = 0;
    /** When the last request was over that was nobody else's, though it came late. */
    let lateAt = -Infinity;

    const end = (outcome: Outcome): void => {
      // It was taken back, and went out after all.
      if (mine.stage === 'blocked') send(input);
      mine.stage = 'over';
      stop();
      tell(form, outcome);
    };
    const block = (): void => {
      if (isNative || isLeaving || mine.stage === 'blocked' || mine.stage === 'over') return;
      // The server's answer, not the page's own check.
      if (mine.stage === 'requested' || verdict) return end('failed');
      mine.stage = 'blocked';
      blockedAt = performance.now();
      tell(form, 'blocked');
      if (!kernel.plan()?.diagnostics?.includes('form_blocked')) return;
      const marked = [...marksOf(form)].map((one) => plan?.fields?.[(one as HTMLInputElement).name]).filter(Boolean);
      kernel.diagnose('form_blocked', [plan?.id ?? '', ...new Set(marked)].join(' '));
    };
    const trace = (): void => {
      if (mine.stage === 'blocked') send(input);
      mine.stage = 'seen';
      isQuiet = false;
    };
    const soon = (outcome: 'accepted' | 'failed' | 'sent', millis: number): void => {
      verdict = outcome;
      near = timer(() => end(outcome), millis, near);
    };
    const request = (status: number): void => {
      if (isNative) return;
      if (status > 399) return soon('failed', RETRY_MILLIS);
      clearTimeout(near);
      verdict = undefined;
      if (doesRequest && status) return plan!.failure ? soon('accepted', SHOW_MILLIS) : end('accepted');
      if (!isJudged) return soon('sent', SHOW_MILLIS);
      if (mine.stage === 'blocked') send(input);
      mine.stage = 'requested';
      tell(form, 'sent');
    };
    const take = (entries: PerformanceEntry[]): void => {
      for (const entry of entries as PerformanceResourceTiming[]) {
        if (known.has(entry) || mine.stage === 'over') continue;
        known.add(entry);
        const isAsked = /^(fetch|xml)/.test(entry.initiatorType);
        const start = entry.startTime + shift;
        const isBefore = start < before.at;
        if (isBefore && !isAsked) continue;
        const { host, origin, pathname } = new URL(entry.name);
        if (isBefore) {
          asked[pathname] = (asked[pathname] ?? 0) + 1;
          continue;
        }
        // What was asked for once the page has shown what is wrong is another matter.
        if (mine.isMarked && mine.stage === 'blocked' && start > blockedAt) continue;
        const { responseStatus: status } = entry as { responseStatus?: number };
        const isOwn = isAsked && origin === location.origin;
        // A form without an action has the page's own address, which others ask for as well: not later than that.
        // Of the page's own origin 0 is no answer at all; on leaving, one that nobody waits for.
        if (pathname === path && (plan?.request || start - before.at < LIMIT_MILLIS) && entry.initiatorType !== 'link' && (isLeaving || !isOwn || status !== 0)) request(status ?? 0);
        // A page's own code may ask another's server, such as the CRM's.
        else if (isAsked && !(asked[pathname]! >= POLLED) && !MEASURES.test(host + pathname)) {
          lateAt = entry.responseEnd + shift;
          if (mine.stage === 'open' || (isQuiet && start < blockedAt)) trace();
        }
      }
    };
    const hear = (outcome: 'accepted' | 'failed'): void => {
      if (outcome === 'accepted' || !(isLeaving || isFirst)) return end(outcome);
      // No server answers while the page's own handlers run: the page itself has looked.
      if (isLeaving || isNative) return;
      Object.assign(before, lookAll(form, plan));
      mine.isMarked = true;
      block();
    };
    const { check: checkSignals, stop: stopSignals } = awaitSignals(kernel, plan ?? {}, before, hear, !isNative);
    const check = (): void => {
      if (mine.stage === 'over' || checkSignals() || isNative) return;
      if (mine.stage === 'open' && (!isHere() || (wasShown && !isShown(form)))) mine.stage = 'seen';
      // Emptied once the request was answered: what is required is missing again, which is no refusal.
      if ((mine.stage === 'requested' || verdict) && typed[0] && typed.every(([control]) => !control.value)) return;
      const marks = markedIn(isHere() ? form : (all(plan?.selector ?? 'x')[0] ?? form));
      if ([...marks].some((mark) => !before.marks.has(mark))) {
        mine.isMarked = true;
        return block();
      }
      // What goes and comes again is told again.
      before.marks = marks;
    };
    const stops = [
      observe(kernel, form, check),
      stopSignals,
      on(kernel, 'reset', ({ target }) => {
        if (target === form && mine.stage === 'open') mine.stage = 'seen';
      }),
    ];
    let requests: PerformanceObserver | undefined;
    const quiet = timer(() => {
      if (mine.stage !== 'open' || verdict) return;
      isQuiet = true;
      // What is asked for on the way to another page is about the link.
      stops.push(on(kernel, 'click', ({ target }) => closest(target, 'a[href]') && (isQuiet = false)));
      wait(CAPTCHA_MILLIS);
      block();
    }, QUIET_MILLIS);
    const stop = (): void => {
      stops.forEach((stop) => stop());
      requests?.disconnect();
      clearTimeout(quiet);
      clearTimeout(limit);
      clearTimeout(near);
    };
    let limit: Timer;
    const wait = (millis: number): void => {
      limit = timer(
        () => {
          mine.settle();
          stop();
        },
        millis,
        limit,
      );
    };
    wait(LIMIT_MILLIS);

    const mine: Watch = {
      plan,
      stage: 'open',
      at: performance.now(),
      since: Date.now(),
      wasMarked: !!before.marks.size,
      values: valuesOf(form),
      check,
      block,
      end,
      settle() {
        if (verdict) end(verdict);
      },
      giveUp() {
        mine.settle();
        block();
        stop();
        mine.stage = 'over';
      },
      leave() {
        if (mine.stage !== 'over' && !isNative) {
          if (requests) take(requests.takeRecords());
          check();
          mine.settle();
          // Wrong before, and wrong still.
          if (mine.stage === 'open' && mine.wasMarked && marksOf(form)[0]) tell(form, 'blocked');
          if (mine.stage === 'blocked' && isQuiet && performance.now() - lateAt < ANSWER_MILLIS) trace();
          if (mine.stage === 'seen') tell(form, 'seen');
        }
        stop();
        // A form that was only read is none that goes out, should the page leave a moment later.
        mine.stage = 'over';
      },
    };
    watches.set(form, mine);
    looks.delete(form);
    const word = said.get(form);
    if (word) end(word);
    else if (before.invalid) block();
    else check();
    isFirst = false;
    if (mine.stage === 'over') return;
    // At last: WebKit tells what is over already before `observe` returns.
    try {
      requests = new view.PerformanceObserver(guard((seen) => take(seen.getEntries())));
      requests.observe({ type: 'resource', buffered: true });
    } catch {
      // A page may have taken it away: then only signals tell.
    }
  };

  const isLate = ({ at }: Watch): boolean => performance.now() - at > DOUBLE_CLICK_MILLIS;

  const look: FormsPart['look'] = (form) => {
    const former = watches.get(form);
    // A new attempt: the last one came to nothing, unless nothing was corrected.
    former?.settle();
    if (former?.stage === 'open') {
      const isSame = former.values === valuesOf(form);
      if (isLate(former) ? !isSame || former.wasMarked : !isSame && former.wasMarked) former.block();
    }
    watches.forEach((other, of) => of !== form && /open|blocked/.test(other.stage) && isLate(other) && other.giveUp());
    said.delete(form);
    looks.set(form, lookAll(form, kernel.declared()[kernel.placeOf(form)]));
  };

  const say: FormsPart['say'] = (form, outcome) => {
    const found = watches.get(form);
    if (looks.has(form)) said.set(form, outcome);
    else if (found && found.stage !== 'over') found.end(outcome);
    else tell(form, outcome);
  };

  /** Where the form would go, or that around a container; its button's own address before its own. */
  const addressOf = ({ form, submitter }: Captured): URL | undefined => {
    try {
      const address = submitter && matches(submitter, '[formaction]') ? (submitter as HTMLButtonElement).formAction : memberOf(closest(form, 'form')!, 'action');
      return new URL(address as string);
    } catch {
      // An address that is none: no request can be told as the form's.
      return undefined;
    }
  };

  /** When a form was last sent by the browser. */
  const went = new WeakMap<Element, number>();
  const vetoes: Veto[] = [];
  const settled = adapt(kernel, say, vetoes);
  watchContainers(kernel);
  watchTargets(kernel, went, (form) => looks.has(form) || look(form));
  if (kernel.plan()?.frames) watchFrames(kernel);

  return {
    settled,
    look,
    submit(captured, plan, about) {
      const { form } = captured;
      const address = addressOf(captured);
      // The browser runs it in place of sending anything: the page's own code has the submission.
      const native = captured.native && address?.protocol !== 'javascript:';
      const former = watches.get(form);
      // Only read, by a handler whose submission has its outcome already, or that found it wrong; or
      // without a `submit` event, on a page that leaves: `form.submit()` runs a script and goes nowhere.
      if (native ? former && former.since >= captured.at && (former.stage === 'over' || former.isMarked) : captured.native && captured.submitter === undefined) return undefined;
      // Firefox asks a form that only closes its dialog as well.
      if (native && matches(captured.submitter ?? form, CLOSES)) return undefined;
      if (native) went.set(form, captured.at);
      const ignored = kernel.plan()?.ignore?.some((selector) => matches(form, selector));
      const inside = !plan || plan.selector === '*' ? containersIn(kernel, form) : [];
      for (const one of inside) if (native && (looks.has(one) || watches.get(one)?.stage === 'open')) say(one, 'sent');
      if (inside[0] || (!plan && (ignored || !mayLead(form, !!native))) || isTheirs(form) || vetoes.some((isNone) => isNone(form))) return undefined;
      const entries = readEntries(captured);
      const input = { in: 'submit', ...about, native, controls: entries.length, entries: plan && entries };
      watch(form, plan, plan?.request ?? address?.pathname, input);
      return input;
    },
    say,
    fill: (one) => fill(kernel, one),
    empty: () => empty(kernel),
    arrive(plan) {
      const before = { shown: [], layer: [] };
      const hear = (outcome: 'accepted' | 'failed'): void => {
        stop();
        if (outcome === 'accepted' || all(plan.selector!)[0]) send({ in: 'outcome', outcome });
      };
      const { check, stop: stopSignals } = awaitSignals(kernel, plan, before, hear);
      const stopLooking = observe(kernel, undefined, check);
      const stop = (): void => {
        clearTimeout(limit);
        stopLooking();
        stopSignals();
      };
      const limit = setTimeout(stop, LIMIT_MILLIS);
      check();
    },
    leave: () => watches.forEach((one) => one.leave()),
  };
};
