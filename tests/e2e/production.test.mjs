// The production wasm by the vectors of attribution: the same file that visitors download.
//
// Native tests and wasm-bindgen-test compile the core otherwise: without std rebuilt, and with
// another way of returning several values. What only this build gets wrong shows only here.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const BUILT = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'touchmark', 'wasm')
const read = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

const { glue } = await import(pathToFileURL(join(BUILT, 'glue.js')))
const module = new WebAssembly.Module(readFileSync(join(BUILT, 'touchmark.wasm')))
const plan = { ...read('crates/cli/tests/plans/demo.built.json'), consent: { source: 'not_required' }, storage: 'memory' }

const sent = []
const nothing = () => {}
// js/shell's, as far as a landing needs them.
const hands = {
  announce: nothing,
  discard: nothing,
  isMatch: (pattern, text) => +new RegExp(pattern, 'u').test(text),
  keep: nothing,
  kept: () => '{"in":"loaded"}',
  post: (batch, url, body) => sent.push(...JSON.parse(body)),
  wake: nothing,
  wipe: nothing,
}

/** The landing event that an arrival makes in a fresh document; nothing for a direct visit. */
function arrive({ query, referrer, origin, rules }) {
  sent.length = 0
  const { imports, attach } = glue(...Object.values(hands))
  const core = attach(new WebAssembly.Instance(module, imports).exports)
  core.handle(JSON.stringify({ in: 'start', plan: { ...plan, attribution: rules ?? plan.attribution }, device: 'desktop', nonce: '0123456789abcdef0123456789abcdef', seed: 1 }))
  core.handle(JSON.stringify({ in: 'landing', at: Date.now(), query, referrer, origin, path: '/', nav: 'navigate' }))
  return sent.find(({ type }) => type.endsWith('.landing'))?.data
}

test('golden channels', (t) => {
  const cases = read('spec/vectors/channel/golden.json')
  for (const { name, given, expect } of cases) {
    const [, origin, query = ''] = /^(https:\/\/[^/]+)[^?]*\??(.*)$/.exec(given.url)
    const last = arrive({ query, referrer: given.referrer, origin })?.attribution.last
    assert.deepEqual(last ? [last.channel, last.rule] : null, expect, name)
  }
  t.diagnostic(`${cases.length} cases`)
})

test('touches, whole', (t) => {
  const cases = read('spec/vectors/touch/landings.json').filter(({ given }) => !given.step)
  for (const { name, given, expect } of cases) {
    const event = arrive({ ...given, rules: given.rules, origin: 'https://clinic.example' })
    const { at, page, ...last } = event?.attribution.last ?? {}
    assert.deepEqual(last, expect.touch ?? {}, name)
    assert.deepEqual(event?.diagnostics ?? [], (event && expect.diagnostics) ?? [], name)
    assert.equal(!!event?.attribution.last_paid, !!expect.paid, name)
  }
  t.diagnostic(`${cases.length} cases`)
})

test('values, decoded as the standard says', (t) => {
  const cases = [...read('spec/vectors/query/web_platform.json'), ...read('spec/vectors/query/urlencoded.json')]
  const values = cases.flatMap(({ given }) => given.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1)))
  let count = 0
  for (const value of [...values, '%26%22%3Cb%3E', '%E2%82%AC', '%00%7F', 'a%2Bb+c']) {
    const plain = new URLSearchParams(`x=${value}`).get('x').trim()
    // A surrogate or an odd placeholder is another test's.
    if (!plain || /[{%@_[]/.test(plain)) continue
    assert.equal(arrive({ query: `utm_source=a&utm_medium=email&utm_campaign=${value}`, referrer: '', origin: 'https://clinic.example' }).attribution.last.campaign, plain, value)
    count++
  }
  t.diagnostic(`${count} values`)
})
