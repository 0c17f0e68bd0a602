/**
 * The last touch on its way between the site's hosts: into the links and forms that lead to another of
 * them, out of the address where one was followed.
 *
 * Written at the last moment, after the page's own handlers, and taken back at once: the page finds its
 * links and forms as it made them. Nothing signs it, so it is read as an address that anybody may have
 * written: soon too old, capped, and judged by the core like the landing's own query.
 * What can't be carried: docs/attribution.md, "From one of the site's hosts to another".
 */

import { memberOf } from '../page';
import type { Input, Landing } from '../types';
import type { Hands } from './adapt';
import { carried, hearTouch } from './touch';

const NAME = '_touchmark';
/** A link is followed at once; the page it leads to may be slow. */
const MAX_AGE_SECONDS = 120;
/** Clocks are set while one navigates. */
const MAX_AHEAD_SECONDS = 5;
/** Servers take addresses of 8 kB. */
const MAX_CHARS = 2048;
const VALUE = /^1\.([0-9a-z]{1,8})\.([0-9a-z]{1,10})\.([\w-]+)$/;
const FIELDS = ['source', 'medium', 'campaign', 'term', 'content', 'id', 'source_platform', 'creative_format', 'marketing_tactic'] as const;

interface Touch extends Partial<Record<(typeof FIELDS)[number] | 'referrer', string>> {
  at: string;
  click_id?: { param: string; platform: string; value: string };
}

const encode = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');

const decode = (text: string): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0)));

/** A touch as a query that makes the same one again; its referrer is no parameter of anybody's. */
export function write(touch: Touch, now: number): string {
  const { at, click_id: click, referrer } = touch;
  const pairs = FIELDS.flatMap((name) => (touch[name] ? [[`utm_${name}`, touch[name]]] : []));
  if (click) pairs.push([click.param, click.value]);
  if (click?.platform === 'search_ads_360') pairs.push(['gclsrc', '3p.ds']);
  if (referrer) pairs.push([NAME, referrer]);
  // Escaped no further than the core needs: it is encoded as a whole.
  const query = pairs.map(([name, value]) => `${name}=${value!.replace(/[%&+]/g, encodeURIComponent)}`).join('&');
  return `1.${Math.floor(now / 1000).toString(36)}.${Date.parse(at).toString(36)}.${encode(query)}`;
}

