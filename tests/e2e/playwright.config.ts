// The browser tests: `cargo xtask test --only e2e`, or this file's own
// `npx playwright test --config tests/e2e/playwright.config.ts` after `cargo xtask build`.
//
// Stock Firefox is driven over WebDriver BiDi, which wants a Playwright no newer than what that
// Firefox speaks: the version in package.json is pinned for it.

import { defineConfig } from '@playwright/test';

import { chromium } from './browser';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results',
  // A test that passes on its second try has found something: no retries.
  retries: 0,
  forbidOnly: true,
  // Each test has its own site, collector and browser context.
  fullyParallel: true,
  // They wait more than they compute.
  workers: 3,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    headless: true,
    // A fifth of the time; ask for one by `--trace on`.
    trace: 'off',
  },
  projects: [
    {
      name: 'chromium',
      use: {
        browserName: 'chromium',
        launchOptions: chromium('shell'),
      },
    },
    {
      name: 'firefox',
      use: {
        browserName: 'firefox',
        channel: 'moz-firefox',
        launchOptions: { executablePath: process.env.TOUCHMARK_FIREFOX || undefined },
      },
    },
  ],
});
