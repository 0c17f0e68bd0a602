/**
 * HubSpot, in the page or in a frame. Its embed posts {type: 'hsFormCallback', eventName, id}:
 * onFormSubmit is an attempt, onFormSubmitted the acceptance. Newer embeds dispatch a DOM event.
 */

import type { Hands } from '../parts/adapt';

export default ({ forms, guard, hear, say, unread }: Hands): void => {
  /** Those submitted: the embed may have replaced its form by the thanks when it says so. */
  const sent = new Set<Element>();
  addEventListener(
    'submit',
    guard(({ target }: Event) => {
      if (forms().includes(target as Element)) sent.add(target as Element);
    }) as (event: Event) => void,
    true,
  );
  const accept = (id: unknown): void => {
    const known = [...forms(), ...[...sent].reverse()];
    const mine = known.find((form) => Element.prototype.getAttribute.call(form, 'data-form-id') === id || form.id === `hsForm_${String(id)}`) ?? known.find((form) => form.localName === 'form');
    if (mine) say(mine, 'accepted');
    else unread();
  };
  hear(({ type, eventName, id }) => {
    if (type === 'hsFormCallback' && eventName === 'onFormSubmitted') accept(id);
  });
  addEventListener(
    'hs-form-event:on-submission:success',
    guard((event: Event) => accept((event as CustomEvent<{ formId?: unknown } | null>).detail?.formId)) as (event: Event) => void,
  );
};
