/**
 * Puts the kernel into a page: takes over what waited, listens, and starts the core when the
 * page has time for it, or at the first touch of a form.
 */

import { watchCalls } from './calls';
import { hush, send, startCore } from './core';
import { debug, diagnose } from './diagnostics';
import { makeNonce } from './early';
import { fill, type Fill } from './fields';
import { declared, registerAgain, watchForms } from './forms';
import { handleCaptured, leave, readEarly } from './intake';
import { device, landing } from './landing';
import { compile, load, probeWasm } from './load';
import { all, listen } from './page';
import { callReady, consents, handleCommand, isGranted } from './queue';
import { watchRoutes } from './route';
import { watch } from './signals';
import { captureSubmissions } from './submissions';
import type { Touchmark } from './touchmark';
import type { Captured, Plan, Waiting } from './types';

const MAX_IDLE_WAIT_MILLIS = 1000;

/** Where touchmark's own files are. */
export interface Source {
  plan: string | undefined;
  planIntegrity?: string | undefined;
  /** The script's own address. */
  script: string;
  wasm: string;
}

type Output = ({ out: 'fill' } & Fill) | { out: 'watch'; form: number } | { out: 'report'; code: string; about?: string };

function execute(output: Output): void {
  if (output.out === 'fill') fill(output);
  else if (output.out === 'watch') judgeArrival(output.form);
  else diagnose(output.code, output.about);
}

/** This page may be the answer to a native submission. A failure shows the form again. */
function judgeArrival(place: number): void {
  const form = declared[place];
  if (document.readyState === 'loading') setTimeout(judgeArrival, 50, place);
  else if (form) watch(form, (outcome) => (outcome === 'accepted' || all(form.selector)[0]) && send({ in: 'outcome', outcome }));
}

async function readPlan({ plan, planIntegrity, script }: Source): Promise<Plan> {
  const { href, origin } = new URL(plan!, location.href);
  // The plan is trusted as much as the script.
  if (!planIntegrity && origin !== location.origin && origin !== new URL(script).origin) throw href;
  return (await load(href, planIntegrity)).json() as Promise<Plan>;
}

export function install(source: Source, debugging?: boolean): Touchmark {
  const former: Waiting | undefined = window.touchmark;
  // A second copy, whatever its version, adds nothing.
  if (former?.v) return former as Touchmark;
  let isStarted = false;
  let isFree = false;

  const start = async (): Promise<void> => {
    if (isStarted || document.prerendering) return;
    isStarted = true;
    let code = 'wasm_forbidden';
    try {
      probeWasm();
      const compiling = compile(source.wasm);
      // Told below; until then nobody waits for it.
      compiling.catch(() => {});
      code = 'plan_unreadable';
      const plan = await readPlan(source);
      isFree = plan.consent?.source === 'not_required';
      watchForms(plan.forms ?? []);
      code = 'core_unreadable';
      const nonce = makeNonce();
      await startCore(await compiling, {
        open: (restart) => [
          { in: 'start', now: Date.now(), plan, nonce, device: device(), early: isFree ? readEarly() : [], restart },
          { in: 'landing', ...(former?.l ?? landing) },
          ...consents,
        ],
        welcome() {
          registerAgain();
          callReady();
        },
        execute: execute as (output: unknown) => void,
      });
    } catch (fault) {
      hush(code, fault);
    }
  };

  const accept = (item: ArrayLike<unknown> | Captured): void => {
    if ('form' in item) handleCaptured(item);
    else handleCommand(...(Array.from(item) as [unknown]));
  };

  window.touchmark = Object.assign(handleCommand as Touchmark, { v: __VERSION__ });
  debug(!!debugging);
  captureSubmissions(handleCaptured);
  watchCalls();
  watchRoutes();
  listen('pagehide', () => (isFree || isGranted) && leave());
  for (const type of ['focusin', 'pointerdown', 'submit', 'prerenderingchange']) {
    listen(type, ({ target }) => (target === document || (target as Element).closest('form')) && start());
  }
  (window.requestIdleCallback ?? setTimeout)(start, { timeout: MAX_IDLE_WAIT_MILLIS } as never);

  if (former?.q) {
    (former.q as unknown as Captured[]).forEach(accept);
    // Code that kept the old function goes on working.
    former.q = { push: accept };
  }
  return window.touchmark;
}
