/**
 * The module's entry: `import { init } from 'touchmark'`.
 *
 * Importing it only notes the landing. Where there is no document, on a server or in a worker,
 * neither import nor `init` does anything.
 */

import { landing } from './landing';
import { install } from './install';
import type { InitOptions, Touchmark } from './touchmark';

export type * from './touchmark';

/** Works once `init` was called, and before that with a queue that the page has set up. */
export const touchmark = ((...command: Parameters<Touchmark>) => {
  const { touchmark: own } = globalThis as { touchmark?: Touchmark };
  // Not an element of that id.
  if (typeof own === 'function') return own(...command);
}) as Touchmark;

export async function init(options: InitOptions): Promise<Touchmark> {
  if (!landing) return touchmark;
  // Only what the page says itself: what a polluted prototype lends would be run.
  const { plan, planIntegrity, files, wasm, debug } = { __proto__: null, ...options } as InitOptions;
  // In this form bundlers see the file that belongs to the module. Inside one, a module has no folder.
  const folder = new URL(files ?? import.meta.url, location.href);
  const beside = __INLINE_WASM__ || files ? new URL('touchmark.wasm', folder) : new URL('touchmark.wasm', import.meta.url);
  return install(folder, wasm ?? beside, plan, planIntegrity, debug);
}
