/**
 * Cookiebot: categories, once the visitor has answered.
 *
 * Where its settings imply consent outside of some regions, `hasResponse` is false: no grant.
 * Source: Cookiebot developer documentation, events and properties of `Cookiebot`.
 */

import { allOf, type Given, member, voiceOf } from './gate';

export default function watch(...given: Given): void {
  const { settings, say, guard, await: wait } = voiceOf(...given);
  const look = (): unknown => (window as { Cookiebot?: unknown }).Cookiebot;
  const hear = guard(() => {
    const bot = look();
    const consent = member(bot, 'consent');
    say((purpose) => (member(bot, 'hasResponse') === true ? allOf(settings.purposes[purpose].map((category) => member(consent, category))) : 'unknown'));
  });
  for (const name of ['ConsentReady', 'Accept', 'Decline']) addEventListener(`CookiebotOn${name}`, hear);
  wait(() => (typeof member(member(look(), 'consent'), 'necessary') === 'boolean' ? true : undefined), hear);
}
