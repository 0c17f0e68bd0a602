// The package's Playwright fixture from TypeScript: two module kinds, and types for each.
//
//   node pkg-config/npm/build.mjs --out pkg/npm
//
// `cargo xtask package` runs this. @playwright/test stays outside: a test run has its own.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!values.out) throw new Error('--out names the package’s folder');
const out = join(values.out, 'playwright');

for (const [format, ending] of [['esm', 'mjs'], ['cjs', 'cjs']]) {
  await build({
    entryPoints: [join(here, 'playwright/index.ts')],
    bundle: true,
    format,
    platform: 'node',
    target: 'node20',
    external: ['@playwright/test'],
    outfile: join(out, `index.${ending}`),
  });
}

const types = mkdtempSync(join(tmpdir(), 'touchmark-types-'));
execFileSync(process.execPath, [join(here, '../../node_modules/typescript/bin/tsc'), '-p', join(here, 'playwright'), '--outDir', types], { stdio: 'inherit' });
for (const name of ['index', 'match']) {
  const text = readFileSync(join(types, `${name}.d.ts`), 'utf8');
  for (const kind of ['m', 'c']) {
    writeFileSync(join(out, `${name}.d.${kind}ts`), text.replaceAll("'./match'", `'./match.${kind}js'`));
  }
}
rmSync(types, { recursive: true });
