// touchmark/playwright from the tarball: the example suite passes on the demo clinic, and fails, with
// words that help, where it should.

import assert from 'node:assert/strict';
import { spawnSync, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, startStage } from './stage.mjs';

const EXAMPLE = new URL('example/', import.meta.url);
let stage;
let app;
let env;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });

before(async () => {
  stage = await startStage();
  app = stage.app('example', Object.fromEntries(readdirSync(EXAMPLE).map((name) => [name, readFileSync(new URL(name, EXAMPLE), 'utf8')])));
  const [site, ingestion, operator] = await Promise.all([freePort(), freePort(), freePort()]);
  const source = JSON.parse(readFileSync(join(ROOT, 'www/plan.json'), 'utf8'));
  delete source.$schema;
  delete source.schema;
  source.endpoint = `http://127.0.0.1:${ingestion}/v1/events`;
  writeFileSync(join(app, 'source.json'), JSON.stringify(source));
  const program = process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark');
  execFileSync(program, ['plan', 'build', 'source.json', '--out', 'plan.json'], { cwd: app, stdio: 'pipe' });
  env = {
    ...process.env,
    TOUCHMARK: program,
    SITE: `node ${join(ROOT, 'www/serve.mjs')} --port ${site} --package ${join(app, 'node_modules/touchmark')} --plan ${join(app, 'plan.json')}`,
    SITE_PORT: site,
    INGESTION_PORT: ingestion,
    OPERATOR_PORT: operator,
  };
  // Told by the outer test runner; Playwright is no child of it.
  delete env.NODE_TEST_CONTEXT;
});
after(() => stage?.close());

function suite(file) {
  const ran = spawnSync(process.execPath, [join(ROOT, 'node_modules/@playwright/test/cli.js'), 'test', file, '--reporter=json'], { cwd: app, env, encoding: 'utf8' });
  let report;
  try {
    report = JSON.parse(ran.stdout);
  } catch {
    throw new Error(`Playwright told no report: ${ran.stdout}${ran.stderr}`);
  }
  const specs = (one) => [...(one.specs ?? []), ...(one.suites ?? []).flatMap(specs)];
  const results = report.suites.flatMap(specs).map(({ title, tests }) => ({ title, status: tests[0].results[0].status, said: tests[0].results[0].errors.map(({ message }) => message).join('\n') }));
  return { results, errors: report.errors.map(({ message }) => message) };
}

test('the example suite passes on the demo clinic', () => {
  const { results, errors } = suite('clinic.spec.mjs');
  assert.deepEqual(errors, []);
  assert.equal(results.length, 3);
  for (const { title, status, said } of results) assert.equal(status, 'passed', `${title}: ${said}`);
});

test('a suite that is wrong about the page fails, and says what was stored', () => {
  writeFileSync(
    join(app, 'wrong.spec.mjs'),
    `import { test } from 'touchmark/playwright';
    const AD = '/cardiology/?utm_source=google&utm_medium=cpc&utm_campaign=x';
    test('missing', async ({ page, touchmark }) => { await page.goto(AD); await touchmark.expectEvent({ type: 'landing' }); await touchmark.expectEvent({ type: 'form_submit' }, { within: 300 }); });
    test('unwanted', async ({ page, touchmark }) => { await page.goto(AD); await touchmark.expectNoEvent({ type: 'landing', data: { attribution: { last: { campaign: /^x$/ } } } }); });
    test('nothing to judge', async ({ touchmark }) => { await touchmark.expectValid({}, { within: 3000 }); });
    test('misspelt', async ({ touchmark }) => { await touchmark.expectNoEvent({ typ: 'form_submit' }); });
    test('never so', async ({ touchmark }) => { await touchmark.expectNoEvent({ verdict: 'vallid' }); });
    test('twice', async ({ page, touchmark }) => { await page.goto(AD); await touchmark.expectEvent({ type: 'landing' }); await page.goto(AD + '2'); await touchmark.expectEvent({ type: 'landing', data: { attribution: { last: { campaign: 'x2' } } } }); await touchmark.expectEvent({ type: 'landing' }); });`,
  );
  const { results } = suite('wrong.spec.mjs');
  const expected = {
    missing: /0 events fit after 300 ms, expected 1[\s\S]*landing cardiology/,
    unwanted: /1 events fit, expected none/,
    'nothing to judge': /no event to judge/,
    misspelt: /no member `typ`; there is type,/,
    'never so': /verdict is never "vallid"; there is valid,/,
    twice: /2 events fit, expected 1/,
  };
  assert.deepEqual(results.map(({ title }) => title), Object.keys(expected));
  for (const { title, status, said } of results) {
    assert.equal(status, 'failed', `${title} passed`);
    assert.match(said, expected[title]);
  }
});

test('without a collector the fixture says what to set', () => {
  writeFileSync(join(app, 'none.spec.mjs'), "import { test } from 'touchmark/playwright';\ntest.use({ touchmarkOperator: '' });\ntest('none', async ({ touchmark }) => {});\n");
  const [{ status, said }] = suite('none.spec.mjs').results;
  assert.equal(status, 'failed');
  assert.match(said, /TOUCHMARK_OPERATOR/);
});

test('a test run counts its own events alone', () => {
  const spec = (name, session, assertion) =>
    `test.describe('${name}', () => {
      test.use({ extraHTTPHeaders: { 'Touchmark-Session': 'run-7' }, touchmarkSession: '${session}' });
      test('${name}', async ({ page, touchmark }) => { await page.goto('/cardiology/?utm_source=google&utm_medium=cpc&utm_campaign=${name}'); ${assertion} });
    });`;
  writeFileSync(
    join(app, 'session.spec.mjs'),
    `import { test } from 'touchmark/playwright';
    ${spec('own', 'run-7', "await touchmark.expectEvent({ type: 'landing', data: { attribution: { last: { campaign: 'own' } } } });")}
    ${spec('other', 'run-8', "await page.waitForResponse(/v1\\/events/); if ((await touchmark.events()).length) throw new Error('another run is told');")}`,
  );
  for (const { title, status, said } of suite('session.spec.mjs').results) assert.equal(status, 'passed', `${title}: ${said}`);
});
