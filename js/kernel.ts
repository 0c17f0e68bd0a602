/**
 * The script tag's entry: `<script async src="…/touchmark.js" data-plan="…/plan.json">`.
 */

import './landing';
import { install } from './install';
import { all, guard, matches } from './page';

const OURS = 'script[data-plan]';

guard(() => {
  const running = document.currentScript as HTMLScriptElement | null;
  // Injected scripts aren't current: then the first that has a plan. `<img name=currentScript>` is no script.
  const script = running && matches(running, OURS) ? running : (all(OURS)[0] as HTMLScriptElement);
  const { dataset } = script;
  // As the plan's, from the page's own address: a `<base>` that somebody put in has no say.
  const address = new URL(script.getAttribute('src')!, location.href);
  install(address, new URL(__WASM_URL__, address), dataset.plan!, dataset.planIntegrity, 'debug' in dataset);
})();
