/**
 * Global Privacy Control: a browser's standing objection. It only ever denies, and only the
 * purposes that the plan lists; a browser that says nothing has said neither.
 *
 * Source: W3C Global Privacy Control, `navigator.globalPrivacyControl`.
 */

import { type Given, type Purpose, type Settings, voiceOf } from './gate';

interface Gpc extends Settings {
  denies: Purpose[];
}

export default function watch(...given: Given): void {
  const { settings, say } = voiceOf<Gpc>(...given);
  const objects = (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl === true;
  say((purpose) => (objects && settings.denies.includes(purpose) ? 'denied' : 'silent'));
}
