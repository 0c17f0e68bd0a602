// Each console block of the documentation names commands and options that exist.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOUCHMARK = process.env.TOUCHMARK_BIN ?? join(ROOT, 'target/release/touchmark');
const XTASK = process.env.TOUCHMARK_XTASK ?? join(ROOT, 'target/debug/xtask');
/** Programs whose own options are not ours to check. */
const OTHERS = new Set(['grep', 'sed', 'cargo', 'npm', 'npx', 'node', 'curl', 'git', 'cd', 'export', 'docker', 'sqlite3', 'jq', 'echo', 'cat', 'cp', 'mkdir', 'openssl', 'systemctl', 'sudo', 'kill', 'tar', 'brotli', 'ls', 'rm', 'mv', 'sh', 'date', 'duckdb', 'python3', 'rustup', 'sha256sum']);

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

/** Commands of the blocks that are meant for a console: continuation lines joined, comments and output gone. */
export function commands(markdown) {
  const found = [];
  for (const [, kind, block] of markdown.matchAll(/^ *```(\w+)?[^\n]*\n([\s\S]*?)^ *```/gm)) {
    if (!['sh', 'bash', 'console', 'shell'].includes(kind)) continue;
    let inside = false;
    for (const line of block.replace(/\\\n\s*/g, ' ').split('\n')) {
      // What follows `<<'END'`, and quoted text over several lines, is input.
      const quotes = (line.match(/'/g) ?? []).length % 2 === 1;
      const starts = !inside;
      if (quotes) inside = !inside;
      if (!starts || !line.trim() || /^\s*#/.test(line)) continue;
      if (kind === 'console' && !line.startsWith('$ ')) continue;
      for (const part of line.replace(/^\$ /, '').replace(/'[^']*'|"[^"]*"/g, '_').replace(/\s#.*$/, '').split(/&&|\|\||\||;/)) {
        const words = part.trim().split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
        if (words[0]) found.push(words);
      }
    }
  }
  return found;
}

const helps = new Map();
/** What a program says of a command; undefined when it has no such command. */
function help(program, names) {
  const key = [program, ...names].join(' ');
  if (!helps.has(key)) {
    const ran = spawnSync(program, [...names, '--help'], { encoding: 'utf8' });
    if (ran.error) throw ran.error;
    helps.set(key, ran.status === 0 ? ran.stdout : undefined);
  }
  return helps.get(key);
}

/** Why a command can't be run; undefined when it can. */
export function fault(words) {
  const [first, ...rest] = words;
  if (first === 'cargo' && rest[0] === 'xtask') return ours(XTASK, rest.slice(1));
  if (first.endsWith('touchmark') && !first.endsWith('.touchmark')) return ours(TOUCHMARK, rest);
  if (first === 'npm' && rest[0] === 'run') {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    return scripts[rest[1]] ? undefined : `package.json has no script ${rest[1]}`;
  }
  if (first.startsWith('.') || first.includes('/')) return existsSync(join(ROOT, first)) ? undefined : `there is no ${first}`;
  return OTHERS.has(first) ? undefined : `the program ${first} is not known here`;
}

function ours(program, words) {
  const names = [];
  let text = help(program, names);
  const left = [...words];
  // As many words as are commands.
  while (left[0] && /^[a-z][a-z-]*$/.test(left[0]) && new RegExp(`^  ${left[0]}(\\s|$)`, 'm').test(text)) {
    names.push(left.shift());
    text = help(program, names);
  }
  if (/^Commands:/m.test(text) && left[0] && !left[0].startsWith('-')) return `there is no command ${[...names, left[0]].join(' ')}`;
  for (const word of left.filter((one) => one.startsWith('--') && one !== '--')) {
    const option = word.split('=')[0];
    if (!new RegExp(`${option}(?![\\w-])`).test(text)) return `${names.join(' ') || 'the program'} has no option ${option}`;
  }
  return undefined;
}

for (const page of pages) {
  test(`${page}: its commands exist`, () => {
    const faults = commands(readFileSync(join(ROOT, page), 'utf8'))
      .map((words) => [words.join(' '), fault(words)])
      .filter(([, said]) => said);
    assert.deepEqual(faults, []);
  });
}

test('a command that does not exist is found', () => {
  const block = (line) => `\`\`\`sh\n${line}\n\`\`\`\n`;
  for (const line of ['cargo xtask bake', 'cargo xtask size --by-taste', 'touchmark plan bake x.json', 'touchmark collect --no-such', 'npm run bake', 'target/no/such', 'whatisthis']) {
    const [words] = commands(block(line));
    assert.ok(fault(words), line);
  }
  assert.equal(commands('```js\nwhatisthis\n```\n').length, 0);
});
