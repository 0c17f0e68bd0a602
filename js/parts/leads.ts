/**
 * Which submissions of forms that nobody declared are leads: none by which nobody could introduce
 * herself, no search, filter, login, cart, toggle. A plan overrules: what it declares is one.
 */

import { autocompleteOf, controlsOf, matches, memberOf } from '../page';

const NO_LEAD = ':is([method=dialog],[role=search],search *)';
/** In what a control is: a search, a login. */
const NO_LEAD_CONTROL = /search|password|one-time/;
/** Text, textarea, tel, email, and no number typed as text. */
const LEAD_CONTROL = /\b(te|em)(?!\w*num)/;

export function mayLead(form: Element, native: boolean): boolean {
  // What the browser itself sends by GET looks something up.
  if (native && memberOf(form, 'method') === 'get') return false;
  const kinds = controlsOf(form)
    .map((control) => `${control.type}${control.inputMode}${autocompleteOf(control)}`)
    .join();
  return !matches(form, NO_LEAD) && !NO_LEAD_CONTROL.test(kinds) && LEAD_CONTROL.test(kinds);
}
