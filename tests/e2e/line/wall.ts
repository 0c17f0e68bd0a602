// What a page shows of a visitor before a grant: every request, every kind of storage, every cookie.

import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Page } from '@playwright/test';
import { expect, type Line, rewrite, ROOT, type Site } from './line';

/** The IAB's own packages, bundled as a consent platform would ship them. */
export const platform = (): string =>
  buildSync({ entryPoints: [join(ROOT, 'tests/e2e/line/iab.ts')], bundle: true, write: false, format: 'iife', minify: true, logLevel: 'error' })
    .outputFiles[0]!.text.replace(/<\/script/gi, '<\\/script');

/** Puts a script into every page's head, before touchmark's tag. */
export const withScript = (site: Site, script: string): void => rewrite(site, (html) => html.replace(/<head>|<meta/i, (tag) => (tag === '<head>' ? `${tag}<script>${script}</script>` : `<script>${script}</script>${tag}`)));

/** All that a page can keep, whoever kept it. */
export const everythingKept = (page: Page): Promise<string[]> =>
  page.evaluate(async () => [
    ...Object.keys(localStorage).map((key) => `local ${key}`),
    ...Object.keys(sessionStorage).map((key) => `session ${key}`),
    ...(await indexedDB.databases()).map(({ name }) => `database ${name}`),
    ...(window.isSecureContext ? await caches.keys() : []).map((key) => `cache ${key}`),
    ...document.cookie.split('; ').filter(Boolean).map((cookie) => `cookie ${cookie}`),
  ]);

/** Nothing was sent, kept or named; what was asked for is touchmark's own, and told nobody where. */
export async function expectNothing(page: Page, site: Site, line: Line, files: string[]): Promise<void> {
  expect(line.gateway.sent).toEqual([]);
  expect(await everythingKept(page)).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.locator('form input[type=hidden]').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value).filter(Boolean))).toEqual([]);
  const own = site.requests.filter(({ path }) => path.startsWith('/touchmark/'));
  const expected = ['touchmark.js', 'touchmark.forms.js', 'touchmark.wasm', 'plan.json', ...files].map((file) => `/touchmark/${file}`);
  expect([...new Set(own.map(({ path }) => path))].sort()).toEqual(expected.sort());
  for (const { headers, path } of own) expect(headers.referer, path).toBeUndefined();
}
