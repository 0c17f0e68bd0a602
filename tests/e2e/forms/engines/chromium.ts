// Tabs of a Playwright browser.

import type { Browser } from '@playwright/test';
import type { Tab } from '../visitor';

export async function openTab(browser: Browser): Promise<Tab> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  let accepts = true;
  page.on('pageerror', (fault) => problems.push(`${fault}`));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('dialog', (dialog) => void (accepts ? dialog.accept() : dialog.dismiss()));
  return {
    goto: async (url) => void (await page.goto(url, { waitUntil: 'domcontentloaded' })),
    evaluate: (expression) => page.evaluate(expression),
    click: (x, y, clickCount) => page.mouse.click(x, y, { clickCount }),
    press: (key) => page.keyboard.press(key),
    problems: () => problems,
    answerDialogs: (accept) => void (accepts = accept),
    close: () => context.close(),
  };
}
