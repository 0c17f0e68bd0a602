// A page without a browser, for the consent sources: globals, events, and a clock that tests move.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const js = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'js');

/** Bundles a source; `run(page)` gives its entry as that page would see it. */
export async function bundle(name) {
  const { outputFiles } = await build({ entryPoints: [join(js, 'consent', `${name}.ts`)], bundle: true, write: false, format: 'iife', globalName: 'source', target: 'es2020' });
  const globals = ['window', 'navigator', 'addEventListener', 'setTimeout', 'setInterval', 'Date'];
  const make = new Function(...globals, `${outputFiles[0].text}; return source.default`);
  return ({ window, navigator = {}, listen, clock }) => make(window, navigator, listen, clock.setTimeout, clock.setInterval, { now: () => clock.now });
}

/** What one purpose's answer is asked of, by default the same for all. */
const alike = (names) => ({ store: names, attribute: names, identify: names, send: names });

export const settings = (source, names, more = {}) => ({ source, purposes: alike(names), wait_ms: 1000, not_applicable: 'unknown', ...more });

export function openPage({ navigator } = {}) {
  const listeners = {};
  const timers = [];
  const clock = {
    now: 1000,
    setTimeout: (run, after = 0) => timers.push({ run, at: clock.now + after }),
    setInterval: (run, every) => timers.push({ run, at: clock.now + every, every }),
  };
  const page = {
    window: {},
    navigator,
    clock,
    listen: (type, run) => (listeners[type] ??= []).push(run),
    fire: (type) => (listeners[type] ?? []).forEach((run) => run({ type })),
    /** Lets time pass, running what is due in its order. */
    pass(millis) {
      const end = clock.now + millis;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        clock.now = Math.max(clock.now, due.at);
        if (due.every) due.at += due.every;
        else timers.splice(timers.indexOf(due), 1);
        due.run();
      }
      clock.now = end;
    },
    reports: [],
    /** Every answer that reached the core, as the kernel passes them on. */
    told: [],
    answers: [],
    start(entries, ask, source = ask.map((one) => one.source).join('+')) {
      const asked = { source, ask };
      const send = (job) => page.told.push(typeof job === 'function' ? job() : job);
      entries.forEach((entry, at) => entry(page)(asked, page.answers, send, (code) => page.reports.push(code), at));
    },
    say: (said) => page.answers.hear(said),
    /** The last answer of one purpose; unknown when nothing was said. */
    last: (purpose = 'send') => page.told.at(-1)?.[purpose] ?? 'unknown',
  };
  return page;
}

/** As `gtag` pushes them. */
export const command = (...of) =>
  (function () {
    return arguments;
  })(...of);
