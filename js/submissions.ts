/**
 * Tells an attempt from a submission, for every form of the page, without touching either.
 *
 * A `submit` event is only an attempt. Then either `formdata` fires once its dispatch is over:
 * the browser is submitting; or it was cancelled: the page's own code has it; or neither:
 * nothing went out. Shared by stub and kernel.
 * Never constructs FormData from the form: that would run the page's own `formdata` listeners.
 * Not here: what the readings mean (entries.ts), `form.submit()`, which fires no `submit` event.
 */

import { controlsOf, guard, listen, matches } from './page';
import type { Captured, Reading } from './types';

/** Never part of what a form sends. */
const UNSENT = ':disabled,datalist *,:is([type=checkbox],[type=radio]):not(:checked)';
/** No leads: dialogs, searches, logins. A browser without `:has` overlooks the last. */
const NO_LEAD = ':is([method=dialog],[role=search],search *,:has([type=search],[type=password],[autocomplete*=password]))';

const BUBBLING = 3;

type Step = (now?: Event) => void;

const read = (form: Element): Reading =>
  controlsOf(form)
    .filter((control) => !matches(control, UNSENT))
    .flatMap((control) =>
      (control.options ? [...control.querySelectorAll<HTMLOptionElement>(':checked:enabled')] : [control]).map(({ value }): Reading[0] => [control, value]),
    );

const filled = (reading: Reading): number => reading.filter(([, value]) => value).length;

export function captureSubmissions(emit: (captured: Captured) => void): void {
  /** What each form's last attempt does next, until it is settled. */
  const pending = new WeakMap<EventTarget, Step>();
  const proceed: Step = (event) => pending.get(event!.target!)?.(event);

  listen<SubmitEvent>('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLButtonElement | null;
    const captured: Captured = {
      form,
      submitter,
      at: Date.now(),
      lead: !matches(form, NO_LEAD) && submitter?.formMethod !== 'dialog',
    };
    let reading = read(form);
    let data: FormData | undefined;

    const step: Step = (next) => {
      let native = false;
      if (next?.type === 'formdata') {
        data = (next as FormDataEvent).formData;
        // While the event is on its way it is the page's own code that reads the form. Firefox still
        // shows a phase while it submits; all engines have taken the current target away by then.
        native = !event.currentTarget && !event.defaultPrevented;
        // On its way back, the form's own listeners have added theirs; the navigation is still to come.
        if (!native || next.eventPhase < BUBBLING) return;
      } else if (next) {
        // Handlers fill fields in; one that has emptied or removed them took the values before.
        const now = read(form);
        if (filled(now) >= filled(reading)) reading = now;
      }
      if (!native && !event.defaultPrevented) return;
      pending.delete(form);
      emit({ ...captured, native, reading, data });
    };

    pending.set(form, step);
    emit(captured);
    // For handlers that stop propagation. FormData made later is none of this submission's.
    setTimeout(
      guard(() => {
        if (pending.get(form) !== step) return;
        step();
        pending.delete(form);
      }),
    );
  });
  listen('submit', proceed, true);
  listen('formdata', proceed);
  listen('formdata', proceed, true);
}
