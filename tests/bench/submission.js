// What one form submission costs in the production wasm, as benches/submission.rs has it natively.
//
// A submission is what the kernel says of it (`attempt`, `submit`) and the endpoint's answer. A
// page's clock is coarse, so batches are timed. `?batches=0` leaves it at the first submission,
// which is what a visitor gets. The figures stand in the page and in `globalThis.measured`, a promise.

import { glue } from '/touchmark/glue.js'

const WARM_UP = 10
// Past the limit of a navigation, so that each submission is an intent of its own.
const PAUSE_MILLIS = 60_000
const BATCH = 100
const { fetch } = window
const { setItem, removeItem } = Storage.prototype
const nothing = () => {}

let now = Date.now()
/** Requests whose answers are still to come. */
let open = 0
let sent = ''
/** Gives a stubbed request its answer. */
let answer = nothing

Date.now = () => now

function isReal({ storage, network }) {
  Object.assign(Storage.prototype, storage ? { setItem, removeItem } : { setItem: nothing, removeItem: nothing })
  const accepted = new Response('', { status: 202 })
  answer = nothing
  window.fetch = (url, init) => {
    open++
    sent = init.body
    if (network) return fetch(url, init)
    const then = (done) => {
      answer = () => {
        answer = nothing
        done(accepted)
      }
    }
    return { then }
  }
}

async function settled() {
  answer()
  while (open) await new Promise((resolve) => setTimeout(resolve))
}

async function start() {
  const [visit, plan] = await Promise.all(['visit', 'plan'].map(async (name) => (await fetch(`/touchmark/${name}.json`)).json()))
  let core
  // As js/shell has them, less what a bench has no use for: time limits, and what others could break.
  const patterns = new Map()
  const hands = {
    announce: (layer, object) => (window[layer] ??= []).push(JSON.parse(object)),
    discard: (isLocal, key) => (isLocal ? localStorage : sessionStorage).removeItem(key),
    isMatch(pattern, text) {
      if (!patterns.has(pattern)) patterns.set(pattern, new RegExp(pattern, 'u'))
      return +patterns.get(pattern).test(text)
    },
    keep: (isLocal, key, text) => (isLocal ? localStorage : sessionStorage).setItem(key, text),
    kept: () => JSON.stringify({ in: 'loaded', records: {}, lasts: true }),
    post(batch, url, body) {
      const settle = ({ status }) => {
        open--
        core.handle(JSON.stringify({ in: 'delivered', batch, status, retry_after: 0, online: true }))
      }
      window.fetch(url, { method: 'POST', credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer', keepalive: true, headers: [['Content-Type', 'text/plain']], body }).then(settle, settle)
    },
    wake: nothing,
    wipe: nothing,
  }
  const { imports, attach } = glue(...Object.values(hands))
  const { instance } = await WebAssembly.instantiateStreaming(fetch('/touchmark/touchmark.wasm'), imports)
  core = attach(instance.exports)
  core.handle(JSON.stringify({ in: 'start', plan, device: 'desktop', nonce: crypto.randomUUID().replaceAll('-', ''), seed: 1 }))
  core.handle(JSON.stringify({ ...visit.landing, origin: location.origin }))
  core.handle(JSON.stringify(visit.form))
  await settled()
  const [attempt, submit] = [visit.attempt, visit.submit].map((message) => JSON.stringify(message))
  return () => {
    now += PAUSE_MILLIS
    core.handle(attempt)
    core.handle(submit)
    answer()
  }
}

/** µs for a submission, a figure for each batch. */
async function batches(submit, count, size) {
  const times = []
  for (let batch = -WARM_UP; batch < count; batch++) {
    sent = ''
    const before = performance.now()
    for (let at = 0; at < size; at++) submit()
    const after = performance.now()
    if (batch >= 0) times.push(((after - before) * 1000) / size)
    if (!/form_submit.*"verdict":"valid"/.test(sent)) throw new Error(`not the event that this is about: ${sent}`)
    window.dataLayer.length = 0
    await settled()
  }
  return times
}

async function measure(count) {
  isReal({ storage: true, network: true })
  const submit = await start()
  const before = performance.now()
  submit()
  const first = [(performance.now() - before) * 1000]
  await settled()
  if (!count) return { first }
  isReal({ storage: false, network: false })
  const core = await batches(submit, count, BATCH)
  isReal({ storage: true, network: false })
  const storage = await batches(submit, count, BATCH)
  isReal({ storage: true, network: true })
  // One at a time, as visitors do: a batch would queue up for what browsers grant to such requests.
  return { core, storage, network: await batches(submit, count, 1) }
}

globalThis.measured = measure(Number(new URLSearchParams(location.search).get('batches') ?? 50))
const lines = Object.entries(await globalThis.measured).map(([name, times]) => {
  const median = times.sort((a, b) => a - b)[times.length >> 1]
  return `${name.padEnd(8)} ${median.toFixed(1)} µs`
})
document.querySelector('pre').textContent = lines.join('\n')
