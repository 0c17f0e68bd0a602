/**
 * What a page's code may ask: `touchmark(command, …)`. Never throws.
 */

import { send } from './core';
import { debug, diagnose, diagnostics } from './diagnostics';
import { isGrant } from './early';
import { handleOutcome, tellEarly } from './intake';
import type { Input } from './types';

/**
 * Every word about consent so far: a fresh instance must know it. Where the plan asks other
 * sources, they add the answer and `hear` the page's words.
 */
export const consents: Input[] & { hear?: (said: unknown) => void; told?: { store?: string } } = [];
/** Whether the last of them alone is enough to keep something. */
export let isGranted: boolean | undefined;

let whenReady: (() => void)[] | undefined = [];

/** The core runs. Each callback has its own task: its faults are the page's. */
export function callReady(): void {
  whenReady?.forEach((callback) => setTimeout(callback));
  whenReady = undefined;
}

function consent(said: object | string): void {
  const input = { ...(typeof said === 'string' ? { all: said } : said), in: 'consent' };
  isGranted = isGrant(said);
  // Else a misspelt word looks like a visitor who has not answered.
  if (!/granted|denied|withdrawn/.test(JSON.stringify(said))) diagnose('command_failed', 'consent');
  send(() => {
    if (consents.hear) return consents.hear(said);
    consents.push(input);
    return input;
  }, true);
  tellEarly();
}

export function handleCommand(name: unknown, a?: unknown, b?: unknown): unknown {
  try {
    if (name === 'consent') consent(a as string);
    else if (name === 'record') send({ in: 'record', type: a, at: Date.now(), fields: b ?? {} });
    else if (name === 'confirm') handleOutcome(a as string, 'accepted');
    else if (name === 'fail') handleOutcome(a as string, 'failed');
    else if (name === 'diagnostics') return diagnostics();
    else if (name === 'debug') debug(a !== false);
    else if (name !== 'ready') name === 'init' || diagnose('command_unknown', name);
    // A text would be run as code.
    else if (typeof a !== 'function') diagnose('command_failed', name);
    else if (whenReady) whenReady.push(a as () => void);
    else setTimeout(a as () => void);
  } catch (fault) {
    diagnose('command_failed', fault);
  }
  return undefined;
}
