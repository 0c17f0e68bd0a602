/** Modules that the build provides. */

/** The running core's exports. Call them only through the door in core.ts. */
interface Core {
  /** Takes one input as JSON; returns the outputs for the kernel as a JSON array, or nothing. */
  handle(text: string): string;
}

declare module 'touchmark:glue' {
  /** A factory: an instance that replaces a trapped one needs fresh glue. Its arguments: js/shell. */
  export function glue(
    announce: (layer: string, object: string) => void,
    discard: (isLocal: boolean, key: string) => void,
    isMatch: (pattern: string, text: string) => number,
    keep: (isLocal: boolean, key: string, text: string) => void,
    kept: () => string,
    post: (batch: number, url: string, body: string, isCloudevents: boolean) => void,
    wake: (at: number) => void,
    wipe: (said: string) => void,
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
