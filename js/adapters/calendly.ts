/** Calendly, in a frame. Its embed posts {event: 'calendly.event_scheduled'}; date_selected and the like are steps. */

import type { Hands } from '../parts/adapt';

export default ({ hear, unread }: Hands): void =>
  hear(({ event }) => {
    if (event === 'calendly.event_scheduled') unread();
  });
