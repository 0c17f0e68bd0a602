// Which Chromium a test runs in.

import type { LaunchOptions } from '@playwright/test';

/**
 * `shell` is the headless shell where there is one: half the time of the whole browser, which a
 * test about pages that come back from its cache needs. Set by xtask; without it Playwright's own.
 */
export const chromium = (which: 'shell' | 'whole'): { executablePath: string | undefined; args: string[] } => ({
  executablePath: (which === 'shell' && process.env.TOUCHMARK_CHROMIUM_SHELL) || process.env.TOUCHMARK_CHROMIUM || undefined,
  // Chromium refuses to run as root with its sandbox.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});

type Given = { launchOptions: LaunchOptions; browserName: string };

/** For `test.use`: a browser that keeps pages one can come back to. Playwright turns that off. */
export const pageCache = {
  launchOptions: [
    ({ launchOptions, browserName }: Given, use: (options: LaunchOptions) => Promise<void>) =>
      use({ ...launchOptions, ...(browserName === 'chromium' ? chromium('whole') : {}), ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    { scope: 'worker' as const },
  ] as never,
};
