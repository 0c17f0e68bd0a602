/**
 * Brings the forms part: from beside the wasm, at most once, when the page has a form or asks for
 * more. In the builds of one piece it is inside.
 *
 * Not here: what it does (parts/forms.ts).
 */

import { diagnose } from './diagnostics';
import { type FormsPart, kernel } from './intake';
import inside from './parts/forms';

export let base: string | URL = '';
export let part: FormsPart | undefined;
let coming: Promise<void> | undefined;

export function setBase(wasm: string | URL): void {
  base = wasm;
}

/** Does something with the part: at once, or when it is there. */
export function withPart(run: (part: FormsPart) => void): void {
  if (part) return run(part);
  coming ??= (__LAZY__ ? (import(new URL('touchmark.forms.js', base) as never) as Promise<{ default: typeof inside }>) : Promise.resolve({ default: inside })).then((made) => {
    part = made.default(kernel());
  });
  coming.then(() => run(part!)).catch((fault) => diagnose('part_unreadable', fault));
}

/** Once the part and its adapters are here, if any were asked for, or can't be had. */
export const settled = async (): Promise<unknown> => (await coming, part?.settled);
