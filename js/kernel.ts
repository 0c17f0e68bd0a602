/**
 * The script tag's entry: `<script async src="…/touchmark.js" data-plan="…/plan.json">`, or, where
 * a tag manager injects the script and can set no attribute, a queued `touchmark('init', …)`.
 */

import './landing';
import { install } from './install';
import { guard } from './page';
import type { Told } from './types';

guard(() => {
  const running = document.currentScript as HTMLScriptElement | null;
  // Injected scripts aren't current: then the one that has a plan.
  const tag = running?.dataset.plan ? running : document.querySelector<HTMLScriptElement>('script[data-plan]');
  const told: Told & { dataset?: Told } =
    (tag as never) ?? (window.touchmark!.q as unknown as [unknown, Told][]).find((item) => item[0] === 'init')![1];
  const { src, dataset = told } = told;
  install(src, new URL(__WASM_URL__, src).href, dataset.plan, dataset.planIntegrity, 'debug' in dataset);
})();
