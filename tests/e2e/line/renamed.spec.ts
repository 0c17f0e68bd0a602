// The story that all of QA is for: a field of the demo's form is renamed. `touchmark check` says so
// before it ships, and by which name it goes now; where it ships all the same, its events are put
// aside and `/assert` shows them. Recorded: test-results/**/trace.zip, and what was printed.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, LANDING_QUERY, ready, rewrite, ROOT, test } from './line';
import { send, VISITOR } from './visitor';

test.use({ trace: 'on' });

/** What the program prints and how it ends. */
function run(program: string, folder: string, args: string[]): { code: number; text: string } {
  try {
    return { code: 0, text: execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, NO_COLOR: '1' } }) };
  } catch (fault) {
    const { status, stdout, stderr } = fault as { status: number; stdout: string; stderr: string };
    return { code: status, text: stdout + stderr };
  }
}

test('a renamed field fails the check with its new name, and what came of it all the same is put aside', async ({ page, site, line, program }, info) => {
  const folder = mkdtempSync(join(tmpdir(), 'touchmark-renamed-'));
  const told: string[] = [];
  const check = (...args: string[]): { code: number; text: string } => {
    const done = run(program, folder, ['check', '--plan', 'www/plan.json', ...args]);
    told.push(`$ touchmark check --plan www/plan.json ${args.join(' ')}\n${done.text}exit ${done.code}\n`);
    return done;
  };
  for (const part of ['www', 'spec']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  expect(check('www')).toMatchObject({ code: 0 });
  expect(check('www', '--update')).toMatchObject({ code: 0 });

  // Somebody tidies the names up.
  const file = join(folder, 'www/appointment/index.html');
  const renamed = (html: string): string => html.replace('name="e-mail"', 'name="email_address"');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, renamed(before));
  const { code, text } = check('www');
  expect(code).toBe(1);
  const lineOf = before.slice(0, before.indexOf('name="e-mail"')).split('\n').length;
  expect(text).toContain('error[field_renamed]: control `e-mail` is gone, which fed field `email`; it was probably renamed to `email_address`');
  expect(text).toContain(`www/appointment/index.html:${lineOf}:`);
  expect(text).toContain('write "email_address": "email" in the plan');
  // The remedy is the right one: with it the check passes again.
  const plan = join(folder, 'www/plan.json');
  const written = readFileSync(plan, 'utf8');
  writeFileSync(plan, written.replace('"e-mail": "email"', '"email_address": "email"'));
  expect(check('www', '--update')).toMatchObject({ code: 0 });
  writeFileSync(plan, written);

  // It ships without anyone asking.
  rewrite(site, renamed);
  await page.goto(`${site.origin}/appointment/?${LANDING_QUERY}`);
  await ready(page);
  const form = page.locator('form#appointment');
  for (const [name, value] of [['full-name', VISITOR.name], ['email_address', VISITOR.email], ['tel', VISITOR.phone]]) await form.locator(`[name="${name}"]`).fill(value!);
  await form.locator('[name=service]').selectOption('cardiology');
  await form.locator('[name=when][value=morning]').check();
  await send(page);
  await page.waitForURL('**/thank-you/');

  const submitted = { '/type': 'org.touchmark.form_submit', '/subject': 'appointment' };
  const wanted = await line.collector.assert({ within_ms: 3000, expect: [{ name: 'a valid appointment request', where: submitted, expect: { state: 'good' }, count: 1 }] });
  told.push(`POST /assert, a valid appointment request: ${wanted.status}\n${wanted.text}`);
  expect(wanted.status).toBe(422);
  expect(wanted.text).toMatch(/^FAIL a valid appointment request: exactly 1 wanted, 0 there\n +nearest: #\d+ bad org\.touchmark\.form_submit appointment/);
  expect(wanted.text).toContain('/data/form/fields/email required');
  const aside = await line.collector.assert({
    within_ms: 10_000,
    expect: [{ name: 'put aside, and why', where: submitted, expect: { state: 'bad', verdict: 'invalid', '/data/validation/violations': { contains: { instance: '/email', keyword: 'required' } }, '/data/form/fields/email': { absent: true } }, count: 1 }],
  });
  told.push(`POST /assert, put aside, and why: ${aside.status}\n${aside.text}`);
  expect(aside.text, 'the quarantined event').not.toContain(VISITOR.email);
  expect(aside.status, aside.text).toBe(200);
  // The visitor and the clinic noticed nothing.
  expect(new URLSearchParams(line.posts('/appointment/')[0]).get('email_address')).toBe(VISITOR.email);
  const story = told.join('\n');
  await info.attach('story.txt', { body: story, contentType: 'text/plain' });
  writeFileSync(join(ROOT, 'test-results', 'renamed-field.txt'), story);
  rmSync(folder, { recursive: true });
});
