// The demo clinic's server: pages, the touchmark package beside them, and the forms' handlers.
//
// Node 20, no dependencies. `node www/serve.mjs --port 8080 --package pkg --plan pkg/demo/plan.json`
// Tests start it with `startSite`, shape its answers with `behave` and `hold`, read `requests`.
// Not here: anything that touchmark needs to work. Without a package the site is just a site.

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, extname, resolve, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = dirname(fileURLToPath(import.meta.url))
const MAX_BODY_BYTES = 1 << 20
// Pages may rest in the back/forward cache (no-store would forbid it); answers to one person may not.
const FRESH = { 'cache-control': 'no-cache' }
const PERSONAL = { 'cache-control': 'no-store' }

const SITE_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const PACKAGE_TYPES = {
  ...SITE_TYPES,
  '.mjs': SITE_TYPES['.js'],
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * Starts the site on `host:port` (0 picks a free port).
 *
 * `packageDir` holds touchmark.js and its wasm; `plan` is the built plan, as a path that is read at
 * each request or as bytes. `behaviours` maps a path, or a prefix ending in `*`, to any of:
 * `delay` ms · `until` a promise · `drop` the connection · `status` instead of the answer ·
 * `headers` added to it · `body(bytes, request)` that replaces it · `times` it applies (default:
 * always). Several that fit are merged, the most specific last.
 */
export async function startSite({ port = 0, host = '127.0.0.1', root = HERE, packageDir, plan, behaviours = {} } = {}) {
  const rules = new Map(Object.entries(behaviours).map(([path, rule]) => [path, { ...rule }]))
  const stopping = new AbortController()
  const site = {
    origin: '',
    requests: [],
    plan,
    /** Merges `rule` into the behaviour of `path`; `null` removes it. */
    behave(path, rule) {
      if (rule === null) rules.delete(path)
      else rules.set(path, { ...rules.get(path), ...rule })
    },
    /** Lets nothing from `path` out before the returned function is called. */
    hold(path) {
      let open
      const until = new Promise((done) => { open = done })
      site.behave(path, { until })
      return () => {
        open()
        if (rules.get(path)?.until === until) site.behave(path, { until: undefined })
      }
    },
    /** Removes all behaviours and forgets the requests. */
    reset() {
      rules.clear()
      site.requests.length = 0
    },
    close() {
      stopping.abort()
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      return closed
    },
  }

  const server = createServer(async (message, response) => {
    try {
      const request = await receive(message)
      site.requests.push(request)
      const rule = behaviourOf(rules, request.path)
      if (rule.delay) await wait(rule.delay, undefined, { signal: stopping.signal })
      await rule.until
      if (rule.drop) return response.destroy()
      let answer = rule.status ? { status: rule.status, body: '' } : await answerTo(request, { root, packageDir, plan: site.plan })
      if (rule.body) answer = { ...answer, body: await rule.body(Buffer.from(answer.body ?? ''), request) }
      const body = Buffer.from(answer.body ?? '')
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length, ...rule.headers })
      response.end(message.method === 'HEAD' ? undefined : body)
    } catch (fault) {
      if (response.headersSent || response.destroyed) return response.destroy()
      response.writeHead(fault.status ?? 500, { connection: 'close' }).end()
    }
  })
  await new Promise((done, refuse) => server.once('error', refuse).listen(port, host, done))
  const { address, port: bound, family } = server.address()
  site.origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
  return site
}

async function receive(message) {
  const chunks = []
  let bytes = 0
  for await (const chunk of message) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) throw Object.assign(new Error('body too large'), { status: 413 })
  // The raw target: a URL parser would resolve "/../" before anyone sees it.
  const [target, query = ''] = message.url.split(/\?(.*)/s)
  let path
  try {
    path = decodeURIComponent(target)
  } catch {
    throw Object.assign(new Error('malformed path'), { status: 400 })
  }
  return { method: message.method, url: message.url, path, query, headers: message.headers, body: Buffer.concat(chunks), at: Date.now() }
}

function behaviourOf(rules, path) {
  const fits = [...rules]
    .filter(([rule]) => rule === path || (rule.endsWith('*') && path.startsWith(rule.slice(0, -1))))
    .sort(([a], [b]) => a.length - b.length)
  let all = {}
  for (const [key, rule] of fits) {
    all = { ...all, ...rule, headers: { ...all.headers, ...rule.headers } }
    if (rule.times && --rule.times === 0) rules.delete(key)
  }
  return all
}

async function answerTo(request, from) {
  const { method, path } = request
  const post = POSTS[path]
  if (method === 'POST' && post) return post(request, from)
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: post ? 'GET, HEAD, POST' : 'GET, HEAD' } }
  if (path === '/touchmark/plan.json' && from.plan) {
    const body = await planBytes(from.plan)
    return { status: body ? 200 : 404, headers: { ...FRESH, 'content-type': PACKAGE_TYPES['.json'] }, body }
  }
  if (path.startsWith('/touchmark/')) {
    const found = from.packageDir && await file(from.packageDir, path.slice('/touchmark/'.length), PACKAGE_TYPES)
    return found || { status: 404, headers: FRESH }
  }
  return sitePage(request, from)
}

