/**
 * The inspector's core in the place of the page's: the same Rust, which also answers questions.
 *
 * In a dry run nothing leaves the page and nothing is kept: the core holds its outputs back, and the
 * plan says `memory` to the kernel, while the core is told the plan as it is.
 * Not here: what is asked (look.ts), how it is shown.
 */

import { type Make, loadCore } from '../load';
import type { Hands } from '../shell';
import type { Landing, Plan } from '../types';
import type { TypedCore } from './types';

export interface Inspected {
  /** The running instance; none before the first start, and while a trapped one is replaced. */
  core: TypedCore | undefined;
  /** What the endpoint answered, by batch: a status, or 0 for none. */
  answers: Map<number, number>;
  /** How the visitor arrived, as the core was told. */
  landing: Landing | undefined;
}

const START = '{"in":"start"';
const LANDING = '{"in":"landing"';
const DELIVERED = '{"in":"delivered"';

/** Makes instances for the kernel, each watched; `changed` is called after each turn of theirs. */
export async function inspectedCore(wasm: URL, hands: Hands, plan: Plan, isDry: boolean, changed: () => void): Promise<{ make: Make; inspected: Inspected }> {
  const original = plan.storage;
  if (isDry) plan.storage = 'memory';
  const start = await loadCore(wasm, hands);
  const inspected: Inspected = { core: undefined, answers: new Map(), landing: undefined };
  const watched = (made: Core): Core => {
    const core = made as TypedCore;
    core.inspectDry(isDry);
    inspected.core = core;
    const turn = <T>(run: () => T): T => {
      try {
        return run();
      } catch (fault) {
        // Trapped: the kernel makes another.
        inspected.core = undefined;
        throw fault;
      } finally {
        changed();
      }
    };
    return {
      handle: (text) =>
        turn(() => {
          // A fresh instance is told of a reload.
          if (text.startsWith(LANDING)) inspected.landing ??= JSON.parse(text) as Landing;
          if (text.startsWith(DELIVERED)) {
            const { batch, status } = JSON.parse(text) as { batch: number; status: number };
            inspected.answers.set(batch, status);
          }
          return core.handle(isDry && text.startsWith(START) ? withStorage(text, original) : text);
        }),
    };
  };
  // What replaces a trapped one is there at once.
  const make: Make = (again) => {
    const made = start(again);
    return made instanceof Promise ? made.then(watched) : watched(made);
  };
  return { make, inspected };
}

/** The start as the plan has it: the touches that were kept can then be read. */
function withStorage(text: string, storage: string | undefined): string {
  const start = JSON.parse(text) as { plan: Plan };
  if (storage) start.plan.storage = storage;
  return JSON.stringify(start);
}
