/**
 * Clicks that ad platforms' own scripts keep in cookies, into arrivals: each is a touch of its own.
 *
 * Read on the grants to store and to attribute, and only the cookies that the plan names. Their formats come
 * with the plan, from spec/click-ids.json. The core judges each id like one in an address.
 * Not here: which touch is the last (src/attribution), who may read (src/tracker).
 */

import type { Hands } from './adapt';
import { carried, hearTouch } from './touch';

const DAY_MILLIS = 86_400_000;
/** Longer than any format with the longest id, each of its characters encoded. */
const MAX_COOKIE_CHARS = 2000;

const decode = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

export default (hands: Hands): void => {
  const { arrival, diagnose, plan, send } = hands.kernel;

  const read = ([param, name, pattern]: [string, string, string]): void => {
    // Several of one name differ in domain or path; the nearest comes first.
    const values = document.cookie
      .split(/; */)
      .filter((one) => one.startsWith(`${name}=`))
      .map((one) => (one.length < MAX_COOKIE_CHARS && new RegExp(pattern).exec(decode(one.slice(name.length + 1)))?.groups) || {});
    const now = arrival().at;
    for (const { id, seconds, milliseconds } of values) {
      const at = Number(milliseconds ?? `${seconds}000`);
      // Never later than the landing, which wins. Of unknown age, it counts where no touch is known.
      if (id && !(at > now + DAY_MILLIS)) return send(carried(Math.min(at || now, now), `${param}=${encodeURIComponent(id)}`, at ? {} : { nav: 'reload' }));
    }
    if (values[0]) diagnose('cookie_unreadable', name);
  };

  hearTouch(hands, (touch) => {
    // Without any touch: none was kept yet, or a fresh core has lost them.
    if (touch) plan()!.attribution!.cookies!.forEach(hands.guard(read));
  });
};
