// Tabs of a browser that speaks WebDriver BiDi: Firefox.

import puppeteer, { type Browser } from 'puppeteer-core';
import type { Tab } from '../visitor';

/** `TOUCHMARK_FIREFOX` names the program; `cargo xtask forms` finds it. */
export function startBidi(): Promise<Browser> {
  const executablePath = process.env.TOUCHMARK_FIREFOX;
  if (!executablePath) throw new Error('TOUCHMARK_FIREFOX names no program: run `cargo xtask forms --engine firefox`');
  const isFirefox = /firefox/.test(executablePath);
  return puppeteer.launch({
    browser: isFirefox ? 'firefox' : 'chrome',
    protocol: 'webDriverBiDi',
    executablePath,
    headless: true,
    args: isFirefox ? [] : ['--no-sandbox'],
  });
}

export async function openBidiTab(browser: Browser): Promise<Tab> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const problems: string[] = [];
  let accepts = true;
  page.on('pageerror', (fault) => problems.push(String(fault).split('\n')[0]!));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('dialog', (dialog) => void (accepts ? dialog.accept() : dialog.dismiss()).catch(() => {}));
  return {
    goto: async (url) => void (await page.goto(url, { waitUntil: 'domcontentloaded' })),
    evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
    click: (x, y, count) => page.mouse.click(x, y, { count }),
    press: (key) => page.keyboard.press(key),
    problems: () => problems,
    answerDialogs: (accept) => void (accepts = accept),
    close: () => context.close(),
  };
}
