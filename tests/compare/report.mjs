// What was measured as Markdown: docs/comparison.md. Ratios are to touchmark; above 1 the other
// tracker costs more, below 1 it costs less, and is marked as better.

import { CASES } from './cases.mjs';
import { FAULTS } from './measure.mjs';

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const sum = (bytes) => Object.values(bytes).reduce((all, one) => all + one, 0);
const number = (value) => Math.round(value).toLocaleString('en-US');

function ratio(value, own) {
  if (!(own > 0) || !(value > 0)) return 'within noise';
  const by = value / own;
  return by < 0.95 ? `**×${by.toFixed(2)}, better**` : `×${by.toFixed(2)}`;
}

export function render(result) {
  const { trackers } = result;
  const ownAt = trackers.findIndex(({ id }) => id === 'touchmark');
  const parts = [
    '# Comparison',
    'touchmark beside published trackers, all in one browser run, each configured as its documentation recommends and sending to a server on the same machine. `cargo xtask compare` measures it anew and writes this page.',
    `${result.browser}, ${result.machine}, load average ${result.load.map((load) => load.toFixed(1)).join(' at the start, ')} at the end. Other machines give other milliseconds; compare the ratios. Ratios are to touchmark: above 1 the other tracker costs more. Where it is better, its cell says so in bold.`,
    '## Who is compared',
    table(['tracker', 'version', 'who tells of forms'], trackers.map(({ name, versions, by }) => [name, versions.join(', ') || 'this repository', by])),
    'Plausible and walkerOS neither keep nor retry events; RudderStack has no form capture of its own, so the page’s code tells it; Segment’s `trackForm` takes a submission over and repeats it.',
  ];
  if (trackers[0].bytes) {
    const own = sum(trackers[ownAt].bytes);
    parts.push(
      '## Bytes',
      'Everything that a first visit downloads for the tracker, after brotli: scripts, wasm, plan or settings. What a tracker would load later from its own service is not counted.',
      table(['tracker', 'bytes', 'ratio'], trackers.map(({ name, bytes }) => [name, number(sum(bytes)), ratio(sum(bytes), own)])),
    );
  }
  if (result.start?.[4]?.[ownAt] && !Number.isNaN(result.start[4][ownAt].task)) {
    for (const rate of [1, 4]) {
      const figures = result.start[rate];
      parts.push(
        `## Start at ${rate}× throttling`,
        `Main-thread milliseconds of a cold load over the same page without a tracker, the first event included. Medians of ${result.loads} loads, in turns.`,
        table(['tracker', 'main thread, ms', 'ratio', 'in scripts, ms', 'ratio'], trackers.map(({ name }, at) => [name, figures[at].task.toFixed(1), ratio(figures[at].task, figures[ownAt].task), figures[at].script.toFixed(1), ratio(figures[at].script, figures[ownAt].script)])),
      );
    }
  }
  if (result.event) {
    parts.push(
      '## One event',
      'Main-thread milliseconds for each of twenty submissions by request, over the same page without a tracker. touchmark reads, validates, hashes and stores each before it is sent; the others store some of them.',
      table(['tracker', 'main thread, ms', 'ratio', 'in scripts, ms', 'told of 20'], trackers.map(({ name }, at) => [name, ...costs(result.event[at], result.event[ownAt])])),
    );
  }
  if (result.delivery) {
    parts.push(
      '## Delivery',
      'Submissions that arrived, of those made. More than were made: the same one under two ids.',
      table(['fault', 'made', ...trackers.map(({ id }) => id)], FAULTS.map(({ id, what, made }) => [what, String(made), ...result.delivery[id].map((count) => verdict(count, made))])),
    );
  }
  if (result.forms) {
    const right = trackers.map((_, at) => CASES.filter(({ id, leads }) => result.forms[id][at] === leads).length);
    parts.push(
      '## Forms',
      'How many leads each tracker told, of those that the site itself had. A refused, a blocked and a repeated submission are none.',
      table(['form', 'leads', ...trackers.map(({ id }) => id)], [
        ...CASES.map(({ id, what, leads }) => [what, String(leads), ...result.forms[id].map((count) => verdict(count, leads))]),
        [`**right, of ${CASES.length}**`, '', ...right.map((count) => `**${count}**`)],
      ]),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

const costs = ({ task, script, told, isLeft }, own) =>
  isLeft ? ['not measured: it submits the form itself, and the page is left', '', '', String(told)] : [task.toFixed(2), ratio(task, own.task), script.toFixed(2), String(told)];

const verdict = (count, expected) => (count === expected ? String(count) : `${count} ✗`);
