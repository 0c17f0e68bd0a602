/**
 * The core's life, and the one guarded door to it.
 *
 * Every call into wasm goes through `enter`. After a trap a fresh instance
 * takes over, at most twice; then touchmark is quiet on this page. What comes in meanwhile, or
 * while a call is on the stack, waits in order.
 * Not here: loading (load.ts), any decision about events (src/).
 */

import { diagnose } from './diagnostics';
import { guard } from './page';
import type { Make } from './load';
import { part } from './parts';
import { carryOut, opening, type Output, welcome } from './session';
import type { Input } from './types';

const MAX_WAITING = 50;
const MAX_RESTARTS = 2;

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

const text = guard((input: Input): string =>
  JSON.stringify(input, (_, value: unknown) =>
    // Lone surrogates are legal in the page and illegal in the core.
    typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\uFFFD') : value,
  ),
);

const carryOutAll = guard((outputs: string) => (JSON.parse(outputs) as Output[]).forEach(carryOut));

/** The door. False after a trap: then a fresh instance is on its way. */
function enter(job: Job): boolean {
  isBusy = true;
  try {
    let made = typeof job === 'function' ? job(current!) : job;
    if (typeof made === 'object') {
      const json = text(made);
      made = json && current!.handle(json);
    }
    if (made) carryOutAll(made as string);
  } catch (fault) {
    isReady = false;
    current = undefined;
    if (restarts++ === MAX_RESTARTS) hush('core_stopped', fault);
    else {
      diagnose('core_trapped', fault);
      // Its start may trap as well.
      launch().catch((again) => hush('core_stopped', again));
    }
  }
  isBusy = false;
  return !!current;
}

export function send(job: Job): void {
  if (isReady || (waiting && !waiting[MAX_WAITING - 1])) waiting!.push(job);
  while (isReady && !isBusy && waiting![0]) enter(waiting!.shift()!);
}

/** Brings an instance up, a step a task, since none is to be long; lets in what waited. */
async function launch(): Promise<void> {
  const mine = await make();
  const door = (kind: string, a?: unknown, b?: unknown): void =>
    send((core) => {
      // A replaced instance's timers and requests live on.
      if (core !== mine) return;
      if (kind === 'settled') return core.settled(a as number, b);
      return { in: kind === 'pageshow' ? 'show' : kind, persisted: (a as PageTransitionEvent | undefined)?.persisted };
    });
  current = mine;
  for (const job of [(core: Core) => core.boot(door), ...opening()]) {
    await new Promise((resolve) => setTimeout(resolve));
    if (!enter(job)) return;
  }
  isReady = true;
  welcome();
}

/** Starts it all; a fault is the caller's. */
export function startCore(by: Make): Promise<void> {
  make = by;
  return launch();
}
