/**
 * What the parts about touches share: a form of touchmark's own, in no document. Its hidden field holds
 * a touch; the core fills it like any other, and empties it on withdrawal. So a part hears of the touch
 * and of the grant, and decides neither.
 *
 * Plan build adds that form to the plan, with the part as its adapter (crates/cli/src/plan/attribution.rs).
 * Not here: what is done with it (links.ts, cookies.ts).
 */

import type { Input } from '../types';
import type { Hands } from './adapt';

/** An arrival that this page did not see, by its own moment. */
export const carried = (at: number, query: string, more?: { referrer?: string | undefined; nav?: string | undefined }): Input => ({ in: 'carried', at, query, ...more });

/** `hear` is told a touch as JSON, a space where there is none, and the empty text once nothing is allowed. */
export function hearTouch({ kernel, guard, plan }: Hands, hear: (touch: string) => void): void {
  const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'touch' });
  field.addEventListener('input', guard(() => hear(field.value)) as () => void);
  const holder = document.createElement(plan.selector!);
  holder.append(field);
  const root = document.createDocumentFragment();
  root.append(holder);
  kernel.addRoot(root);
}
