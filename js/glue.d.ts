/** Modules that the build provides. */

/** The running core's exports. Call them only through the door in core.ts. */
interface Core {
  boot(door: (kind: string, a?: unknown, b?: unknown) => void): void;
  /** Takes one input as JSON; returns the outputs for the kernel as a JSON array, or nothing. */
  handle(text: string): string;
  /** What a request came to; returns outputs as `handle` does. */
  settled(batch: number, response: unknown): string;
}

declare module 'touchmark:glue' {
  /** A factory: an instance that replaces a trapped one needs fresh glue. */
  export function glue(
    keep: (area: Storage, key: string, text: string) => void,
    fetch: (url: string, init: RequestInit) => Promise<Response>,
  ): {
    imports: WebAssembly.Imports;
    attach(exports: WebAssembly.Exports): Core;
  };
}

declare module 'touchmark:wasm' {
  /** The module's bytes, a Latin-1 character each; empty in the two-file build. */
  const wasm: string;
  export default wasm;
}

declare module 'touchmark:script' {
  /** The wasm as JavaScript: returns a fresh instance's exports. */
  export function instantiate(imports: WebAssembly.Imports): WebAssembly.Exports;
}
