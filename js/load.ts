/**
 * Fetches touchmark's own files and compiles the core, telling nobody about the visitor.
 */

import inlined from 'touchmark:wasm';

/** The smallest module there is. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/** Throws where the page's policy forbids wasm: then nothing need be loaded. */
export function probeWasm(): void {
  new WebAssembly.Module(Uint8Array.from(EMPTY_MODULE));
}

export async function load(url: string, integrity = ''): Promise<Response> {
  const response = await fetch(url, {
    // A polluted Object.prototype has no say.
    __proto__: null,
    method: 'GET',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'error',
    mode: 'cors',
    cache: 'default',
    integrity,
  } as RequestInit);
  if (!response.ok) throw response.status;
  return response;
}

export async function compile(url: string): Promise<WebAssembly.Module> {
  if (__INLINE_WASM__) return WebAssembly.compile(Uint8Array.from(inlined, (character) => character.charCodeAt(0)));
  try {
    return await WebAssembly.compileStreaming(load(url));
  } catch {
    // Served under another type than application/wasm, or no streaming here.
    return WebAssembly.compile(await (await load(url)).arrayBuffer());
  }
}
