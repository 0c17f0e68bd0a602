/**
 * What a page shows as wrong in a form, in the ways of libraries and themes.
 *
 * A mark is what it says and of which control, so that one which is rendered anew is the same.
 * Not here: what it proves (forms.ts).
 */

import { controlsOf, matches } from '../page';

/** How libraries and themes mark what is wrong, on a control or beside it. */
const MARK = '[aria-invalid=true],[class*=error i],[class*=invalid i],[class*=not-valid i]';
const MARKED = /(^|\s)(?!non?-)[^\s:[]*(error|invalid|not-valid)[^\s:]*(?!\S)/i;
/** A message's place, which says by another class that all is well. */
const PRAISED = /(^|\s)(is-)?(valid|success)(?!\S)/i;

export const isShown = (one: Element): boolean => !!one.getClientRects()[0];
/** Not faded out, nor folded up; engines that can't tell are believed. */
export const isVisible = (one: Element): boolean =>
  isShown(one) && one.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) !== false && (!!one.getClientRects()[0]!.height || getComputedStyle(one).overflowY === 'visible');

const isControl = (one: Element): boolean => /^(input|select|textarea)$/.test(one.localName);
/** A class that only says how an error would look (`aria-invalid:ring`) is none. */
export const marksOf = (form: Element): Element[] =>
  [...Element.prototype.querySelectorAll.call(form, MARK), ...controlsOf(form).filter((one) => matches(one, MARK))].filter(
    (one) => (matches(one, '[aria-invalid=true]') || (MARKED.test(one.getAttribute('class')!) && !PRAISED.test(one.getAttribute('class')!))) && (isControl(one) ? isShown(one) : isVisible(one) && one.textContent!.trim()),
  );
/** What a mark says, and of which control: one that is rendered anew says the same. */
const saysOf = (one: Element): string =>
  [one.localName, one.className, one.getAttribute('aria-invalid'), isControl(one) ? one.getAttribute('name') : one.textContent, Element.prototype.querySelector.call(one.parentElement, '[name]')?.getAttribute('name')].join();
export const markedIn = (form: Element): Set<string> => new Set(marksOf(form).map(saysOf));
