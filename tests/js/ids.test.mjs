// spec/vectors/id as other teams would recompute it: in JavaScript by hand, and by Python's uuid5.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'node:test'

const VECTORS = new URL('../../spec/vectors/id/uuid.json', import.meta.url)
const vectors = JSON.parse(readFileSync(VECTORS, 'utf8'))
/** Those that name something; the others are refused. */
const named = vectors.filter(({ expect }) => expect)

/** Namespace and name, by docs/ids.md. */
const parts = ({ nonce, type, subject, number, submission }) =>
  submission ? [submission, 'form_result'] : [nonce, `${type}/${subject}/${number}`]

/** RFC 9562, 5.5. */
function uuid5(namespace, name) {
  const bytes = createHash('sha1').update(Buffer.from(namespace.replaceAll('-', ''), 'hex')).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6] & 0x0f) | 0x50
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

test('JavaScript computes the same ids', () => {
  assert.ok(named.length > 8)
  for (const { name, given, expect } of named) assert.equal(uuid5(...parts(given)), expect, name)
})

const PYTHON = `
import json, sys, uuid
for namespace, name in json.load(sys.stdin):
    print(uuid.uuid5(uuid.UUID(namespace), name))
`

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3,))']).status === 0)

test("Python's uuid5 computes the same ids", { skip: !python && 'NOT CHECKED: there is no Python 3 on the path' }, () => {
  const input = JSON.stringify(named.map(({ given }) => parts(given)))
  const ids = execFileSync(python, ['-c', PYTHON], { input, encoding: 'utf8' }).trim().split(/\s+/)
  assert.deepEqual(ids, named.map(({ expect }) => expect))
})

test('an id fits every platform that takes it', () => {
  // Google Ads has the tightest rule: 64 letters, digits and dashes, naming nobody.
  for (const { expect } of named) assert.match(expect, /^[0-9a-f-]{36}$/)
})
