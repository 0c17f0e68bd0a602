/**
 * Pardot, in a frame. It says nothing by itself: the form's thank-you code has to post
 * {pardot: 'submitted'} to the page around it.
 */

import type { Hands } from '../parts/adapt';

export default ({ hear, unread }: Hands): void =>
  hear(({ pardot }) => {
    if (pardot === 'submitted') unread();
  });
