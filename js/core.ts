/**
 * The core's life, and the one guarded door to it.
 *
 * Every call into wasm goes through `enter`. After a trap a fresh instance of the kept module
 * takes over, at most twice; then touchmark is quiet on this page. What comes in meanwhile, or
 * while a call is on the stack, waits in order.
 * Not here: loading (load.ts), any decision about events (src/).
 */

import { glue } from 'touchmark:glue';
import { diagnose } from './diagnostics';
import { guard } from './page';
import type { Input } from './types';

const MAX_WAITING = 50;
const MAX_RESTARTS = 2;

/** An input, or what to do at its turn: it may still decide on one. */
type Job = Input | ((core: Core) => Input | void);

/** What the rest of the kernel gives to the core's life. */
export interface Host {
  /** The first inputs of a first or a fresh instance. */
  open(restarts: number): Input[];
  /** The core runs, for the first time or again. */
  welcome(): void;
  /** Does one thing that the core put out. */
  execute(output: unknown): void;
}

let module: WebAssembly.Module;
let host: Host;
let current: Core | undefined;
let isReady = false;
let isBusy = false;
let restarts = 0;
let waiting: Job[] | undefined = [];

/** The core may still come. */
export const isAwaited = (): boolean => !isReady && !!waiting;

/** For good: nothing waits any longer. */
export function hush(code: string, about: unknown): void {
  isReady = false;
  waiting = undefined;
  diagnose(code, about);
}

// Lone surrogates are legal in the page and illegal in the core.
const text = guard((input: Input): string =>
  JSON.stringify(input, (_, value: unknown) => (typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\uFFFD') : value)),
);

const execute = guard((outputs: string) => {
  for (const output of JSON.parse(outputs) as unknown[]) host.execute(output);
});

/** The door. False after a trap: then a fresh instance is on its way. */
function enter(job: Job): boolean {
  isBusy = true;
  try {
    const input = typeof job === 'function' ? job(current!) : job;
    const json = input && text(input);
    const outputs = json && current!.handle(json);
    if (outputs) execute(outputs);
    return true;
  } catch (fault) {
    isReady = false;
    current = undefined;
    if (restarts++ < MAX_RESTARTS) {
      diagnose('core_trapped', fault);
      void launch();
    } else hush('core_stopped', fault);
    return false;
  } finally {
    isBusy = false;
  }
}

function drain(): void {
  while (isReady && !isBusy && waiting?.[0]) enter(waiting.shift()!);
}

/** Sends an input, now or when its turn comes. */
export function send(job: Job): void {
  if (isReady || (waiting && waiting.length < MAX_WAITING)) waiting!.push(job);
  else diagnose('queue_full');
  drain();
}

/** Ends the task: none is to be long. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Brings an instance up, a step a task, and lets in what waited. */
async function launch(): Promise<void> {
  const { imports, attach } = glue();
  let mine: Core;
  const door = (kind: string, a?: unknown, b?: unknown): void =>
    send((core) => {
      // A replaced instance's timers and requests live on.
      if (core !== mine) return;
      if (kind === 'settled') return core.settled(a as number, b);
      const hide = kind === 'pagehide' || (kind === 'visibilitychange' && document.hidden);
      return { in: kind === 'timer' ? 'wake' : kind === 'online' ? kind : hide ? 'hide' : 'show', persisted: !!(a as PageTransitionEvent).persisted };
    });
  mine = current = attach((await WebAssembly.instantiate(module, imports)).exports);
  for (const job of [(core: Core) => core.boot(door), ...host.open(restarts)]) {
    await rest();
    if (!enter(job)) return;
  }
  isReady = true;
  host.welcome();
  drain();
}

export async function startCore(compiled: WebAssembly.Module, by: Host): Promise<void> {
  module = compiled;
  host = by;
  await launch();
}
