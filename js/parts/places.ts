/**
 * Where submissions come from that the kernel's own listeners don't hear: containers without
 * <form>, frames of the same origin, `form.submit()` into a frame.
 */

import { closest, memberOf } from '../page';
import type { Kernel } from './forms';

/** The submit event is that much before its formdata, at most. */
const SAME_MILLIS = 1000;

/** A click on the plan's button inside its container is an attempt, and what follows is the page's own code. */
export function watchContainers({ declared, emit, guard, read }: Kernel): void {
  addEventListener(
    'click',
    guard((event: Event) => {
      // In an open shadow root as well.
      const [target] = event.composedPath();
      for (const { selector, button } of declared()) {
        const form = button && closest(target!, button) && closest(target!, selector!);
        if (!form) continue;
        const captured = { form, at: Date.now(), native: undefined };
        const reading = read(form);
        emit(captured);
        setTimeout(
          guard(() => {
            const now = read(form);
            const isFuller = now.filter(([, value]) => value).length >= reading.filter(([, value]) => value).length;
            emit({ ...captured, native: false, reading: isFuller ? now : reading });
          }),
        );
      }
    }) as (event: Event) => void,
    true,
  );
}

/** Containers that stand in a form around the whole page, as some servers make it. */
export const containersIn = ({ all, declared }: Kernel, form: Element): Element[] =>
  declared()
    .flatMap(({ button, selector }) => (button ? all(selector!) : []))
    .filter((one) => one !== form && Node.prototype.contains.call(form, one));

/** Whose document it is in: another one's in a frame. */
export const windowOf = (form: Element): typeof window => (Reflect.get(Node.prototype, 'ownerDocument', form) as Document).defaultView ?? window;

/** In another document that runs a touchmark of its own: then that tells. */
export const isTheirs = (form: Element): boolean => windowOf(form) !== window && !!windowOf(form).touchmark;

export function watchFrames({ addRoot, all, guard }: Kernel): void {
  const look = guard(() => {
    for (const frame of all('iframe')) {
      // Null in another origin's.
      const { contentDocument: inside } = frame as HTMLIFrameElement;
      if (inside?.body) addRoot(inside);
    }
  });
  // It is told in no other way: a frame's load doesn't bubble.
  document.addEventListener('load', look, true);
  look();
}

/** `form.submit()` into a frame: formdata, and then the frame loads. `went` knows what was told already. */
export function watchTargets({ all, emit, guard, read }: Kernel, went: WeakMap<Element, number>, look: (form: Element) => void): void {
  addEventListener(
    'formdata',
    guard((event: FormDataEvent) => {
      const form = event.target as Element;
      const target = memberOf(form, 'target');
      const frame = all('iframe').find((one) => (one as HTMLIFrameElement).name === target);
      if (!target || !frame) return;
      // The page's own listener may show the answer before this one hears of it.
      look(form);
      const captured = { form, at: Date.now(), native: true, reading: read(form), data: event.formData };
      frame.addEventListener('load', guard(() => (went.get(form) ?? 0) < captured.at - SAME_MILLIS && emit(captured)), { once: true });
    }) as (event: Event) => void,
    true,
  );
}
