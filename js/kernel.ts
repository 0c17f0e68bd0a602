/**
 * The script tag's entry: `<script async src="…/touchmark.js" data-plan="…/plan.json">`, or, where
 * a tag manager injects the script and can set no attribute, a queued `touchmark('init', …)`.
 */

import './landing';
import { install } from './install';
import { all, guard, matches } from './page';
import type { Told } from './types';

const OURS = 'script[data-plan]';

guard(() => {
  // Asked past what markup may put in its place, as `<img name=currentScript>` does.
  const running = Reflect.get(Document.prototype, 'currentScript', document) as HTMLScriptElement | null;
  // Modules aren't current: then the first that has a plan, from the page's own origin. Others may have been put in.
  const isOwn = (one: Element): boolean => new URL((one as HTMLScriptElement).getAttribute('src')!, location.href).origin === location.origin;
  const script = running && matches(running, OURS) ? running : (all(OURS).find(isOwn) as HTMLScriptElement | undefined);
  // Asked member by member: where a page has given Object.prototype a `get`, a copy of `dataset` throws.
  const told: Told = script ? (script.dataset as never as Told) : (window.touchmark!.q as unknown as [unknown, Told][]).find((item) => item[0] === 'init')![1];
  // As the plan's, from the page's own address: a `<base>` that somebody put in has no say.
  const address = new URL(script ? script.getAttribute('src')! : told.src, location.href);
  install(address, new URL(__WASM_URL__, address), told.plan, told.planIntegrity, 'debug' in told);
})();
