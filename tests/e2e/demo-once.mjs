// One visitor's walk through the demo clinic: ad click, landing page, appointment form, thank-you page.
//
// `cargo xtask demo --once` runs this, then judges what the collector stored. The site runs in this
// process, so that the report can tell what its server received. The last line that this prints is
// `walked {"event_id": …, "secrets": […]}`.

import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { startSite } from '../../www/serve.mjs'

const WITHIN = 20_000
const VISITOR = {
  'full-name': 'Ingrid Testperson',
  'e-mail': 'ingrid.testperson@example.org',
  tel: '+1 312 555 0177',
  message: 'My chest feels tight on stairs; please keep this between us.',
}

const { values } = parseArgs({
  options: { package: { type: 'string' }, plan: { type: 'string' }, landing: { type: 'string' } },
})
const say = (text) => console.log(`walk    ${text}`)

const site = await startSite({ packageDir: values.package, plan: values.plan })
const browser = await chromium.launch({
  executablePath: process.env.TOUCHMARK_CHROMIUM || undefined,
  // Chromium refuses to run as root with its sandbox.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage()
  page.setDefaultTimeout(WITHIN)
  page.on('pageerror', (fault) => say(`the page threw: ${fault.message}`))

  say(`landing   ${values.landing}`)
  await page.goto(site.origin + values.landing)
  await page.locator('main a[href="/appointment/"]').first().click()

  await page.waitForURL('**/appointment/')
  const form = page.locator('form#appointment')
  for (const [name, value] of Object.entries(VISITOR)) await form.locator(`[name="${name}"]`).fill(value)
  await form.locator('[name="service"]').selectOption('cardiology')
  await form.locator('[name="when"][value="morning"]').check()
  const filled = () => document.querySelector('[name="touchmark_event_id"]')?.value
  await page.waitForFunction(filled).catch(() => {
    throw new Error(`touchmark did not fill the hidden field touchmark_event_id within ${WITHIN / 1000} s`)
  })
  say('form      filled in')
  await form.locator('[type="submit"]').click()

  await page.waitForURL('**/thank-you/')
  say(`arrived   ${new URL(page.url()).pathname}`)
  // The visitor stays a moment, as people do: what the page sends on arrival may go out.
  await page.waitForLoadState('networkidle')

  const posts = site.requests.filter(({ method, path }) => method === 'POST' && path === '/appointment/')
  if (posts.length !== 1) throw new Error(`the clinic's server received the form ${posts.length} times`)
  const sent = new URLSearchParams(posts[0].body.toString())
  if (sent.get('message') !== VISITOR.message) throw new Error('the form did not reach the clinic whole')
  const report = { event_id: sent.get('touchmark_event_id'), secrets: Object.values(VISITOR) }
  console.log(`walked ${JSON.stringify(report)}`)
} catch (fault) {
  console.error(`demo-once: ${fault.message}`)
  process.exitCode = 1
} finally {
  await browser.close()
  await site.close()
}
