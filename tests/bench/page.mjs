// What touchmark costs in a real browser: `cargo xtask bench` runs this, after the native part.
//
//   node tests/bench/page.mjs --package target/touchmark/bench [--loads 15] [--only submission | loads]
//
// `--package` holds the build under test: touchmark.js, touchmark.inline.js, touchmark.wasm, glue.js,
// plan.json (the demo's, built) and visit.json. Reports medians beside DESIGN's budgets; never fails
// past one. Pages are loaded in turns, so that what else the machine does falls on all alike.

import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { chromium } from '@playwright/test'
import { startSite } from '../../www/serve.mjs'
import { load } from './loads.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const COLD_LOADS = 15
const PAGES = { blank: undefined, 'two files': 'touchmark.js', 'one file': 'touchmark.inline.js' }
const SETTINGS = [
  { title: '1× CPU', rate: 1, budgets: { cpu: 7, early: 2 } },
  { title: '4× CPU', rate: 4, budgets: { over: 0, longTasks: 0 } },
  { title: '4× CPU, mobile line', rate: 4, slow: true, budgets: {} },
]
// The last column says how loads are summed up: long tasks are too few for a median.
const FIGURES = [
  ['cpu', 'main thread, CPU ms', 'median'],
  ['early', '  up to the load event', 'median'],
  ['script', '  in scripts', 'median'],
  ['longest', 'longest task after load, CPU ms', 'median'],
  ['over', 'tasks over 50 ms of CPU, a load', 'mean'],
  ['longTasks', '  as the page’s observer sees them', 'mean'],
  ['loaded', 'load event after ms', 'median'],
  ['sent', 'landing sent after ms', 'median'],
]

const { values } = parseArgs({
  options: { package: { type: 'string' }, loads: { type: 'string', default: '15' }, only: { type: 'string' } },
})
const packageDir = values.package
const loads = Number(values.loads)

const at = (figures, part) => [...figures].sort((a, b) => a - b)[Math.floor((figures.length - 1) * part)] ?? NaN
const SUMS = {
  median: (figures) => at(figures, 0.5),
  mean: (figures) => figures.reduce((sum, one) => sum + one, 0) / figures.length,
}
const signed = (figure) => (figure < 0 ? '−' : '+') + Math.abs(figure).toFixed(1)
const machine = () => `${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}`

const browser = await chromium.launch({
  executablePath: process.env.TOUCHMARK_CHROMIUM || undefined,
  // Chromium refuses to run as root with its sandbox.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  if (values.only !== 'loads') await submission()
  if (values.only !== 'submission') await landing()
} finally {
  await browser.close()
}

async function submission() {
  const site = await startSite({
    root: here,
    packageDir,
    plan: join(here, '../support/plan.json'),
    behaviours: {
      '/v1/events': { status: 202 },
      // Isolated pages have a clock of 5 µs, others one of 100.
      '/*': { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } },
    },
  })
  const measured = async (query) => {
    const page = await browser.newPage()
    await page.goto(`${site.origin}/${query}`)
    const times = await page.evaluate(() => globalThis.measured)
    await page.close()
    return times
  }
  const first = []
  for (let at = 0; at < COLD_LOADS; at++) first.push(...(await measured('?batches=0')).first)
  const times = { ...(await measured('')), first }
  await site.close()

  console.log(`\n${'wasm, µs a submission'.padEnd(40)} runs      min   median      p99   budget   (${machine()})`)
  const line = (name, runs, figures, budget) =>
    console.log(name.padEnd(38), runs.padStart(8), ...[0, 0.5, 0.99].map((part) => at(figures, part).toFixed(1).padStart(8)), `  ${budget}`)
  line('mapping to outbox', `${times.core.length}×100`, times.core, '100')
  line('  with localStorage', `${times.storage.length}×100`, times.storage, 'none')
  line('  with localStorage and fetch', `${times.network.length}×1`, times.network, 'none')
  line('  all that, a page’s first, cold', `${first.length}×1`, first, 'none')
}

async function landing() {
  const sites = await Promise.all(Object.values(PAGES).map(clinic))
  const root = await browser.newBrowserCDPSession()
  const results = SETTINGS.map(() => sites.map(() => []))
  const before = machine()
  // The first round warms browser and files up.
  for (let round = -1; round < loads; round++) {
    if (round % 5 === 0) console.log(`bench   round ${round} of ${loads} …`)
    for (const [index, setting] of SETTINGS.entries()) {
      for (let turn = 0; turn < sites.length; turn++) {
        const which = (turn + round + sites.length) % sites.length
        const site = sites[which]
        site.requests.length = 0
        const figures = await load(browser, root, site, { ...setting, waits: which > 0 })
        if (round >= 0) results[index][which].push(figures)
      }
    }
  }
  await Promise.all(sites.map((site) => site.close()))
  // Every load, for other sums than these.
  writeFileSync(join(packageDir, 'loads.json'), JSON.stringify(results))
  console.log(`\nlanding page of the clinic, ${loads} cold loads of each in turns; ${before}, at the end ${machine()}`)
  console.log('In brackets: over the blank page, the median of the pairs; their middle half; the ratio.')
  SETTINGS.forEach((setting, index) => table(setting, results[index]))
}

/** The clinic's site with one form of touchmark or none, compressed as servers do. */
function clinic(script) {
  const compressed = new Map()
  const brotli = (bytes) => {
    const key = bytes.toString('latin1')
    if (!compressed.has(key)) compressed.set(key, brotliCompressSync(bytes))
    return compressed.get(key)
  }
  const tag = /<script[^>]*src="\/touchmark\/touchmark\.js"[^>]*><\/script>/
  const plan = { ...JSON.parse(readFileSync(join(packageDir, 'plan.json'), 'utf8')), endpoint: '/v1/events' }
  const rewrite = (html) => {
    if (!tag.test(html)) throw new Error('the landing page has no script tag of touchmark’s')
    return html.replace(tag, (found) => (script ? found.replace('touchmark.js', script) : ''))
  }
  return startSite({
    packageDir,
    plan: Buffer.from(JSON.stringify(plan)),
    behaviours: {
      '/v1/events': { status: 202 },
      '/cardiology/': { body: (bytes) => rewrite(bytes.toString()) },
      '/touchmark/*': { headers: { 'content-encoding': 'br' }, body: brotli },
    },
  })
}

function table({ title, budgets }, [blank, ...others]) {
  const names = Object.keys(PAGES)
  console.log(`\n${title.padEnd(36)}${names[0].padStart(8)}${names.slice(1).map((name) => `   ${name.padEnd(37)}`).join('')}   budget`)
  for (const [figure, name, way] of FIGURES) {
    const of = (pages) => pages.map((page) => page[figure]).filter((one) => one !== undefined)
    const [base, sum] = [of(blank), SUMS[way]]
    const cell = (pages) => {
      const figures = of(pages)
      const shown = sum(figures).toFixed(1).padStart(8)
      if (!base.length) return shown
      const over = figures.map((one, at) => one - base[at])
      if (way === 'mean') return `${shown} (${signed(sum(over))})`
      const half = [0.25, 0.75].map((part) => signed(at(over, part))).join('…')
      return `${shown} (${signed(sum(over))}; ${half}; ×${(sum(figures) / sum(base)).toFixed(2)})`
    }
    const budget = figure in budgets ? `+${budgets[figure]}` : ''
    console.log(name.padEnd(36) + (base.length ? sum(base).toFixed(1) : '').padStart(8) + others.map((pages) => `   ${cell(pages).padEnd(37)}`).join('') + `   ${budget}`)
  }
}
