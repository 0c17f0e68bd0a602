/** Jotform, in a frame. It posts {action: 'submission-completed', formID} once the form was taken. */

import type { Hands } from '../parts/adapt';

export default ({ hear, unread }: Hands): void =>
  hear(({ action }) => {
    if (action === 'submission-completed') unread();
  });
