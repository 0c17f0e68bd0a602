/** Typeform, in a frame. Its embed posts {type: 'form-submit', formId, responseId}; one response is one submission. */

import type { Hands } from '../parts/adapt';

export default ({ hear, unread }: Hands): void => {
  const seen = new Set<unknown>();
  hear(({ type, responseId }) => {
    if (type !== 'form-submit' || seen.has(responseId)) return;
    if (responseId) seen.add(responseId);
    unread();
  });
};
