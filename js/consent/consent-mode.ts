/**
 * Google's Consent Mode v2, by what the page tells Google's tags: `gtag('consent', …)` in the data layer.
 *
 * Commands are `arguments` objects, which `gtag` pushes; an array is none. A default that denies, for
 * whatever region, grants nothing, since touchmark doesn't know the visitor's, and is no answer: what
 * the visitor does waits for the update. A default for some regions alone grants nothing. While `wait_for_update` runs, a default grants nothing. An update is the
 * visitor's own word and ends both. A type that nobody has named is unknown, never granted.
 * Source: Google, "Set up consent mode on websites".
 * Not here: templates that never use the data layer, Google's own state (it takes what is missing as granted).
 */

import { allOf, type Given, own, type Settings, voiceOf } from './gate';

interface ConsentMode extends Settings {
  /** Name of the global array. */
  data_layer: string;
}

interface Layer extends Array<unknown> {
  push(...items: unknown[]): number;
}

/** For pushes that went around the array's `push`, and for arrays that replace it. */
const LOOK_MILLIS = 500;

const isArguments = (item: unknown): item is ArrayLike<unknown> => Object.prototype.toString.call(item) === '[object Arguments]' && !own(item, Symbol.toStringTag);

export default function watch(...given: Given): void {
  const { settings, say, guard } = voiceOf<ConsentMode>(...given);
  const updated = new Map<string, boolean>();
  const denied = new Set<string>();
  const granted = new Set<string>();
  const seen = new WeakSet<object>();
  let waits = 0;
  let layer: unknown;

  /** What a type is: true, false, or not said. A default that denies has asked nobody yet. */
  const stateOf = (type: string): boolean | null => updated.get(type) ?? (granted.has(type) && !denied.has(type) && !waits ? true : null);
  const judge = (): void => say((purpose) => allOf(settings.purposes[purpose].map((type) => stateOf(`${type}`))));

  const absorb = (item: unknown): boolean => {
    if (!isArguments(item) || seen.has(item)) return false;
    seen.add(item);
    const [command, action, said] = Array.from(item);
    if (command !== 'consent' || (action !== 'default' && action !== 'update') || typeof said !== 'object' || said === null) return false;
    const region = own(said, 'region');
    for (const [type, state] of Object.entries(said)) {
      if (type === 'region' || type === 'wait_for_update' || state === undefined) continue;
      if (action === 'update') updated.set(type, state === 'granted');
      else if (state !== 'granted') denied.add(type);
      else if (region === undefined) granted.add(type);
    }
    const pause = own(said, 'wait_for_update');
    if (action === 'default' && typeof pause === 'number' && pause > 0 && pause < Infinity) {
      // The longest of them counts.
      waits++;
      setTimeout(
        guard(() => {
          waits--;
          judge();
        }),
        pause,
      );
    }
    return true;
  };
  const absorbAll = guard((items: unknown[]) => {
    // Not `some`: each has to be taken.
    if (items.filter(absorb).length) judge();
  });

  const look = guard(() => {
    const found: unknown = Reflect.get(window, settings.data_layer);
    if (!Array.isArray(found)) return;
    if (found !== layer) {
      layer = found;
      listen(found as Layer, absorbAll);
    }
    absorbAll([...(found as unknown[])]);
  });
  look();
  setInterval(look, LOOK_MILLIS);
}

/** Hears of pushes as tag managers do: by an own `push` around the former. */
function listen(layer: Layer, hear: (items: unknown[]) => void): void {
  const former = layer.push;
  if (typeof former !== 'function') return;
  layer.push = function (this: unknown, ...items: unknown[]): number {
    const length = former.apply(layer, items);
    hear(items);
    return length;
  };
}
