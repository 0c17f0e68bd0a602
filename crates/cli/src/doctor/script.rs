//! What runs in the page: before its own scripts, and once it is quiet.

/// Notes calls of `touchmark(…)` and violations of the policy, and changes neither.
pub const BEFORE: &str = "(() => {
  const seen = { calls: [], policy: [], refused: [], installs: 0, loaded: 0, plan: '' }
  Object.defineProperty(window, '__touchmark_doctor', { value: seen })
  addEventListener('load', () => { seen.loaded = performance.now() })
  addEventListener('error', ({ target }) => { if (target instanceof HTMLScriptElement) seen.refused.push(target.src) }, true)
  document.addEventListener('securitypolicyviolation', (event) => {
    // A policy that only reports forbids nothing.
    if (event.disposition !== 'report') seen.policy.push({ directive: event.effectiveDirective, blocked: event.blockedURI, policy: event.originalPolicy })
  })
  let held
  Object.defineProperty(window, 'touchmark', {
    configurable: true,
    enumerable: true,
    get: () => held,
    set(value) {
      if (typeof value !== 'function') { held = value; return }
      if (value.v) seen.installs += 1
      held = new Proxy(value, {
        apply(target, self, args) {
          const said = args[0] === 'consent' ? (typeof args[1] === 'string' ? args[1] : JSON.stringify(args[1])) : ''
          if (args[0] === 'init') try { seen.plan = new URL(args[1].plan, location.href).href } catch {}
          if (seen.calls.length < 200) seen.calls.push({ name: String(args[0]), said, at: performance.now() })
          return Reflect.apply(target, self, args)
        },
      })
    },
  })
})()";

/// What the page is like now. `ENDPOINT` is asked, by a GET that stores nothing, where it is known.
pub const AFTER: &str = "(() => {
  const seen = window.__touchmark_doctor ?? { calls: [], policy: [], refused: [], installs: 0, loaded: 0, plan: '' }
  const is = (src) => /\\/touchmark(\\.inline|\\.full)?(\\.[\\da-f]{16})?\\.m?js(\\?|$)/.test(src)
  const tags = [...document.scripts].filter((one) => one.dataset.plan !== undefined || is(one.src)).map((one) => ({
    src: one.src, plan: one.dataset.plan === undefined ? '' : new URL(one.dataset.plan, document.baseURI).href,
    named: !!one.dataset.plan, isAsync: one.async, isDeferred: one.defer, type: one.type,
    isInHead: one.parentNode === document.head, policy: one.referrerPolicy, integrity: one.dataset.planIntegrity ?? '',
    hash: one.integrity, isAnonymous: one.crossOrigin !== null,
  }))
  const api = window.touchmark
  const platforms = [
    ['__tcfapi', 'the TCF API'], ['__gpp', 'the GPP API'], ['OneTrust', 'OneTrust'], ['Cookiebot', 'Cookiebot'],
    ['Didomi', 'Didomi'], ['UC_UI', 'Usercentrics'],
  ].filter(([name]) => typeof window[name] === 'function' || (window[name] && !(window[name] instanceof Element) && !(window[name] instanceof Window)))
  let diagnostics = []
  try { diagnostics = (typeof api === 'function' && api.v && api('diagnostics')) || [] } catch {}
  return {
    tags,
    version: (typeof api === 'function' && api.v) || '',
    isStub: typeof api === 'function' && !api.v,
    plan: seen.plan,
    refused: seen.refused,
    calls: seen.calls.filter(({ name }) => name !== 'diagnostics'),
    policy: seen.policy,
    installs: seen.installs,
    loaded: seen.loaded,
    diagnostics: diagnostics.map(({ code, about }) => ({ code, about: String(about ?? '') })),
    platforms: platforms.map(([, name]) => name),
    starts: performance.getEntriesByType('resource').map(({ name, startTime, responseEnd }) => ({ name, startTime, responseEnd })),
    origin: location.origin,
  }
})()";

/// Whether the page may talk to an endpoint: `ok`, or what was thrown.
pub const ASK: &str = "(async () => {
  try {
    await fetch(ENDPOINT, { mode: 'cors', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error', cache: 'no-store' })
    return 'ok'
  } catch (fault) { return String(fault) }
})()";

/// Resolves to `ready` once the core runs, else to `waiting` after five seconds.
pub const READY: &str = "new Promise((tell) => {
  try { window.touchmark('ready', () => tell('ready')) } catch (fault) { tell(String(fault)) }
  setTimeout(() => tell('waiting'), 5000)
})";
