import assert from 'node:assert/strict';
import test from 'node:test';
import { asTemplate, readTemplate } from '../../js/latin1.mjs';

const check = (bytes) => {
  const literal = asTemplate(Buffer.from(bytes));
  // The way through a file: UTF-8 and back.
  const read = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(literal));
  assert.deepEqual([...readTemplate(read)], [...bytes]);
  return literal;
};

test('every pair of bytes survives', () => {
  const bytes = [];
  for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) bytes.push(a, b);
  check(bytes);
});

test('what means something to a template or an inline script is escaped', () => {
  for (const text of ['`', '\\', '${', '$${', '\\${', '\r\n', '\0' + '0', '\0\0' + '9', '</script>', '</SCRIPT', '<!--', '\\`']) {
    check(Buffer.from(text, 'latin1'));
  }
  assert.doesNotMatch(check(Buffer.from('</script><!--\0\r')), /<\/script|<!--|[\0\r]/);
});
