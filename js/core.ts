/**
 * The core's life, and the one guarded door to it.
 *
 * Every call into wasm goes through `enter`. After a trap a fresh instance takes over within the
 * same task, at most twice; then touchmark is quiet on this page. What comes in while a call is on
 * the stack waits in order.
 * Not here: loading (load.ts), what a fresh one is told again (journal.ts), any decision about
 * events (src/).
 */

import { diagnose } from './diagnostics';
import { blame, enterInput, leaveInput, owed } from './journal';
import { guard, listen } from './page';
import type { Make } from './load';
import { part } from './parts';
import { carryOut, opening, type Output, welcome } from './session';
import type { Input } from './types';
import { forget } from './withdrawal';

/** An input, or what to do at its turn: decide on one, or call the core and return its outputs. */
type Job = Input | ((core: Core) => Input | string | undefined | void);

let make: Make;
let current: Core | undefined;
let restarts = 0;
let isReady = false;
let isBusy = false;
let waiting: Job[] | undefined = [];

/** Not for good silent. */
export const isAlive = (): boolean => !!waiting;
/** The core may still come, or what it needs to hear of forms. */
export const isAwaited = (): boolean => !(isReady && part) && isAlive();

/** For good: nothing waits any longer. */
export function hush(code: string, about: unknown): void {
  isReady = false;
  waiting = undefined;
  diagnose(code, about);
}

/** As the core reads it. */
export const asText = guard((input: Input): string =>
  JSON.stringify(input, function (this: Record<string, unknown>, name, said: unknown) {
    const own = this[name];
    // prototype.js gives arrays, texts and numbers a `toJSON` that makes texts of them.
    const value = Object(own) !== own || Array.isArray(own) ? own : said;
    // Lone surrogates are legal in the page and illegal in the core.
    return typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\uFFFD') : value;
  }),
);

const carryOutAll = guard((outputs: string) => (JSON.parse(outputs) as Output[]).forEach(carryOut));

/** An instance is lost. The next takes over at once: a submission's navigation may be under way. */
function trap(fault: unknown): void {
  const MAX_RESTARTS = 2;
  isReady = false;
  current = undefined;
  if (restarts++ === MAX_RESTARTS) return hush('core_stopped', fault);
  diagnose('core_trapped', fault);
  try {
    const jobs = first(make(true) as Core);
    // Where the visitor is by now, then what the lost one owes.
    for (const job of [...jobs, { in: 'route', at: Date.now(), path: location.pathname, query: '' }, ...owed]) if (!enter(job, true)) return;
  } catch (again) {
    return trap(again);
  }
  leaveInput();
  open();
}

/** The door. False after a trap. What is retold, and an instance's first inputs, are not owed anew. */
function enter(job: Job, isRetold?: boolean): boolean {
  const mine = current;
  let made: unknown = job;
  isBusy = true;
  try {
    if (typeof job === 'function') made = job(mine!);
    if (typeof made === 'object') {
      const json = asText(made as Input);
      if (!isRetold) enterInput(made as Input);
      made = json && mine!.handle(json);
    }
    if (made) carryOutAll(made as string);
    if (!isRetold && typeof made === 'string') leaveInput();
  } catch (fault) {
    blame(made as Input);
    trap(fault);
  }
  isBusy = false;
  return current === mine;
}

/** A word about consent waits however many there are. */
export function send(job: Job, always?: boolean): void {
  const MAX_WAITING = 50;
  // Nobody else is there to do it.
  if (always && !waiting) forget((job as () => Input | undefined)());
  if (isReady || (waiting && (always || !waiting[MAX_WAITING - 1]))) waiting!.push(job);
  while (isReady && !isBusy && waiting![0]) enter(waiting!.shift()!);
}

/** For what the browser calls back: a replaced instance's timers and requests live on. */
export function later<A extends unknown[]>(job: (core: Core, ...of: A) => Input | string): (...of: A) => void {
  const asking = current;
  return (...of) => send((core) => (core === asking ? job(core, ...of) : undefined));
}

/** A new instance is there: what it must hear before all else. */
function first(mine: Core): Input[] {
  current = mine;
  return opening();
}

/** Lets in what waited. */
function open(): void {
  isReady = true;
  welcome();
}

/** Starts it all, a step a task, since none is to be long; what can't be told as a trap is the caller's. */
export async function startCore(by: Make): Promise<void> {
  make = by;
  let mine: Core;
  try {
    mine = await make();
  } catch (fault) {
    return trap(fault);
  }
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => send({ in: 'show', persisted }));
  listen('online', () => send({ in: 'online' }));
  for (const job of first(mine)) {
    await new Promise((resolve) => setTimeout(resolve));
    if (!enter(job, true)) return;
  }
  open();
}
