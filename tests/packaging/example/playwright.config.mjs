// The clinic's site and a collector, started by Playwright; TOUCHMARK is the program's path.

import { defineConfig } from '@playwright/test';

const { TOUCHMARK = 'touchmark', SITE = 'node serve.mjs', SITE_PORT = '8080', INGESTION_PORT = '4318', OPERATOR_PORT = '4319' } = process.env;
const TOKEN = 'only-for-tests';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  // One collector tells what all tests sent: they run one after another.
  workers: 1,
  timeout: 60_000,
  use: {
    baseURL: `http://127.0.0.1:${SITE_PORT}`,
    touchmarkOperator: `http://127.0.0.1:${OPERATOR_PORT}/?token=${TOKEN}`,
    touchmarkSource: 'urn:touchmark:northside-clinic',
    launchOptions: {
      executablePath: process.env.TOUCHMARK_CHROMIUM || undefined,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
  webServer: [
    {
      command: `${TOUCHMARK} collect --quiet --db events.db --listen 127.0.0.1:${INGESTION_PORT} --operator 127.0.0.1:${OPERATOR_PORT} --operator-token ${TOKEN}`,
      url: `http://127.0.0.1:${INGESTION_PORT}/healthz`,
    },
    { command: SITE, url: `http://127.0.0.1:${SITE_PORT}/` },
  ],
});
