/**
 * Brings the forms part: from beside the wasm, at most once, when the page has a form or asks for
 * more. In the builds of one piece it is inside.
 *
 * Not here: what it does (parts/forms.ts).
 */

import { diagnose } from './diagnostics';
import { type FormsPart, kernel } from './intake';
import { guard } from './page';
import inside from './parts/forms';

export let base: string | URL = '';
export let part: FormsPart | undefined;
let coming: Promise<void> | undefined;

export function setBase(wasm: string | URL): void {
  base = wasm;
}

const bring = (again = ''): Promise<void> =>
  (__LAZY__ ? (import(new URL(`touchmark.forms.js${again}`, base) as never) as Promise<{ default: typeof inside }>) : Promise.resolve({ default: inside })).then((made) => {
    part = made.default(kernel());
  });

/** Does something with the part: at once, or when it is there. */
export function withPart(run: (part: FormsPart) => void): void {
  if (part) return run(part);
  if (!coming) {
    // Once more: what broke off says nothing of the file. Firefox asks again only for another address.
    coming = bring().catch(() => bring('#again'));
    coming.catch((fault) => diagnose('part_unreadable', fault));
  }
  coming.then(
    guard(() => run(part!)),
    () => {},
  );
}

/** Once the part and its adapters are here, if any were asked for, or can't be had. */
export const settled = async (): Promise<unknown> => (await coming, part?.settled);
