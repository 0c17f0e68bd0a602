/**
 * Playwright's `test` with one fixture more: what the collector stored of this test.
 *
 *     import { test, expect } from 'touchmark/playwright';
 *
 *     test('an appointment is a lead', async ({ page, touchmark }) => {
 *       …
 *       await touchmark.expectEvent({ type: 'form_submit', subject: 'appointment' });
 *     });
 *
 * Reads the operator address of `touchmark collect`; sends nothing, changes no page.
 * Not here: starting the collector (Playwright's `webServer` does), judging events (the collector).
 */

import { type BrowserContext, expect, type Frame, type Page, type Request, test as base } from '@playwright/test';
import { type EventPattern, isMatch, line, mistake, show, type StoredEvent } from './match';

export type { EventPattern, Pattern, StoredEvent } from './match';
export { expect };

export interface Wait {
  /** Milliseconds until it fails; 10,000 by default. */
  within?: number;
}

export interface TouchmarkFixture {
  /** Waits for exactly `times` events that fit, one by default, and returns the first. */
  expectEvent(pattern: EventPattern, wait?: Wait & { times?: number }): Promise<StoredEvent>;
  /** Waits until no page has anything left to send; fails when an event fits. */
  expectNoEvent(pattern?: EventPattern, wait?: Wait): Promise<void>;
  /** Waits as `expectNoEvent`; fails unless there is an event and all that fit keep the schema. */
  expectValid(pattern?: EventPattern, wait?: Wait): Promise<StoredEvent[]>;
  /** What was stored since the test began, oldest first. */
  events(pattern?: EventPattern): Promise<StoredEvent[]>;
}

export interface TouchmarkOptions {
  /**
   * The operator address that `touchmark collect` prints, with its token. By default the
   * environment's `TOUCHMARK_OPERATOR`.
   */
  touchmarkOperator: string;
  /** Only events of this source count, such as `urn:touchmark:northside-clinic`; by default all. */
  touchmarkSource: string | undefined;
  /**
   * Only events of this test run count: what pages send with the header `Touchmark-Session`, which
   * `extraHTTPHeaders` sets, or to an endpoint with `?session=`. By default all.
   */
  touchmarkSession: string | undefined;
}

declare const process: { env: Record<string, string | undefined> };

const WITHIN_MILLIS = 10_000;
const POLL_MILLIS = [50, 100, 250, 250, 500];
/** A page that keeps nothing and asks nothing for so long has nothing to say. */
const QUIET_MILLIS = 1_000;
const PAGE_ROWS = 1_000;
const OUTBOX = 'touchmark.outbox.';

export const test = base.extend<TouchmarkOptions & { touchmark: TouchmarkFixture }>({
  touchmarkOperator: [process.env.TOUCHMARK_OPERATOR ?? '', { option: true }],
  touchmarkSource: [undefined, { option: true }],
  touchmarkSession: [undefined, { option: true }],

  touchmark: async ({ context, touchmarkOperator, touchmarkSource, touchmarkSession }, use) => {
    const read = reader(touchmarkOperator, touchmarkSession);
    const start = (await read(0)).at(-1)?.seq ?? 0;
    const posts = postsOf(context);
    const events = async (pattern: EventPattern = {}): Promise<StoredEvent[]> => {
      const wrong = mistake(pattern);
      if (wrong) throw new Error(`touchmark: ${wrong}`);
      return (await read(start)).filter((row) => (!touchmarkSource || row.source === touchmarkSource) && isMatch(pattern, row));
    };

    const fail = async (said: string, pattern: EventPattern): Promise<never> => {
      const [stored, told] = [await events(), await diagnostics(context)];
      const list = (lines: string[]): string => lines.map((one) => `\n    ${one}`).join('') || ' none';
      throw new Error(`touchmark: ${said}\n  expected ${show(pattern)}\n  stored in this test:${list(stored.map(line))}\n  diagnostics of open pages:${list(told)}`);
    };

    /** Polls until nothing can come any more; `refuse` ends it early. */
    const settled = async (within: number, pattern: EventPattern, refuse?: (rows: StoredEvent[]) => string | undefined): Promise<StoredEvent[]> => {
      const deadline = Date.now() + within;
      let quietSince: number | undefined;
      for (;;) {
        const rows = await events(pattern);
        const refused = refuse?.(rows);
        if (refused) return fail(refused, pattern);
        const stored = new Set((await events()).map(({ id }) => id));
        const kept = (await outbox(context)).filter((id) => !stored.has(id));
        const isQuiet = kept.length === 0 && posts.open() === 0;
        if (!isQuiet) quietSince = undefined;
        else if (Date.now() - (quietSince ??= Math.max(Date.now(), posts.last())) >= QUIET_MILLIS) return rows;
        if (Date.now() > deadline) {
          return fail(`after ${within} ms the pages still hold ${kept.length} events and ${posts.open()} requests; is the collector the plan's endpoint?`, pattern);
        }
        await rest(POLL_MILLIS[2]!);
      }
    };

    await use({
      events,
      async expectEvent(pattern, { within = WITHIN_MILLIS, times = 1 } = {}) {
        const deadline = Date.now() + within;
        for (let turn = 0; ; turn++) {
          const rows = await events(pattern);
          if (rows.length > times) return fail(`${rows.length} events fit, expected ${times}`, pattern);
          if (rows[0] && rows.length === times) return rows[0];
          if (Date.now() > deadline) return fail(`${rows.length} events fit after ${within} ms, expected ${times}`, pattern);
          await rest(POLL_MILLIS[Math.min(turn, POLL_MILLIS.length - 1)]!);
        }
      },
      async expectNoEvent(pattern = {}, { within = WITHIN_MILLIS } = {}) {
        await settled(within, pattern, (rows) => (rows.length ? `${rows.length} events fit, expected none` : undefined));
      },
      async expectValid(pattern = {}, { within = WITHIN_MILLIS } = {}) {
        const isBad = ({ state, verdict }: StoredEvent): boolean => state !== 'good' || verdict === 'invalid';
        const rows = await settled(within, pattern, (found) => {
          const bad = found.filter(isBad).length;
          return bad ? `${bad} of ${found.length} events break the schema` : undefined;
        });
        return rows.length ? rows : fail('no event to judge', pattern);
      },
    });
  },
});

