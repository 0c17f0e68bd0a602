// The form test site as it is written: each page's document and source plan, for whoever checks
// forms without a browser.
//
//   node tests/e2e/forms/written.mjs    prints a JSON list of {name, app, html, plan}
//
// Used by crates/cli/tests/mutation.rs.

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const { outputFiles } = await build({
  stdin: {
    contents: "export { PAGES } from './pages'; export { frame, sourcePlan, TAG } from './page';",
    resolveDir: dirname(fileURLToPath(import.meta.url)),
    sourcefile: 'written.ts',
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const { PAGES, frame, sourcePlan, TAG } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
const written = PAGES.map((page) => ({ name: page.name, app: page.app ?? null, html: frame(page, page.body, '', TAG), plan: sourcePlan(page) }));
process.stdout.write(JSON.stringify(written));
