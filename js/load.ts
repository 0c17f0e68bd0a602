/**
 * Fetches touchmark's own files and compiles the core, telling nobody about the visitor.
 */

import inlined from 'touchmark:wasm';

/** Throws where the page's policy forbids even the smallest module: then nothing need be loaded. */
export const probeWasm = (): unknown => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

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

export async function compile(url: string | URL): Promise<WebAssembly.Module> {
  if (__INLINE_WASM__) return WebAssembly.compile(Uint8Array.from(inlined, (character) => character.charCodeAt(0)));
  try {
    return await WebAssembly.compileStreaming(load(url, __WASM_INTEGRITY__));
  } catch {
    // Served under another type than application/wasm, or no streaming here.
    return WebAssembly.compile(await (await load(url, __WASM_INTEGRITY__)).arrayBuffer());
  }
}