const rest = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** Everything stored after a number, by as many questions as it takes. */
function reader(address: string, session: string | undefined): (after: number) => Promise<StoredEvent[]> {
  const remedy = 'set `use: { touchmarkOperator }` or TOUCHMARK_OPERATOR to the operator address that `touchmark collect` prints, with its token';
  let operator: URL;
  try {
    operator = new URL(address);
  } catch {
    throw new Error(`touchmark: the operator address ${JSON.stringify(address)} is no URL; ${remedy}`);
  }
  const run = session === undefined ? '' : `&session=${encodeURIComponent(session)}`;
  const authorization = `Bearer ${operator.searchParams.get('token') ?? ''}`;
  return async (after) => {
    const rows: StoredEvent[] = [];
    for (;;) {
      const from = rows.at(-1)?.seq ?? after;
      const answer = await fetch(new URL(`/all?after=${from}&limit=${PAGE_ROWS}${run}`, operator), { headers: { authorization } }).catch((fault: Error) => {
        throw new Error(`touchmark: no collector answers at ${operator.origin} (${fault.message}); ${remedy}`);
      });
      if (!answer.ok) throw new Error(`touchmark: ${operator.origin} answered ${answer.status}; ${remedy}`);
      const page = (await answer.json()) as StoredEvent[];
      rows.push(...page);
      if (page.length < PAGE_ROWS) return rows;
    }
  };
}

/** The posts of events that pages have under way. */
function postsOf(context: BrowserContext): { open(): number; last(): number } {
  const open = new Set<Request>();
  let last = 0;
  const ended = (request: Request): void => {
    if (open.delete(request)) last = Date.now();
  };
  // Of a page that has left, the browser tells no answer; what it kept is seen in the outbox.
  const left = (frame: Frame): void => open.forEach((request) => request.frame() === frame && ended(request));
  const watch = (page: Page): void => {
    page.on('framenavigated', left);
    page.on('framedetached', left);
    page.on('close', () => left(page.mainFrame()));
  };
  context.pages().forEach(watch);
  context.on('page', watch);
  context.on('request', (request) => {
    // A service worker's has no frame.
    if (request.method() === 'POST' && !request.serviceWorker() && request.postData()?.includes('"specversion"')) open.add(request);
  });
  context.on('requestfinished', ended);
  context.on('requestfailed', ended);
  return { open: () => open.size, last: () => last };
}

/** What a page says; nothing while it is going away. */
const ask = async <T>(page: Page, question: (argument: string) => T[], argument = ''): Promise<T[]> =>
  page.evaluate(question, argument).catch(() => []);

/** Ids of events that open pages still keep. */
async function outbox(context: BrowserContext): Promise<string[]> {
  const kept = await Promise.all(
    context.pages().map((page) =>
      ask(
        page,
        (prefix) =>
          [localStorage, sessionStorage]
            .flatMap((storage) => Object.keys(storage))
            .filter((key) => key.startsWith(prefix))
            .map((key) => key.slice(prefix.length)),
        OUTBOX,
      ),
    ),
  );
  return [...new Set(kept.flat())];
}

async function diagnostics(context: BrowserContext): Promise<string[]> {
  const told = await Promise.all(
    context.pages().map((page) =>
      ask(page, () => {
        const { touchmark } = window as { touchmark?: ((command: string) => { code: string; about: string }[]) & { v?: string } };
        if (!touchmark?.v) return [`touchmark does not run on ${location.pathname}`];
        return touchmark('diagnostics').map(({ code, about }) => `${code} ${about}`);
      }),
    ),
  );
  return told.flat();
}
