// touchmark beside published trackers, in one browser run: `cargo xtask compare` runs this.
//
//   node tests/compare/compare.mjs [--loads 15] [--only bytes|start|event|delivery|forms] [--out docs/comparison.md]
//
// Trackers are loaded in turns, so that what else the machine does falls on all alike. Times are the
// main thread's own, over the same page without a tracker. With `--out` everything is measured and written.

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { launch } from './cdp.mjs';
import { caught, delivered, event, FAULTS, start } from './measure.mjs';
import { startSites } from './sites.mjs';
import { render } from './report.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const ROOT = join(here, '..', '..');
const RATES = [1, 4];
const PARTS = ['bytes', 'start', 'event', 'delivery', 'forms'];

const { values } = parseArgs({ options: { loads: { type: 'string', default: '15' }, only: { type: 'string' }, out: { type: 'string' } } });
if (values.only && !PARTS.includes(values.only)) throw new Error(`--only takes one of ${PARTS.join(', ')}`);
const loads = Number(values.loads);
const wants = (part) => !values.only || values.only === part;
const say = (text) => console.log(`compare ${text}`);

const median = (figures) => [...figures].sort((a, b) => a - b)[Math.floor((figures.length - 1) / 2)];

const { sites, close } = await startSites(process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark'));
const browser = await launch(process.env.TOUCHMARK_CHROMIUM ?? 'chromium');
const [blank, ...others] = sites;
const result = {
  browser: await browser.version(),
  machine: `${availableParallelism()} cores`,
  load: [loadavg()[0]],
  loads,
  trackers: others.map(({ tracker }) => ({ ...tracker, versions: versions(tracker) })),
};
try {
  if (wants('bytes') || wants('start')) {
    const rounds = wants('start') ? loads : 1;
    result.start = Object.fromEntries(RATES.map((rate) => [rate, others.map(() => [])]));
    // The first round warms browser and files up.
    for (let round = -1; round < rounds; round++) {
      say(`start, round ${round + 1} of ${rounds}`);
      for (const rate of wants('start') ? RATES : [1]) {
        const base = await start(browser, blank, rate);
        for (let turn = 0; turn < others.length; turn++) {
          const which = (turn + round + others.length) % others.length;
          const { task, script, bytes } = await start(browser, others[which], rate);
          result.trackers[which].bytes = bytes;
          if (round >= 0) result.start[rate][which].push({ task: task - base.task, script: script - base.script });
        }
      }
    }
    for (const rate of RATES) result.start[rate] = result.start[rate].map((all) => ({ task: median(all.map(({ task }) => task)), script: median(all.map(({ script }) => script)) }));
  }
  if (wants('event')) {
    const rounds = Math.max(1, Math.ceil(loads / 5));
    const all = others.map(() => []);
    for (let round = 0; round < rounds; round++) {
      say(`event, round ${round + 1} of ${rounds}`);
      const base = await event(browser, blank);
      for (const [which, site] of others.entries()) {
        const { task, script, told, isLeft } = await event(browser, site);
        all[which].push({ task: task - base.task, script: script - base.script, told, isLeft });
      }
    }
    result.event = all.map((some) => ({ task: median(some.map(({ task }) => task)), script: median(some.map(({ script }) => script)), told: median(some.map(({ told }) => told)), isLeft: some[0].isLeft }));
  }
  // Not a matter of time: all trackers at once.
  if (wants('delivery')) {
    result.delivery = {};
    for (const fault of FAULTS) {
      say(`delivery: ${fault.what}`);
      result.delivery[fault.id] = await Promise.all(others.map((site) => delivered(browser, site, fault)));
    }
  }
  if (wants('forms')) {
    result.forms = {};
    for (const one of CASES) {
      say(`form: ${one.what}`);
      result.forms[one.id] = await Promise.all(others.map((site) => caught(browser, site, one)));
    }
  }
  result.load.push(loadavg()[0]);
} finally {
  await browser.close();
  await close();
}
const text = render(result);
console.log(`\n${text}`);
if (values.out) writeFileSync(join(ROOT, values.out), text);

function versions({ packages }) {
  return packages.map((name) => `${name} ${JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version}`);
}
