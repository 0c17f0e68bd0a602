/**
 * Fetches touchmark's own files and compiles the core, telling nobody about the visitor.
 */

import { glue } from 'touchmark:glue';
import inlined from 'touchmark:wasm';
import { diagnose } from './diagnostics';
import type { Hands } from './shell';

/** With no word of the visitor: neither cookies nor the page's address. */
export const load = (url: string | URL, integrity?: string): Promise<Response> =>
  fetch(url, {
    // A polluted Object.prototype has no say: what is not here has the standard's default.
    __proto__: null,
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'error',
    integrity,
  } as RequestInit);

async function compile(url: string | URL): Promise<WebAssembly.Module> {
  if (__INLINE_WASM__) return WebAssembly.compile(Uint8Array.from(inlined, (character) => character.charCodeAt(0)));
  try {
    return await WebAssembly.compileStreaming(load(url, __WASM_INTEGRITY__));
  } catch {
    // Served under another type than application/wasm, or no streaming here.
    return WebAssembly.compile(await (await load(url, __WASM_INTEGRITY__)).arrayBuffer());
  }
}

/**
 * Makes a fresh instance of the core; `again` at once, in place of one that trapped. Chromium before
 * 110 can't: then there is none.
 */
export type Make = (again?: boolean) => Core | Promise<Core>;

/**
 * The core as wasm; where the page's policy forbids that, the same core compiled to JavaScript. Only
 * then: an import carries no hash, and a wasm that is not the script's own is no reason to do without.
 */
export async function loadCore(url: string | URL, hands: Hands): Promise<Make> {
  try {
    // The smallest module there is: where it is forbidden the real one need not be fetched.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch (fault) {
    diagnose('wasm_forbidden', fault);
    const { make } = (await import(`${url}.mjs`)) as typeof import('./script');
    return () => make(...hands);
  }
  const module = await compile(url);
  return (again) => {
    const { imports, attach } = glue(...hands);
    if (again) return attach(new WebAssembly.Instance(module, imports).exports);
    return WebAssembly.instantiate(module, imports).then(({ exports }) => attach(exports));
  };
}
