// The measurements: each opens pages as visitors do and reads what browser and server say.

import { CASES } from './cases.mjs';
import { visitor } from './cdp.mjs';

const START_WITHIN_MILLIS = 20_000;
const START_AT_LEAST_MILLIS = 1_500;
const AFTER_START_MILLIS = 500;
/** Longer than any tracker here holds an event back (touchmark: 4 s for an unknown outcome; PostHog: 3 s). */
const SETTLE_MILLIS = 6_000;
const AFTER_LEAVING_MILLIS = 1_500;
const OUTAGE_MILLIS = 3_000;
const RECOVER_WITHIN_MILLIS = 40_000;
const SUBMISSIONS = 20;
const QUERY = '?utm_source=google&utm_medium=cpc&utm_campaign=compare&gclid=Cj0KCQcompare';

const rest = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const unique = (ids) => (ids.includes(undefined) ? ids.length : new Set(ids).size);

async function until(holds, within) {
  const deadline = Date.now() + within;
  while (!holds() && Date.now() < deadline) await rest(50);
  return holds();
}

/**
 * Opens a page in front and waits until the tracker has sent its first event, so that it surely runs.
 * One that sends nothing is a fault of the setup, except where `patient`: it is then measured as it is.
 */
async function started(tab, site, path, patient = false) {
  await tab.ask('Page.bringToFront');
  const before = site.posts;
  const at = Date.now();
  await tab.open(`${site.origin}${path}${QUERY}`);
  if (site.tracker && !(await until(() => site.posts > before, START_WITHIN_MILLIS)) && !patient) throw new Error(`${site.tracker.id} sent nothing within ${START_WITHIN_MILLIS / 1000} s of ${path}`);
  await rest(Math.max(AFTER_START_MILLIS, START_AT_LEAST_MILLIS - (Date.now() - at)));
}

/** What the visitor does; the page may be gone before it can answer. Resolves with whether it was. */
const act = (tab, expression) =>
  tab.run(expression).then(
    () => false,
    () => true,
  );

const cpu = async (tab) => {
  const { metrics } = await tab.ask('Performance.getMetrics');
  const by = Object.fromEntries(metrics.map(({ name, value }) => [name, value * 1000]));
  return { task: by.TaskDuration, script: by.ScriptDuration };
};

const measuring = async (browser, rate) => {
  const person = await visitor(browser);
  const tab = await person.tab();
  await tab.ask('Performance.enable', { timeDomain: 'threadTicks' });
  await tab.ask('Emulation.setCPUThrottlingRate', { rate });
  return { person, tab };
};

/** Main-thread milliseconds of one cold load, first event included. */
export async function start(browser, site, rate) {
  site.reset();
  const { person, tab } = await measuring(browser, rate);
  try {
    const before = await cpu(tab);
    await started(tab, site, '/');
    const after = await cpu(tab);
    return { task: after.task - before.task, script: after.script - before.script, bytes: { ...site.bytes } };
  } finally {
    await person.leave();
  }
}

/** Main-thread milliseconds of each of twenty accepted submissions by request; none where the tracker leaves the page. */
export async function event(browser, site) {
  site.reset();
  const { person, tab } = await measuring(browser, 1);
  try {
    await started(tab, site, '/ajax.html');
    const before = await cpu(tab);
    const isLeft = await act(tab, `(async () => {
      for (let count = 0; count < ${SUBMISSIONS}; count++) {
        document.querySelectorAll('.ok').forEach((one) => one.remove());
        document.querySelector('#lead').requestSubmit();
        while (!document.querySelector('.ok')) await new Promise((done) => setTimeout(done, 20));
        await new Promise((done) => setTimeout(done, 150));
      }
    })()`);
    if (isLeft) return { told: unique(site.told), isLeft };
    await rest(SETTLE_MILLIS);
    const after = await cpu(tab);
    return { task: (after.task - before.task) / SUBMISSIONS, script: (after.script - before.script) / SUBMISSIONS, told: unique(site.told) };
  } finally {
    await person.leave();
  }
}

/** How many leads the tracker told of one case. */
export async function caught(browser, site, one) {
  site.reset();
  const person = await visitor(browser);
  try {
    const tab = await person.tab();
    await started(tab, site, `/${one.id}.html`);
    await Promise.race([act(tab, one.act), rest(SETTLE_MILLIS)]);
    await rest(SETTLE_MILLIS);
    await tab.open('about:blank').catch(() => {});
    await rest(AFTER_LEAVING_MILLIS);
    return unique(site.told);
  } finally {
    await person.leave();
  }
}

const ajax = CASES.find(({ id }) => id === 'ajax');
const native = CASES.find(({ id }) => id === 'native');

/** Each fault: what happens, and how many submissions there were. */
export const FAULTS = [
  {
    id: 'outage', what: 'the endpoint is down for 3 s, the page stays', made: 1,
    async run(person, site) {
      const tab = await person.tab();
      await started(tab, site, '/ajax.html');
      site.fault = 'down';
      await act(tab, ajax.act);
      await rest(OUTAGE_MILLIS);
      site.fault = undefined;
    },
  },
  {
    id: 'navigation', what: 'the form leaves the page at once, the endpoint takes 1 s', made: 1,
    async run(person, site) {
      const tab = await person.tab();
      await started(tab, site, '/native.html');
      site.fault = 'slow';
      await act(tab, native.act);
    },
  },
  {
    id: 'close', what: 'the tab is closed while the endpoint is down; the visitor comes back later', made: 1,
    async run(person, site) {
      const tab = await person.tab();
      await started(tab, site, '/ajax.html');
      site.fault = 'down';
      await act(tab, `${ajax.act}; new Promise((done) => setTimeout(done, 400))`);
      await tab.close();
      await rest(OUTAGE_MILLIS);
      site.fault = undefined;
      const next = await person.tab();
      await next.open(`${site.origin}/`);
    },
  },
  {
    id: 'two tabs', what: 'two tabs submit while the endpoint is down, both stay', made: 2,
    async run(person, site) {
      const tabs = [await person.tab(), await person.tab()];
      for (const tab of tabs) await started(tab, site, '/ajax.html', true);
      site.fault = 'down';
      for (const tab of tabs) await act(tab, ajax.act);
      await rest(OUTAGE_MILLIS);
      site.fault = undefined;
    },
  },
  {
    id: 'lost answer', what: 'the endpoint takes the event, its answer is lost', made: 1,
    async run(person, site) {
      const tab = await person.tab();
      await started(tab, site, '/ajax.html');
      site.fault = 'deaf';
      await act(tab, ajax.act);
    },
  },
];

/** How many submissions arrived, the same id counted once. */
export async function delivered(browser, site, fault) {
  site.reset();
  const person = await visitor(browser);
  try {
    await fault.run(person, site);
    await until(() => unique(site.told) >= fault.made, RECOVER_WITHIN_MILLIS);
    await rest(AFTER_LEAVING_MILLIS);
    return unique(site.told);
  } finally {
    await person.leave();
  }
}
