// What the clinic's team holds its forms to.

import { test } from 'touchmark/playwright';

const AD = '?utm_source=google&utm_medium=cpc&utm_campaign=cardiology-q4';

async function askForCall(page, phone) {
  const form = page.locator('form#callback');
  await form.locator('[name="name"]').fill('Ingrid Testperson');
  await form.locator('[name="phone"]').fill(phone);
  await form.locator('[name="best_time"][value="evening"]').check();
  await form.locator('[type="submit"]').click();
}

test('an appointment after an ad click is one valid lead with its campaign', async ({ page, touchmark }) => {
  await page.goto(`/appointment/${AD}`);
  const form = page.locator('form#appointment');
  await form.locator('[name="full-name"]').fill('Ingrid Testperson');
  await form.locator('[name="e-mail"]').fill('ingrid.testperson@example.org');
  await form.locator('[name="tel"]').fill('+1 312 555 0177');
  await form.locator('[name="service"]').selectOption('cardiology');
  await form.locator('[name="when"][value="morning"]').check();
  await form.locator('[type="submit"]').click();
  await page.waitForURL('**/thank-you/');

  const { event } = await touchmark.expectEvent({ type: 'form_submit', subject: 'appointment', verdict: 'valid' });
  await touchmark.expectEvent({ type: 'form_result', data: { form: { submission: event.id, outcome: 'accepted' } } });
  await touchmark.expectEvent({ type: 'landing', data: { attribution: { last: { campaign: 'cardiology-q4', channel: 'Paid Search' } } } });
  // Nothing that was typed is in it.
  await touchmark.expectNoEvent({ data: (data) => /testperson|555 ?0177/i.test(JSON.stringify(data)) });
  await touchmark.expectValid();
});

test('a refused number is no accepted lead, the corrected one is', async ({ page, touchmark }) => {
  await page.goto('/callback/');
  await askForCall(page, '+1 312 555 0000');
  const refused = await touchmark.expectEvent({ type: 'form_submit', data: { form: { outcome: 'failed' } } });
  await page.locator('.form-error').waitFor();
  await askForCall(page, '+1 312 555 0177');
  await touchmark.expectEvent({ type: 'form_submit', data: { form: { outcome: 'accepted', retry_of: refused.id } } });
});

test('looking around is no lead', async ({ page, touchmark }) => {
  await page.goto('/appointment/');
  await page.locator('[name="full-name"]').fill('Ingrid Testperson');
  await page.goto('/callback/');
  await touchmark.expectNoEvent({ type: /form_/ });
});
