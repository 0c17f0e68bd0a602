// What a worker of the form tests shares: the build under test, its plans, the pages' bundles.

import { test as base } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '../browser';
import { bundle } from './bundle';
import { openTab } from './engines/chromium';
import { startDriver } from './engines/webdriver';
import { type FormPage, sourcePlan } from './page';
import type { Offer } from './site';
import type { Tab } from './visitor';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

export const test = base.extend<
  {},
  { engine: string; open: () => Promise<Tab>; offer: (page: FormPage) => Promise<Omit<Offer, 'page'>> }
>({
  // The project's, unless another is named, which no project drives.
  engine: [({}, use, { project }) => use(process.env.TOUCHMARK_ENGINE ?? project.name), { scope: 'worker' }],

  open: [
    async ({ engine, playwright }, use) => {
      if (engine === 'firefox') {
        // A stock one, over WebDriver BiDi, as in playwright.config.ts.
        const browser = await playwright.firefox.launch({ channel: 'moz-firefox', executablePath: process.env.TOUCHMARK_FIREFOX || undefined } as object);
        await use(() => openTab(browser));
        await browser.close();
      } else if (engine === 'webkit') {
        const driver = await startDriver();
        await use(driver.open);
        await driver.close();
      } else {
        const browser = await playwright.chromium.launch(chromium('shell'));
        await use(() => openTab(browser));
        await browser.close();
      }
    },
    { scope: 'worker' },
  ],

  offer: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'touchmark-forms-'));
      const program = process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark');
      const pkg = process.env.TOUCHMARK_PKG ?? join(ROOT, 'pkg');
      // Read once: a build beside the tests must not change what is under test.
      const kept = new Map<string, Buffer | undefined>();
      const files = (name: string): Buffer | undefined => {
        if (!kept.has(name)) kept.set(name, existsSync(join(pkg, name)) ? readFileSync(join(pkg, name)) : undefined);
        return kept.get(name);
      };
      await use(async (page) => {
        const source = JSON.stringify(sourcePlan(page));
        const to = join(folder, `${createHash('sha1').update(source).digest('hex')}.json`);
        if (!existsSync(to)) {
          writeFileSync(join(folder, 'source.json'), source);
          execFileSync(program, ['plan', 'build', join(folder, 'source.json'), '--out', to], { stdio: 'pipe' });
        }
        return { plan: readFileSync(to), files, app: page.app && (await bundle(page.app)) };
      });
      rmSync(folder, { recursive: true });
    },
    { scope: 'worker' },
  ],
});
