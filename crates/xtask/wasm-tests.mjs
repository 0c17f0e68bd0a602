// Opens the page of wasm tests at argv[2] in a browser and prints what it reports.
//
// For machines without a chromedriver; crates/xtask/src/wasm_test_runner.rs starts and ends it.

import { setTimeout as wait } from 'node:timers/promises'
import { chromium } from '@playwright/test'

const address = process.argv[2]
const deadline = Date.now() + 120_000

const serves = () => fetch(address).then((answer) => answer.ok, () => false)

while (!(await serves())) {
  if (Date.now() > deadline) throw new Error(`nothing serves ${address}`)
  await wait(50)
}
const browser = await chromium.launch({
  executablePath: process.env.TOUCHMARK_CHROMIUM || undefined,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
const page = await browser.newPage()
await page.goto(address)
let shown = ''
while (!shown.includes('test result: ') && Date.now() < deadline) {
  const text = await page.textContent('#output') ?? ''
  if (text.startsWith(shown)) process.stdout.write(text.slice(shown.length))
  shown = text
  await wait(100)
}
await browser.close()
if (!shown.includes('test result: ok')) process.exitCode = 1