async function sitePage(request, from) {
  const path = request.path.startsWith('/app/') && !extname(request.path) ? '/app/' : request.path
  const found = await file(from.root, path.endsWith('/') ? `${path}index.html` : path, SITE_TYPES)
  if (!found && !extname(path) && await file(from.root, `${path}/index.html`, SITE_TYPES)) {
    return { status: 301, headers: { location: request.url.replace(/(\?|$)/, '/$1') } }
  }
  const answer = found ?? { ...await file(from.root, '404.html', SITE_TYPES), status: 404 }
  if (!answer.headers?.['content-type'].startsWith('text/html')) return answer
  const reference = path === '/thank-you/' && /(?:^|; )reference=([\w-]{1,64})/.exec(request.headers.cookie ?? '')?.[1]
  const html = await marked(answer.body.toString(), from)
  if (!reference) return { ...answer, body: html }
  const block = `<p class="reference"><span>Your reference</span> <output>${reference}</output></p>`
  return { ...answer, headers: { ...answer.headers, ...PERSONAL }, body: html.replace('<!-- server: reference -->', block) }
}

// A site whose plan waits for consent asks for it on every page; an unreadable plan is touchmark's to report.
async function marked(html, { plan }) {
  try {
    const waits = JSON.parse(await planBytes(plan)).consent?.source !== 'not_required'
    return waits ? html.replace('<html ', '<html data-consent="ask" ') : html
  } catch {
    return html
  }
}

const planBytes = async (plan) => Buffer.isBuffer(plan) ? plan : readFile(plan).catch(() => undefined)

async function file(root, path, types) {
  const type = types[extname(path)]
  const base = resolve(root)
  const full = resolve(base, `./${path}`)
  if (!type || /\0|\/\//.test(path) || !full.startsWith(base + sep)) return undefined
  try {
    return { status: 200, headers: { ...FRESH, 'content-type': type, 'x-content-type-options': 'nosniff' }, body: await readFile(full) }
  } catch {
    return undefined
  }
}

const POSTS = {
  async '/appointment/'(request, from) {
    const fields = new URLSearchParams(request.body.toString())
    if (refusedAddress(fields.get('e-mail'))) {
      const form = await file(from.root, 'appointment/index.html', SITE_TYPES)
      return { status: 422, headers: { ...form.headers, ...PERSONAL }, body: refilled(await marked(form.body.toString(), from), fields) }
    }
    const reference = /^[\w-]{1,64}$/.exec(fields.get('touchmark_event_id') ?? '')?.[0] ?? randomUUID()
    return { status: 303, headers: { location: '/thank-you/', 'set-cookie': `reference=${reference}; Path=/thank-you/; Max-Age=600; HttpOnly; SameSite=Lax` } }
  },
  '/api/callback': (request) => api(request, ({ phone }) => /000$/.test(String(phone).replace(/\D/g, '')) && 'We can’t reach that number. Please check it.'),
  '/api/booking': (request) => api(request, ({ email }) => refusedAddress(email) && 'We can’t write to that e-mail address. Please use another one.'),
}

const refusedAddress = (address) => /@refused\.example$/i.test(String(address ?? '').trim())

function api(request, refusal) {
  const answer = (status, value) => ({ status, headers: { ...PERSONAL, 'content-type': 'application/json' }, body: JSON.stringify(value) })
  try {
    const reason = refusal(JSON.parse(request.body))
    return reason ? answer(422, { reason }) : answer(201, { reference: randomUUID() })
  } catch {
    return answer(400, { reason: 'Something went wrong on our side.' })
  }
}

// The form as it was sent, hidden fields too, with the error on top.
function refilled(html, fields) {
  const safe = (name) => (fields.get(name) ?? '').replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  let shown = html
  const put = (place, make) => { shown = shown.replace(place, make) }
  put('<!-- server: form-error -->', '<div class="form-error" role="alert"><strong>We couldn’t send this yet.</strong> Mail to that address comes back to us. Please check it, or call <a class="tel-inline" href="tel:+13125550142">(312) 555-0142</a>.</div>')
  for (const name of ['full-name', 'e-mail', 'tel']) put(`name="${name}"`, (found) => `${found} value="${safe(name)}"`)
  for (const name of ['touchmark_event_id', 'utm_source', 'utm_campaign', 'gclid']) {
    put(`name="${name}" value=""`, () => `name="${name}" value="${safe(name)}"`)
  }
  put('</textarea>', (found) => safe('message') + found)
  put(`<option value="${safe('service')}"`, (found) => `${found} selected`)
  put(`name="when" value="${safe('when')}"`, (found) => `${found} checked`)
  return shown
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, host: { type: 'string', default: '127.0.0.1' }, package: { type: 'string' }, plan: { type: 'string' } } })
  try {
    const site = await startSite({ port: Number(values.port), host: values.host, packageDir: values.package, plan: values.plan })
    console.log(`site ${site.origin}/`)
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => site.close().then(() => process.exit(0)))
  } catch (fault) {
    const taken = fault.code === 'EADDRINUSE'
    console.error(taken ? `port ${values.port} is taken: stop what uses it, or pass --port 0 for a free one` : `site: ${fault.message}`)
    process.exit(1)
  }
}
