/**
 * The script tag's entry: `<script async src="…/touchmark.js" data-plan="…/plan.json">`.
 */

import './landing';
import { install } from './install';
import { guard } from './page';

guard(() => {
  const running = document.currentScript as HTMLScriptElement | null;
  // Injected scripts aren't current: then the one that has a plan.
  const { src, dataset } = running?.dataset.plan ? running : document.querySelector<HTMLScriptElement>('script[data-plan]')!;
  install(src, new URL(__WASM_URL__, src).href, dataset.plan!, dataset.planIntegrity, 'debug' in dataset);
})();
