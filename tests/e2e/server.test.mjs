// What renders pages on a server imports touchmark too: nothing happens there.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const PKG = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'pkg')

for (const name of ['touchmark.mjs', 'touchmark.inline.mjs', 'touchmark.inline.cjs']) {
  test(`a server may import ${name}`, () => {
    const file = join(PKG, name)
    const loaded = name.endsWith('.cjs') ? `process.getBuiltinModule('module').createRequire('${file}')('${file}')` : `await import('${pathToFileURL(file)}')`
    const script = `const { init, touchmark } = ${loaded}; console.log(typeof init, touchmark('diagnostics'))`
    // In a process of its own: this one's globals may be anybody's.
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', stdio: 'pipe' })
    assert.equal(printed, 'function undefined\n')
  })
}
