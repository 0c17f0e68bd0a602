// The demo site's server: what pages and tests rely on. Run: node --test tests/e2e/site.test.mjs

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'

import { startSite } from '../../www/serve.mjs'

const SCRIPT = '/touchmark/touchmark.js'
const PLAN = Buffer.from('{"consent":{"source":"not_required"}}')
let folder
let site

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchmark-site-'))
  await writeFile(join(folder, 'touchmark.js'), '// script')
  await writeFile(join(folder, 'touchmark.wasm'), '\0asm')
  site = await startSite({ packageDir: folder })
})
beforeEach(() => {
  site.reset()
  site.plan = PLAN
})
after(async () => {
  await site.close()
  await rm(folder, { recursive: true })
})

const at = (path, options) => fetch(site.origin + path, { redirect: 'manual', ...options })
const post = (path, fields) => at(path, { method: 'POST', body: new URLSearchParams(fields) })
const postJson = (path, value) => at(path, { method: 'POST', body: JSON.stringify(value) })

// fetch and URL would resolve the dots before they leave.
const statusOfRaw = (path) => new Promise((done, fail) => {
  const { hostname, port } = new URL(site.origin)
  request({ hostname, port, path }, (answer) => done(answer.resume().statusCode)).on('error', fail).end()
})

test('every page is there, loads touchmark in its head and nothing from elsewhere', async () => {
  for (const path of ['/', '/cardiology/', '/appointment/', '/thank-you/', '/callback/', '/app/', '/app/doctors', '/app/book', '/app/booked', '/privacy/']) {
    const answer = await at(path)
    const html = await answer.text()
    assert.equal(answer.status, 200, path)
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(html.split('</head>')[0], /<script async src="\/touchmark\/touchmark\.js" data-plan="\/touchmark\/plan\.json" referrerpolicy="no-referrer"><\/script>/)
    assert.doesNotMatch(html, /(?:src|href|action)="(?:https?:)?\/\//, `${path} asks elsewhere`)
    assert.doesNotMatch(html, /<script(?![^>]* src=)| style=| on[a-z]+="/, `${path} needs no unsafe-inline`)
  }
})

test('files have their types, wasm exactly application/wasm', async () => {
  const types = { '/touchmark/touchmark.wasm': 'application/wasm', [SCRIPT]: 'text/javascript; charset=utf-8', '/touchmark/plan.json': 'application/json', '/site.css': 'text/css; charset=utf-8', '/favicon.svg': 'image/svg+xml' }
  for (const [path, type] of Object.entries(types)) {
    const answer = await at(path)
    assert.equal(answer.status, 200, path)
    assert.equal(answer.headers.get('content-type'), type)
  }
})

test('nothing outside the two folders can be read', async () => {
  for (const path of ['/../Cargo.toml', '/%2e%2e/Cargo.toml', '/..%2fCargo.toml', '/touchmark/../../Cargo.toml', '/touchmark/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/site.css%00.html', '/serve.mjs', '/plan.json']) {
    assert.equal(await statusOfRaw(path), 404, path)
  }
  assert.equal(await statusOfRaw('/%E0%A4%A'), 400)
})

test('a missing slash is added and the query kept', async () => {
  const answer = await at('/cardiology?utm_source=google&gclid=a%2Fb')
  assert.equal(answer.status, 301)
  assert.equal(answer.headers.get('location'), '/cardiology/?utm_source=google&gclid=a%2Fb')
})

test('HEAD answers without a body, other methods are refused', async () => {
  const head = await at('/', { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.ok(Number(head.headers.get('content-length')) > 1000)
  assert.equal(await head.text(), '')
  assert.equal((await at('/', { method: 'PUT', body: '' })).status, 405)
  assert.equal((await post('/cardiology/', {})).status, 405)
})

test('an appointment request is redirected to the thank-you page, which shows its reference', async () => {
  const sent = await post('/appointment/', { 'e-mail': 'jane@example.com', touchmark_event_id: 'b2a4-77' })
  assert.equal(sent.status, 303)
  assert.equal(sent.headers.get('location'), '/thank-you/')
  const thanks = await at('/thank-you/', { headers: { cookie: sent.headers.get('set-cookie').split(';')[0] } })
  assert.match(await thanks.text(), /<output>b2a4-77<\/output>/)
  assert.equal(thanks.headers.get('cache-control'), 'no-store')
})

test('without touchmark the clinic makes its own reference, and never echoes markup', async () => {
  for (const fields of [{}, { touchmark_event_id: '' }, { touchmark_event_id: '"><script>' }]) {
    const sent = await post('/appointment/', fields)
    assert.match(sent.headers.get('set-cookie'), /^reference=[0-9a-f-]{36};/)
  }
  const forged = await at('/thank-you/', { headers: { cookie: 'reference=<b>' } })
  assert.doesNotMatch(await forged.text(), /<output>/)
})

test('a refused request shows the form again, filled, with its error and 422', async () => {
  const answer = await post('/appointment/', { 'full-name': 'A "B" <c> $&', 'e-mail': 'x@refused.example', service: 'cardiology', when: 'evening', message: '</textarea>', gclid: 'k1' })
  const html = await answer.text()
  assert.equal(answer.status, 422)
  assert.match(html, /class="form-error" role="alert"/)
  assert.match(html, /name="full-name" value="A &#34;B&#34; &#60;c&#62; \$&#38;"/)
  assert.match(html, /<option value="cardiology" selected>/)
  assert.match(html, /name="when" value="evening" checked/)
  assert.match(html, /name="gclid" value="k1"/)
  assert.match(html, /&#60;\/textarea&#62;<\/textarea>/)
  assert.doesNotMatch(await (await at('/appointment/')).text(), /class="form-error"/)
})

test('the two APIs accept with 201, refuse with 422 and a reason, and survive what is no JSON', async () => {
  assert.equal((await postJson('/api/callback', { phone: '(312) 555-0142' })).status, 201)
  const refused = await postJson('/api/callback', { phone: '555 0-000' })
  assert.equal(refused.status, 422)
  assert.ok((await refused.json()).reason)
  assert.equal((await postJson('/api/booking', { email: 'a@example.com' })).status, 201)
  assert.equal((await postJson('/api/booking', { email: 'a@Refused.example' })).status, 422)
  assert.equal((await at('/api/booking', { method: 'POST', body: '{' })).status, 400)
  assert.equal((await at('/api/booking', { method: 'POST', body: 'null' })).status, 400)
  assert.equal((await at('/api/booking', { method: 'POST', body: Buffer.alloc((1 << 20) + 1) })).status, 413)
})

test('pages ask for consent only when the plan waits for it', async () => {
  const asks = async () => /<html data-consent="ask"/.test(await (await at('/')).text())
  assert.equal(await asks(), false)
  site.plan = Buffer.from('{"consent":{"source":"api"}}')
  assert.equal(await asks(), true)
  site.plan = Buffer.from('{ broken')
  assert.equal(await asks(), false)
  site.plan = join(folder, 'none.json')
  assert.equal((await at('/')).status, 200)
  assert.equal((await at('/touchmark/plan.json')).status, 404)
})

test('every request is recorded with its exact body', async () => {
  const body = Buffer.from([0, 255, 38, 61])
  await at('/appointment/?a=1', { method: 'POST', body, headers: { 'x-probe': 'p' } })
  const [seen] = site.requests
  assert.deepEqual([seen.method, seen.url, seen.path, seen.query, seen.headers['x-probe']], ['POST', '/appointment/?a=1', '/appointment/', 'a=1', 'p'])
  assert.deepEqual(seen.body, body)
})

test('a held path waits for its release, others do not', async () => {
  const release = site.hold(SCRIPT)
  let arrived = false
  const script = at(SCRIPT).then((answer) => { arrived = true; return answer.text() })
  assert.equal((await at('/')).status, 200)
  assert.equal(arrived, false)
  release()
  assert.equal(await script, '// script')
  assert.equal(await (await at(SCRIPT)).text(), '// script')
})

test('a path can fail, a number of times or until it is told otherwise', async () => {
  site.behave(SCRIPT, { status: 503, times: 2 })
  assert.deepEqual([(await at(SCRIPT)).status, (await at(SCRIPT)).status, (await at(SCRIPT)).status], [503, 503, 200])
  site.behave('/touchmark/*', { drop: true })
  await assert.rejects(at(SCRIPT))
  site.behave('/touchmark/*', null)
  assert.equal((await at(SCRIPT)).status, 200)
})

test('a path can be slow, carry headers and have another body; the exact rule wins', async () => {
  site.behave('*', { headers: { 'content-security-policy': "default-src 'self'", 'x-from': 'all' } })
  site.behave(SCRIPT, { delay: 40, headers: { 'x-from': 'exact' }, body: (bytes, { method }) => `${method} ${bytes.length}` })
  const began = performance.now()
  const answer = await at(SCRIPT)
  assert.ok(performance.now() - began >= 35)
  assert.equal(await answer.text(), 'GET 9')
  assert.equal(answer.headers.get('x-from'), 'exact')
  assert.equal(answer.headers.get('content-security-policy'), "default-src 'self'")
})

test('the site closes while a request is held', async () => {
  const other = await startSite({ behaviours: { '/': { delay: 60_000 }, '/privacy/': { until: new Promise(() => {}) } } })
  const waiting = [fetch(`${other.origin}/`), fetch(`${other.origin}/privacy/`)]
  while (other.requests.length < 2) await new Promise(setImmediate)
  await other.close()
  for (const result of await Promise.allSettled(waiting)) assert.equal(result.status, 'rejected')
})
