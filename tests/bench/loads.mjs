// One cold load of the clinic's landing page, and what it cost the main thread.
//
// CPU is the thread's own time, so other programs on the machine hardly count: the totals by CDP's
// Performance domain, the share before the load event and the longest task by a trace of tasks.
// Not here: which pages are loaded and how often, and what the figures mean (page.mjs).

const LANDING = '/cardiology/?utm_source=google&utm_medium=cpc&utm_campaign=cardiology-q4&gclid=Cj0KCQdemo'
/** The same for every page, blank ones too; the kernel waits no longer than this for idle time. */
const AFTER_LOAD_MILLIS = 1000
/** From the event's arrival, so that its answer is settled too. */
const AFTER_EVENT_MILLIS = 250
const EVENT_WITHIN_MILLIS = 15_000
const LONG_MILLIS = 50

const rest = (millis) => new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)))

/**
 * Loads the page of `site` in a browser context of its own, with the processor slowed down by
 * `rate`, and over a mobile line when `slow`. `waits` for the landing's event; throws when none comes.
 */
export async function load(browser, root, site, { rate, slow, waits }) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.addInitScript(() => {
      globalThis.longTasks = 0
      new PerformanceObserver((list) => { globalThis.longTasks += list.getEntries().length }).observe({ type: 'longtask', buffered: true })
    })
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate })
    if (slow) {
      // Lighthouse's mobile line.
      await cdp.send('Network.enable')
      await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 204_800, uploadThroughput: 96_000 })
    }
    const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value * 1000]))

    const trace = await startTrace(root)
    const before = await metrics()
    await page.goto(site.origin + LANDING)
    await Promise.all([rest(AFTER_LOAD_MILLIS), waits && arrival(site)])
    const after = await metrics()
    const tasks = mainTasks(await trace.stop())
    const { longTasks, loaded, sent } = await page.evaluate(() => ({
      longTasks: globalThis.longTasks,
      loaded: performance.getEntriesByType('navigation')[0].loadEventStart,
      sent: performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/v1/events'))?.startTime,
    }))
    return {
      cpu: after.TaskDuration - before.TaskDuration,
      script: after.ScriptDuration - before.ScriptDuration,
      ...tasks,
      longTasks,
      loaded,
      sent,
    }
  } finally {
    await context.close()
  }
}

async function arrival(site) {
  const until = Date.now() + EVENT_WITHIN_MILLIS
  while (!site.requests.some(({ path, method }) => method === 'POST' && path === '/v1/events')) {
    if (Date.now() > until) throw new Error(`no event within ${EVENT_WITHIN_MILLIS / 1000} s`)
    await rest(20)
  }
  await rest(AFTER_EVENT_MILLIS)
}

async function startTrace(root) {
  const events = []
  const take = ({ value }) => events.push(...value)
  root.on('Tracing.dataCollected', take)
  const traceConfig = { includedCategories: ['toplevel', 'blink.user_timing'], excludedCategories: ['*'] }
  await root.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return {
    async stop() {
      const complete = new Promise((resolve) => root.once('Tracing.tracingComplete', resolve))
      await root.send('Tracing.end')
      await complete
      root.off('Tracing.dataCollected', take)
      return events
    },
  }
}

/** From the trace, in ms of the thread's time: what ran up to the load event, and the longest task after. */
function mainTasks(events) {
  // The browser has other pages of its own; only the measured one fetches its document.
  const start = events.find(({ name, args }) => name === 'navigationStart' && args.data?.documentLoaderURL?.includes(LANDING.split('?')[0]))
  const main = events.filter(({ pid, tid }) => pid === start?.pid && tid === start?.tid)
  const load = main.filter(({ name }) => name === 'loadEventEnd').at(-1)
  if (!load) throw new Error('the trace holds no load event of the page')
  const tasks = main.filter(({ name, ph, ts }) => name === 'ThreadControllerImpl::RunTask' && ph === 'X' && ts >= start.ts)
  const millis = tasks.map(({ ts, tdur = 0 }) => ({ isEarly: ts <= load.ts, tdur: tdur / 1000 }))
  const late = millis.filter(({ isEarly }) => !isEarly).map(({ tdur }) => tdur)
  return {
    early: millis.filter(({ isEarly }) => isEarly).reduce((sum, { tdur }) => sum + tdur, 0),
    longest: Math.max(0, ...late),
    over: millis.filter(({ tdur }) => tdur > LONG_MILLIS).length,
  }
}
