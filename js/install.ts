/**
 * Puts the kernel into a page: takes over what waited, listens, and starts the core when the
 * page has time for it, or at the first touch of a form.
 */

import { watchCalls } from './calls';
import { hush, isAlive, send, startCore } from './core';
import { debug, diagnose } from './diagnostics';
import { addRoot, watchRoots } from './forms';
import { handleCaptured, kernel, leave } from './intake';
import { landing } from './landing';
import { load, loadCore } from './load';
import { closest, guard, listen } from './page';
import { setBase, withPart } from './parts';
import { consents, handleCommand } from './queue';
import { watchRoutes } from './route';
import { begin } from './session';
import { hands } from './shell';
import { captureSubmissions } from './submissions';
import { watchWithdrawals } from './withdrawal';
import type { Touchmark } from './touchmark';
import type { Captured, Plan, Waiting } from './types';

const MAX_IDLE_WAIT_MILLIS = 1000;
const HASH = /^sha(256|384|512)-[\w+/]{43,86}=*$/;

/** Where a browser can't read a selector, as an older one can't read `:has()`, it is nobody's; the others go on. */
function sound(selector: string): string {
  try {
    document.querySelector(selector);
    return selector;
  } catch {
    diagnose('selector_unreadable', selector);
    return ':not(*)';
  }
}

async function readPlan(address: string, integrity: string | undefined, script: URL): Promise<Plan> {
  const { href, origin } = new URL(address, location.href);
  // The plan is trusted as much as the script. Browsers pass over a hash that they can't read.
  if (integrity === undefined ? origin !== location.origin && origin !== script.origin : !HASH.test(integrity)) throw integrity ?? href;
  // A polluted Object.prototype has no say in it.
  return JSON.parse(await (await load(href, integrity)).text(), (name, value) => {
    if (Array.isArray(value)) return name === 'ignore' ? value.map(sound) : value;
    if (Object(value) === value) return { __proto__: null, ...value };
    return /^(selector|button)$/.test(name) && typeof value === 'string' ? sound(value) : value;
  }) as Plan;
}

/** `script` is the running script's own address; `integrity` is the plan's. */
export function install(script: URL, wasm: string | URL, plan: string, integrity?: string, debugging?: boolean): Touchmark {
  // An element of that id is nobody's queue.
  const former: Waiting | undefined = typeof window.touchmark === 'function' ? window.touchmark : undefined;
  // A second copy, whatever its version, adds nothing.
  if (former?.v) return former as Touchmark;
  const arrival = former?.l ?? landing!;
  const isPrerendered = document.prerendering;
  let isStarted = false;

  const start = async (): Promise<void> => {
    if (isStarted || document.prerendering) return;
    isStarted = true;
    // Only now there is a visitor.
    if (isPrerendered) arrival.at = Date.now();
    let code = 'plan_unreadable';
    try {
      let loading = loadCore(wasm, hands);
      // Told below; until then nobody waits for it.
      loading.catch(() => {});
      const read = await readPlan(plan, integrity, script);
      begin(read, arrival);
      // A core that can be looked into takes the place of this one. The page that follows is looked at, too.
      if (read.inspector && /touchmark=inspect/.test(arrival.query + arrival.referrer)) loading = (await import(new URL(read.inspector, script) as never)).default(kernel(), hands);
      code = 'consent_unreadable';
      // A module: under a nonce, `strict-dynamic` and Trusted Types an import is the one way in.
      if (read.consent?.load) (await import(new URL(read.consent.load, script) as never)).default(read.consent, consents, send, diagnose);
      code = 'core_unreadable';
      await startCore(await loading);
    } catch (fault) {
      hush(code, fault);
    }
  };

  // Anybody may have put something in.
  const accept = guard((item: ArrayLike<unknown> | Captured): void => {
    if ('form' in item) handleCaptured(item);
    else handleCommand(...(item as unknown as [unknown]));
  });

  window.touchmark = Object.assign(handleCommand as Touchmark, { v: __VERSION__ });
  debug(!!debugging);
  setBase(wasm);
  watchRoots(captureSubmissions(handleCaptured));
  watchCalls();
  watchRoutes();
  watchWithdrawals();
  listen('pagehide', leave);
  listen('freeze', leave);
  for (const type of ['focusin', 'pointerdown', 'click', 'submit', 'prerenderingchange']) {
    listen(type, (event) => {
      const path = event.composedPath();
      // What a form in an open shadow root sends, no one else hears of.
      for (const one of path) if (one instanceof ShadowRoot) addRoot(one);
      const form = event.target === document || closest(path[0]!, 'form');
      if (!form) return;
      void start();
      if (isAlive()) withPart(() => {});
    });
  }
  (window.requestIdleCallback ?? setTimeout)(start, { timeout: MAX_IDLE_WAIT_MILLIS } as never);

  if (former?.q) {
    (former.q as unknown as Captured[]).forEach(accept);
    // Code that kept the old function goes on working.
    former.q = { push: accept };
  }
  return window.touchmark;
}
