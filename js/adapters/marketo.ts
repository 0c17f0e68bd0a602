/**
 * Marketo Forms 2, in the page: a form is accepted when its onSuccess runs. The callback returns
 * nothing, so that Marketo's own follow-up goes on.
 */

import type { Hands } from '../parts/adapt';

interface MarketoForm {
  getFormElem(): ArrayLike<Element>;
  onSuccess(run: () => void): void;
}

export default ({ guard, say }: Hands): void => {
  const { MktoForms2 } = window as unknown as { MktoForms2?: { whenReady(run: (form: MarketoForm) => void): void } };
  MktoForms2?.whenReady(
    guard((form: MarketoForm) => {
      form.onSuccess(
        guard(() => {
          const [element] = Array.from(form.getFormElem());
          if (element) say(element, 'accepted');
        }),
      );
    }),
  );
};
