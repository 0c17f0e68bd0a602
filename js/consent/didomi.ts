/**
 * Didomi: purposes and, where the plan names them, vendors that the visitor has enabled.
 *
 * Nothing counts while Didomi still has to ask.
 * Source: Didomi developer documentation, `getCurrentUserStatus`, `shouldUserStatusBeCollected`,
 * `didomiOnReady`, `didomiEventListeners`.
 */

import { allOf, type Given, member, own, type Settings, voiceOf, type Word } from './gate';

interface Didomi extends Settings {
  vendor?: string;
}

export default function watch(...given: Given): void {
  const { settings, say, guard, await: wait } = voiceOf<Didomi>(...given);
  const page = window as { Didomi?: unknown; didomiEventListeners?: unknown };
  const look = (): unknown => page.Didomi;
  const call = (name: string): unknown => {
    const run = member(look(), name);
    return typeof run === 'function' ? run.call(look()) : undefined;
  };
  const isEnabled = (of: unknown, id: string | number): unknown => own(own(of, id), 'enabled') ?? false;

  const hear = guard(() => {
    const status = call('getCurrentUserStatus');
    const isAsking = call('shouldUserStatusBeCollected');
    say((purpose): Word => {
      if (isAsking !== false || !status) return 'unknown';
      const answers = settings.purposes[purpose].map((id) => isEnabled(own(status, 'purposes'), id));
      if (settings.vendor) answers.push(isEnabled(own(status, 'vendors'), settings.vendor));
      return allOf(answers);
    });
  });

  wait(
    () => (call('shouldUserStatusBeCollected') === undefined ? undefined : true),
    () => {
      // Didomi's own way to listen, whenever it comes.
      const listeners = (page.didomiEventListeners ??= []);
      if (Array.isArray(listeners)) listeners.push({ event: 'consent.changed', listener: hear });
      hear();
    },
  );
}