/** What a landing's query carries; the last of several, since this page's own links add behind others. */
export function read({ at: now, query }: Pick<Landing, 'at' | 'query'>): Input | undefined {
  const value = query
    .split('&')
    .filter((one) => one.startsWith(`${NAME}=`))
    .pop()
    ?.slice(NAME.length + 1);
  const found = value && value.length <= MAX_CHARS && VALUE.exec(value);
  if (!found) return undefined;
  const age = now / 1000 - parseInt(found[1]!, 36);
  if (!(age < MAX_AGE_SECONDS && age > -MAX_AHEAD_SECONDS)) return undefined;
  let pairs: string[];
  try {
    pairs = decode(found[3]!).split('&');
  } catch {
    return undefined;
  }
  const referrer = pairs.find((one) => one.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
  // Never later than the landing: the address's own campaign wins.
  return carried(Math.min(parseInt(found[2]!, 36), now), pairs.filter((one) => !one.startsWith(NAME)).join('&'), {
    referrer: referrer && /^[\w.-]{1,255}$/.test(referrer) ? `https://${referrer}/` : '',
  });
}

export default (hands: Hands): void => {
  const { arrival, diagnose, guard, plan } = hands.kernel;
  const hosts = plan()!.attribution!.cross_domain!;
  let last = '';

  const isOurs = ({ hostname, origin, protocol }: URL): boolean =>
    // Nothing leaves an encrypted page unencrypted.
    hosts.includes(hostname) && origin !== location.origin && (protocol === 'https:' || (protocol === 'http:' && location.protocol === protocol));

  const isFrom = (referrer: string): boolean => !referrer || new URL(referrer).host === location.host || hosts.includes(new URL(referrer).hostname);

  const value = (): string => {
    // A core that is gone hears of no withdrawal.
    if (!last.trim() || (window.touchmark!('diagnostics') as { code: string }[]).some(({ code }) => code === 'core_stopped')) return '';
    const text = write(JSON.parse(last) as Touch, Date.now());
    if (text.length <= MAX_CHARS) return text;
    // Half a touch would be another one.
    diagnose('touch_too_long');
    return '';
  };

  /** The address with the touch, every other byte as it was; nothing where it is not to carry one. */
  const carry = (address: string): string => {
    const text = isOurs(new URL(address)) && value();
    if (!text) return '';
    const [before = '', hash = ''] = address.split(/(?=#)(.*)/s);
    return `${before}${!before.includes('?') ? '?' : /[?&]$/.test(before) ? '' : '&'}${NAME}=${text}${hash}`;
  };

  /** Lends an element another address for as long as the browser needs to read it; gives what takes it back. */
  const lend = (to: Element, name: string, address: string): (() => void) => {
    const { getAttribute, setAttribute, removeAttribute } = Element.prototype;
    const own = getAttribute.call(to, name);
    setAttribute.call(to, name, address);
    const back = guard(() => {
      removeEventListener('beforeunload', back, true);
      if (getAttribute.call(to, name) !== address) return;
      if (own === null) removeAttribute.call(to, name);
      else setAttribute.call(to, name, own);
    }) as () => void;
    addEventListener('beforeunload', back, true);
    setTimeout(back);
    return back;
  };

  const follow = (event: MouseEvent): void => {
    // With Alt browsers save what a link leads to; a right click follows nothing.
    if (event.defaultPrevented || event.altKey || event.button > 1) return;
    const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement || one instanceof HTMLAreaElement) as HTMLAnchorElement | undefined;
    if (!link?.href || link.hasAttribute('download')) return;
    const address = carry(link.href);
    if (address) lend(link, 'href', address);
  };

  let submitted: SubmitEvent | undefined;
  let takeBack: (() => void) | undefined;
  /** Adds the touch to what the browser is about to send; by GET the fields become the query. */
  const send = ({ target, submitter }: SubmitEvent, fields?: FormData): void => {
    const has = (name: string): boolean => !!submitter?.hasAttribute(name);
    const by = submitter as HTMLButtonElement;
    const address = carry(has('formaction') ? by.formAction : (memberOf(target as Element, 'action') as string));
    const method = has('formmethod') ? by.formMethod : memberOf(target as Element, 'method');
    if (address && method === 'get') fields?.append(NAME, value());
    if (address && method === 'post') takeBack = has('formaction') ? lend(by, 'formaction', address) : lend(target as Element, 'action', address);
  };
  const attempt = (event: SubmitEvent): void => {
    if (event.defaultPrevented) return;
    submitted = event;
    setTimeout(() => submitted === event && (submitted = undefined));
    // Chromium reads the address before `formdata`, others as the standard says behind it.
    send(event);
  };
  // Before the page's own handlers of it.
  addEventListener('formdata', () => takeBack?.(), true);
  const submit = ({ target, formData }: FormDataEvent): void => {
    // The browser's own, once the page's handlers are through; what they read themselves is theirs. Firefox
    // still shows a phase by then.
    if (submitted?.target === target && !submitted.currentTarget && !submitted.defaultPrevented) send(submitted, formData);
  };

  // Behind the page's own handlers.
  const listen = <E extends Event>(type: string, run: (event: E) => void): void => addEventListener(type, guard(run) as (event: Event) => void);
  listen('click', follow);
  listen('auxclick', follow);
  listen('submit', attempt);
  listen('formdata', submit);

  const landing = arrival();
  let brought = guard(() => (isFrom(landing.referrer) ? read(landing) : undefined))();
  const tell = (): void => void (brought && hands.kernel.send(brought));
  // It waits in the core for the grant.
  tell();
  hearTouch(hands, (touch) => {
    last = touch;
    if (!touch) brought = undefined;
    // A fresh core has lost it.
    else if (touch === ' ') tell();
  });
};
