// A plan whose contracts ask for all of JSON Schema: the larger core judges by it, and the everyday
// one, which knows fewer keywords, says that it can't instead of calling valid what is not.

import { codes, expect, LANDING_QUERY, type Line, ready, rewrite, type Site, test } from './line';
import { fillAppointment, submitAppointment } from './visitor';

const larger = (site: Site): void => rewrite(site, (html) => html.replaceAll('touchmark.js', 'touchmark.full.js'));
const full = (site: Site, line: Line): void => {
  site.plan = line.plan((plan) => {
    plan.validator = 'full';
  });
};

test('the everyday core refuses such a plan, says so, and the page works as ever', async ({ page, site, line }) => {
  full(site, line);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await expect.poll(() => codes(page)).toEqual(['plan_format']);
  await fillAppointment(page);
  await submitAppointment(page);
  expect(line.posts('/appointment/')).toHaveLength(1);
  await line.stores(page, []);
});

test('the larger core takes it', async ({ page, site, line }) => {
  full(site, line);
  larger(site);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  await fillAppointment(page);
  await submitAppointment(page);
  await ready(page);
  expect(await codes(page)).toEqual([]);
  await line.stores(page, ['landing appointment', 'form_submit appointment sent valid', 'form_result appointment accepted']);
});
