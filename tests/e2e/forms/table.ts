// The table of `cargo xtask forms`: page, engine, expected, got, neutral.

import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

interface Row {
  page: string;
  engine: string;
  expected: string[];
  got: string[];
  neutral: boolean;
  /** Why the engine can't do what others do: the page has another expectation there. */
  limit?: string;
}

const told = (lines: string[]): string => lines.join(', ').replace(/form_/g, '').replace(/ (lead|valid)\b/g, '') || '–';

export default class Table implements Reporter {
  private missed = 0;
  private printed = 0;
  private readonly limited: string[] = [];

  onBegin(): void {
    this.line('page', 'engine', 'expected', 'got', 'neutral', '');
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const row = result.annotations.find(({ type }) => type === 'row')?.description;
    const passed = result.status === 'passed';
    if (!passed) this.missed++;
    if (row) {
      const { page, engine, expected, got, neutral, limit } = JSON.parse(row) as Row;
      this.line(page, engine, told(expected), told(got), neutral ? 'yes' : 'NO', passed ? (limit ? 'LIMIT' : '') : 'MISS');
      if (limit) this.limited.push(`${page}: ${limit}`);
      this.printed++;
    } else if (!passed) this.line(test.title, '', '', result.status, '', 'MISS');
    for (const { message } of passed ? [] : result.errors) console.log(`    ${(message ?? '').replace(/\u001b\[\d+m/g, '').split('\n').filter((line) => /^[-+] |Error/.test(line)).slice(0, 12).join('\n    ')}`);
  }

  onEnd(result: FullResult): void {
    console.log(`\n${this.printed} pages, ${this.missed} missed, ${this.limited.length} by what the engine can't show`);
    for (const line of this.limited) console.log(`  ${line}`);
    // A table of nothing is no success.
    if (!this.printed) console.log(`no page ran: ${result.status}`);
  }

  private line(...cells: string[]): void {
    const widths = [36, 9, 42, 42, 8, 5];
    console.log(cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' ').trimEnd());
  }
}
