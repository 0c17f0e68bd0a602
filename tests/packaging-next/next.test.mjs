// Next.js as `create-next-app` leaves it: built, started, one event delivered. Only with --all.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStage, tarball } from '../packaging/stage.mjs';

const here = dirname(fileURLToPath(import.meta.url));
// Below this folder, since Next takes nothing from outside the folder of the lock file.
const app = join(here, 'app');
const NEXT = join(here, 'node_modules/next/dist/bin/next');
const READY_WITHIN_MILLIS = 60_000;

let stage;
let server;
before(async () => {
  stage = await startStage();
  rmSync(app, { recursive: true, force: true });
  const files = {
    'package.json': '{"private": true}',
    'app/layout.jsx': 'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n',
    'app/page.jsx': "import Tracking from './tracking';\nexport default function Page() { return <main><h1>A landing page</h1><Tracking /></main>; }\n",
    'app/tracking.jsx':
      "'use client';\nimport { useEffect } from 'react';\nimport { init } from 'touchmark';\nexport default function Tracking() { useEffect(() => { init({ plan: '/plan.json' }); }, []); return null; }\n",
    'public/plan.json': readFileSync(stage.plan, 'utf8'),
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(app, file)), { recursive: true });
    writeFileSync(join(app, file), text);
  }
  mkdirSync(join(app, 'node_modules/touchmark'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball(), '--strip-components=1', '-C', join(app, 'node_modules/touchmark')]);
});
after(async () => {
  server?.kill();
  await stage?.close();
  rmSync(app, { recursive: true, force: true });
});

test('next', async () => {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  execFileSync(process.execPath, [NEXT, 'build'], { cwd: app, env, stdio: 'pipe' });
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  server = spawn(process.execPath, [NEXT, 'start', '--hostname', '127.0.0.1', '--port', String(port)], { cwd: app, env, stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const until = Date.now() + READY_WITHIN_MILLIS;
  while (!(await fetch(origin).then(({ ok }) => ok, () => false))) {
    assert.ok(Date.now() < until, `next start did not answer within ${READY_WITHIN_MILLIS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stage.delivers('next', origin);
});
