// docs/threat-model.md names a test for each defence: each must be there, by that name.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => readFileSync(join(root, path), 'utf8');

test('every defence names a test that exists', () => {
  const rows = read('docs/threat-model.md')
    .split('\n')
    .filter((line) => /^\| (?!threat|---)/.test(line));
  assert.ok(rows.length > 25, `${rows.length} threats`);
  for (const row of rows) {
    const proofs = row.split('|').at(-2).split(';').map((proof) => /^ ?`([^`]+)` › (.+?) ?$/.exec(proof));
    for (const proof of proofs) {
      assert.ok(proof, `a proof is written as \`file\` › name: ${row}`);
      const [, file, name] = proof;
      // Where a test is declared, not in a comment. Quotes may be escaped in the source, and a name may go on.
      const begun = ["'", '"', '`', 'fn ', '} ', ': '].map((start) => `${start}${name}`);
      const source = read(file).replace(/\\/g, '');
      assert.ok(begun.some((start) => source.includes(start)), `${file} has no test called ${name}`);
    }
  }
});
