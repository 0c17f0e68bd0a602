/** touchmark's face to a site's own code. */

export type ConsentState = 'granted' | 'denied' | 'withdrawn';

/** What a visitor agreed to. What is not said is not granted. */
export interface Consent {
  /** Keep records in the browser's storage. */
  store?: ConsentState;
  /** Remember and send how the visitor arrived. */
  attribute?: ConsentState;
  /** Send hashed contact fields. */
  identify?: ConsentState;
  /** Send events at all. */
  send?: ConsentState;
}

/** Something that touchmark could not do, in the page only; never sent from here. */
export interface Diagnostic {
  code: string;
  about: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Works before the script is there: commands wait in their order. Never throws. */
export interface Touchmark {
  (command: 'consent', state: Consent | ConsentState): void;
  /** An event type that the plan lists under `records`. */
  (command: 'record', type: string, fields?: Record<string, unknown>): void;
  /** The form's submission was accepted, or failed: the element, its id, or the plan's id for it. */
  (command: 'confirm' | 'fail', form: Element | string): void;
  (command: 'diagnostics'): Diagnostic[];
  /** Diagnostics to the console as well. */
  (command: 'debug', on?: boolean): void;
  /**
   * For the script tag's kernel where a tag manager can set no `data-plan`: queued before the
   * script is injected. `src` is the script's own absolute address.
   */
  (command: 'init', options: { src: string; plan: string; planIntegrity?: string; debug?: true }): void;
  /** Called when the core runs; never where it can't. */
  (command: 'ready', callback: () => void): void;
}

export interface InitOptions {
  /** Address of the built plan. */
  plan: string;
  /** Subresource integrity of the plan; needed when it comes from another origin than page and script. */
  planIntegrity?: string;
  /**
   * Address of the folder with touchmark's files, ending in a slash: for parts that are loaded only
   * when needed, as consent sources are. By default beside the module; a bundled one has no such place.
   */
  files?: string;
  /** Address of the wasm, when it is not beside the module. */
  wasm?: string;
  debug?: boolean;
}

export declare const touchmark: Touchmark;

/** Starts touchmark on this page. A second call, or a second copy, adds nothing; nor does it on a server. */
export declare function init(options: InitOptions): Promise<Touchmark>;
