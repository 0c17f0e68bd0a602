// Hidden fields: filled, kept right, emptied, and never against the page or its framework.

import type { Page } from '@playwright/test';
import { build } from 'esbuild';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Line, NO_WAY_BACK, ready, rewrite, type Site, test } from './line';
import { hidden } from './visitor';

const AD = 'utm_source=google&utm_medium=cpc&utm_campaign=ad%26%22%3Cb%3E&gclid=EAIa-1';
const CAMPAIGN = 'ad&"<b>';
const HERE = dirname(fileURLToPath(import.meta.url));

const set = (page: Page, name: string, value: string): Promise<void> =>
  page.evaluate(([name, value]) => ((document.querySelector(`form [name="${name}"]`) as HTMLInputElement).value = value!), [name, value]);

test('values are raw, and what the page put there stays', async ({ page, site, line }) => {
  rewrite(site, (html) => html.replace('name="utm_source"', 'name="utm_source" value="from-the-crm"'));
  await page.goto(`${site.origin}/appointment/?${AD}`);
  await ready(page);
  await expect.poll(() => hidden(page, 'utm_campaign')).toBe(CAMPAIGN);
  expect(await hidden(page, 'utm_source')).toBe('from-the-crm');
  await set(page, 'utm_campaign', 'by-the-page');
  await set(page, 'touchmark_event_id', 'by-the-page');
  await page.evaluate(() => history.pushState({}, '', '?utm_source=crm&utm_medium=email&utm_campaign=b'));
  // The event id's field is touchmark's own.
  await expect.poll(() => hidden(page)).toMatch(/^[0-9a-f]{8}-/);
  expect(await hidden(page, 'utm_campaign')).toBe('by-the-page');
  expect(await hidden(page, 'gclid'), 'a field of an earlier touch').toBe('');
  await line.stores(page, ['landing appointment', 'landing appointment']);
});

test('after a reload and Back the id is another, and no field holds a former touch', async ({ page, site, line, browserName }) => {
  test.skip(browserName === 'firefox', NO_WAY_BACK);
  await page.goto(`${site.origin}/appointment/?${AD}`);
  await ready(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  const ids = [await hidden(page)];
  await page.reload();
  await ready(page);
  await expect.poll(() => hidden(page)).not.toBe('');
  ids.push(await hidden(page));
  await page.goto(`${site.origin}/cardiology/?utm_source=crm&utm_medium=email&utm_campaign=later`);
  await ready(page);
  await page.goBack();
  await ready(page);
  await expect.poll(() => hidden(page, 'utm_campaign')).toBe('later');
  ids.push(await hidden(page));
  expect(new Set(ids).size).toBe(3);
  expect(await hidden(page, 'gclid')).toBe('');
  await line.stores(page, ['landing appointment', 'landing cardiology']);
});

test('forms and controls that come late, and a withdrawal', async ({ page, site, line }) => {
  site.plan = line.plan((plan) => (plan.consent = { source: 'api' }));
  rewrite(site, (html) => html.replace(/<input[^>]*name="(utm_campaign|gclid)"[^>]*>/g, ''));
  await page.goto(`${site.origin}/appointment/?${AD}`);
  await page.evaluate(() => window.touchmark?.('consent', 'granted'));
  await ready(page);
  await page.evaluate(() => window.touchmark('consent', 'granted'));
  await expect.poll(() => hidden(page)).not.toBe('');
  await page.evaluate(() => document.querySelector('form#appointment')!.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'gclid' })));
  await expect.poll(() => hidden(page, 'gclid')).toBe('EAIa-1');
  await page.evaluate(() => {
    const form = document.querySelector('form#appointment')!;
    const copy = form.cloneNode(true) as HTMLFormElement;
    for (const name of ['touchmark_event_id', 'utm_source', 'gclid']) (copy.elements.namedItem(name) as HTMLInputElement).value = '';
    form.replaceWith(copy);
  });
  await expect.poll(() => hidden(page, 'gclid')).toBe('EAIa-1');
  await set(page, 'utm_source', 'by-the-page');
  await page.evaluate(() => window.touchmark('consent', 'withdrawn'));
  await expect.poll(() => hidden(page)).toBe('');
  expect(await hidden(page, 'gclid')).toBe('');
  expect(await hidden(page, 'utm_source')).toBe('by-the-page');
  await line.stores(page, ['landing appointment']);
});

