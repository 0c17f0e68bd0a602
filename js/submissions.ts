/**
 * Tells an attempt from a submission, for every form of the page, without touching either.
 *
 * A `submit` event is only an attempt. Then either `formdata` fires once its dispatch is over:
 * the browser is submitting; or it was cancelled: the page's own code has it; or neither:
 * nothing went out. `form.submit()` fires `formdata` alone, and then the page begins to leave.
 * Shared by stub and kernel.
 * Never constructs FormData from the form: that would run the page's own `formdata` listeners.
 * Not here: what the readings mean (entries.ts), what became of it (parts/forms.ts),
 * and which forms ask for nothing (parts/leads.ts).
 */

import { closest, controlsOf, guard, isForm, listen, matches, memberOf } from './page';
import type { Captured, Reading } from './types';

/** Never part of what a form sends. */
const UNSENT = ':disabled,datalist *,:is([type=checkbox],[type=radio]):not(:checked)';
const BUBBLING = 3;
/** So long after `formdata` the page begins to leave, if that was `form.submit()`. */
const LEAVING_MILLIS = 200;
/** Within it, what was told natively is not told again. */
const TOLD_MILLIS = 2000;

/** True when it goes out natively. */
type Step = (now?: Event) => boolean | void;

/** Chromium fires `formdata` again when the navigation begins. */
const told: Step = () => true;

export const read = (form: Element): Reading =>
  controlsOf(form)
    .filter((control) => !matches(control, UNSENT))
    .flatMap((control) =>
      (control.options ? [...control.querySelectorAll<HTMLOptionElement>(':checked:enabled')] : [control]).map(({ value }): Reading[0] => [control, value]),
    );

const filled = (reading: Reading): number => reading.filter(([, value]) => value).length;

/** Watches a document, or with it an open shadow root, which `submit` does not leave. */
export function captureSubmissions(emit: (captured: Captured) => void): (root: EventTarget) => void {
  /** What each form's last attempt does next, until it is settled. */
  const pending = new WeakMap<EventTarget, Step>();
  let clicked: Event | undefined;

  /** A bare `formdata`: the page's code reads the form, or submits it. */
  const expectLeave = (captured: Captured): void => {
    const leave = guard(() => {
      // A link is followed, and the form was only read.
      if (!clicked || clicked.defaultPrevented) emit(captured);
    });
    const stay = (): void => removeEventListener('beforeunload', leave);
    addEventListener('beforeunload', leave, { once: true });
    setTimeout(stay, LEAVING_MILLIS);
    // Comes first, where there is such a thing: the page's code goes elsewhere, and posts nothing.
    if (memberOf(captured.form, 'method') === 'post') (window as { navigation?: EventTarget }).navigation?.addEventListener('navigate', (event) => (event as { formData?: unknown }).formData || stay(), { once: true });
  };

  const proceed = (event: Event): void => {
    const form = event.target as Element;
    if (pending.get(form)?.(event)) return;
    // What listeners still add is in the same object.
    if (!__STUB__ && event.type === 'formdata' && event.eventPhase !== BUBBLING && isForm(form)) expectLeave({ form, at: Date.now(), native: true, reading: read(form), data: (event as FormDataEvent).formData });
  };

  const watch = (root: EventTarget): void => {
    listen<SubmitEvent>(
      'submit',
      (event) => {
        const form = event.target as HTMLFormElement;
        if (!isForm(form)) return;
        const captured: Captured = { form, submitter: event.submitter, at: Date.now(), native: undefined };
        let reading = read(form);
        let data: FormData | undefined;
        let isNative = false;

        const step: Step = (next) => {
          if (next?.type === 'formdata') {
            data = (next as FormDataEvent).formData;
            // While the event is on its way it is the page's own code that reads the form. Firefox still
            // shows a phase while it submits; all engines have taken the current target away by then.
            isNative = !event.currentTarget && !event.defaultPrevented;
            // On its way back, the form's own listeners have added theirs; the navigation is still to come.
            if (!isNative || next.eventPhase < BUBBLING) return isNative;
          } else if (next) {
            // Handlers fill fields in; one that has emptied or removed them took the values before.
            const now = read(form);
            if (filled(now) >= filled(reading)) reading = now;
          }
          if (!isNative && !event.defaultPrevented) return;
          pending.delete(form);
          if (isNative) {
            pending.set(form, told);
            setTimeout(() => pending.get(form) === told && pending.delete(form), TOLD_MILLIS);
          }
          emit({ ...captured, native: isNative, reading, data });
          return isNative;
        };

        pending.set(form, step);
        emit(captured);
        // For handlers that stop propagation. FormData made later is none of this submission's.
        setTimeout(
          guard(() => {
            if (pending.get(form) !== step) return;
            step();
            if (pending.get(form) === step) pending.delete(form);
          }),
        );
      },
      false,
      root,
    );
    listen('submit', proceed, true, root);
    listen('formdata', proceed, true, root);
    listen('formdata', proceed, false, root);
  };
  watch(window);
  if (!__STUB__) {
    listen('click', (event) => {
      if (!closest(event.target, 'a[href]:not([href^="#"],[href^="java"])')) return;
      clicked = event;
      setTimeout(() => (clicked = undefined), LEAVING_MILLIS);
    });
  }
  return watch;
}
