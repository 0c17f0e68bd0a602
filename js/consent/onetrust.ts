/**
 * OneTrust: groups that are active, once the visitor has answered its banner.
 *
 * `OneTrustGroupsUpdated` fires at every load, before any choice, so `IsAlertBoxClosed` is asked too.
 * Source: OneTrust, "Client-side consent change callbacks", `OnetrustActiveGroups`.
 */

import { allOf, type Given, member, voiceOf } from './gate';

export default function watch(...given: Given): void {
  const { settings, say, guard, await: wait } = voiceOf(...given);
  const page = window as { OneTrust?: unknown; OnetrustActiveGroups?: unknown };
  const isClosed = (): unknown => {
    const ask = member(page.OneTrust, 'IsAlertBoxClosed');
    return typeof ask === 'function' ? ask.call(page.OneTrust) : undefined;
  };
  const hear = guard(() => {
    const groups = page.OnetrustActiveGroups;
    if (isClosed() !== true || typeof groups !== 'string') return say(() => 'unknown');
    const active = groups.split(',');
    say((purpose) => allOf(settings.purposes[purpose].map((group) => active.includes(`${group}`))));
  });
  // The cookie that says the banner was answered may be written after the event.
  addEventListener('OneTrustGroupsUpdated', () => {
    hear();
    setTimeout(hear);
  });
  wait(() => (isClosed() === undefined ? undefined : true), hear);
}