const REACT = `
  import { createElement as h, useState } from 'react';
  import { createRoot } from 'react-dom/client';
  function Form() {
    const [campaign, setCampaign] = useState('');
    const [visible, setVisible] = useState('');
    const [count, setCount] = useState(0);
    window.state = () => campaign;
    return h('form', { id: 'framework', onSubmit: (event) => { event.preventDefault(); window.sent = campaign; window.sentId = new FormData(event.target).get('touchmark_event_id'); } },
      h('input', { name: 'utm_campaign', value: campaign, onChange: (event) => setCampaign(event.target.value), style: { opacity: 0 } }),
      h('input', { name: 'touchmark_event_id', type: 'hidden', defaultValue: '' }),
      h('input', { name: 'visible', value: visible, onChange: (event) => setVisible(event.target.value) }),
      h('button', { type: 'button', onClick: () => setCount(count + 1) }, 'again ' + count),
      h('button', { type: 'submit' }, 'send'));
  }
  createRoot(document.querySelector('#root')).render(h(Form));`;
const VUE = `
  import { createApp, h, ref, vModelText, withDirectives } from 'vue';
  createApp({
    setup() {
      const [campaign, visible, count] = [ref(''), ref(''), ref(0)];
      window.state = () => campaign.value;
      const bound = (of, name) => withDirectives(h('input', { name, 'onUpdate:modelValue': (value) => (of.value = value) }), [[vModelText, of.value]]);
      return () => h('form', { id: 'framework', onSubmit: (event) => { event.preventDefault(); window.sent = campaign.value; window.sentId = new FormData(event.target).get('touchmark_event_id'); } }, [
        bound(campaign, 'utm_campaign'),
        h('input', { name: 'touchmark_event_id', type: 'hidden' }),
        bound(visible, 'visible'),
        h('button', { type: 'button', onClick: () => count.value++ }, 'again ' + count.value),
        h('button', { type: 'submit' }, 'send'),
      ]);
    },
  }).mount('#root');`;

async function framework(page: Page, site: Site, line: Line, code: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  });
  site.plan = line.plan((plan) => {
    const [form] = plan.forms;
    plan.forms = [{ ...form, id: 'framework', selector: 'form#framework', fill_events: true, hidden: { touchmark_event_id: 'event_id', utm_campaign: 'last.campaign' }, success: [{ selector: '.never' }] }];
  });
  site.behave('/framework.js', { status: 200, headers: { 'content-type': 'text/javascript' }, body: () => outputFiles[0]!.text });
  rewrite(site, (html) => html.replace(/<main[\s\S]*<\/main>/, '<main><div id="root"></div></main><script src="/framework.js"></script>'));
  await page.goto(`${site.origin}/appointment/?${AD}`);
  await ready(page);
  const campaign = page.locator('[name=utm_campaign]');
  await expect(campaign).toHaveValue(CAMPAIGN);
  await expect.poll(() => page.evaluate(() => (window as any).state()), { message: 'the framework knows' }).toBe(CAMPAIGN);
  // The framework renders again, and writes its state into the fields.
  await page.getByText('again 0').click();
  await page.locator('[name=visible]').fill('typed');
  await expect(page.getByText('again 1')).toBeVisible();
  await expect(campaign).toHaveValue(CAMPAIGN);
  await page.getByText('send').click();
  await expect.poll(() => page.evaluate(() => (window as any).sent)).toBe(CAMPAIGN);
  // React writes an unbound field's default again when it renders; at the submit event the id is there.
  expect(await page.evaluate(() => (window as any).sentId)).toMatch(/^[0-9a-f]{8}-/);
  // What the visitor types there is the framework's, and stays.
  await campaign.fill('by-hand');
  await page.evaluate(() => history.pushState({}, '', '?utm_source=crm&utm_medium=email&utm_campaign=b'));
  await expect.poll(async () => JSON.parse((await page.evaluate(() => localStorage.getItem('touchmark.attribution'))) ?? '{}').last?.campaign).toBe('b');
  await expect(campaign).toHaveValue('by-hand');
}

test('React keeps its state, and touchmark its fields', ({ page, site, line }) => framework(page, site, line, REACT));
test('Vue keeps its state, and touchmark its fields', ({ page, site, line }) => framework(page, site, line, VUE));
