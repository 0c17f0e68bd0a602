// Every page of the test site, with touchmark and without: what is stored, what is not, and that
// neither the page nor its server can tell the difference.
//
// `cargo xtask forms` prints the table; `TOUCHMARK_ENGINE` names another engine than Chromium.

import { expect } from '@playwright/test';
import { judge } from './visit';
import { PAGES } from './pages';
import { test } from './worker';

test('names are unique, and no list is about nothing', () => {
  expect(new Set(PAGES.map(({ name }) => name)).size).toBe(PAGES.length);
  for (const { name, expect: expected, refute } of PAGES) expect(expected.length + refute.length, name).toBeGreaterThan(0);
});

const areModels = process.env.TOUCHMARK_FORMS === 'models';

for (const page of PAGES.filter(({ isModel }) => isModel || !areModels)) {
  test(page.name, async ({ offer, open, engine }, { annotations }) => {
    const limit = page.limits?.[engine];
    const here = { ...page, ...limit };
    const { got, changes, faults } = await judge(open, here, await offer(page), engine === 'chromium');
    annotations.push({ type: 'row', description: JSON.stringify({ page: page.name, engine, expected: here.expect, got, neutral: changes.length === 0, limit: limit?.why }) });
    expect({ faults, changes }, here.why).toEqual({ faults: [], changes: [] });
  });
}
