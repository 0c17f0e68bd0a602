// The collector as a process of its own: started on free ports, read through its operator address.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One stored event as `GET /all` tells it. */
export interface Row {
  seq: number;
  source: string;
  id: string;
  type: string;
  subject: string;
  state: 'good' | 'bad';
  verdict: string | null;
  reasons: unknown[];
  event: { id: string; source: string; type: string; time: string; dataschema: string; data: Record<string, any> };
}

export interface Collector {
  /** Where pages post to; the same after a restart. */
  endpoint: string;
  all(): Promise<Row[]>;
  /** Rows of the view `leads`. */
  leads(): Promise<{ id: string; outcome: string }[]>;
  stats(): Promise<{ good: number; bad: number; duplicate: number; rejected: number }>;
  reset(): Promise<void>;
  /** `POST /assert`: its status, and the answer as people read it. */
  assert(expectations: object): Promise<{ status: number; text: string }>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again after a kill: same ports, same file. */
  restart(): Promise<void>;
  isRunning(): boolean;
}

/** `more` are flags of `touchmark collect`. */
export async function startCollector(program: string, db: string, more: string[] = []): Promise<Collector> {
  let child: ChildProcess;
  let operator: URL;

  const start = async (listen: string, behind: string): Promise<void> => {
    child = spawn(program, ['collect', '--qa', '--db', db, '--listen', listen, '--operator', behind, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    createInterface(child.stderr!).on('line', (line) => said.push(line));
    const found: Record<string, string> = {};
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the collector ended at its start: ${said.join('\n')}`)));
      createInterface(child.stdout!).on('line', (line) => {
        const [, name, address] = /^(ingestion|operator) (\S+)$/.exec(line) ?? [];
        if (name) found[name] = address!;
        if (found.ingestion && found.operator) resolve();
      });
    });
    collector.endpoint = found.ingestion!;
    operator = new URL(found.operator!);
  };

  const ask = async (path: string, method = 'GET'): Promise<any> => {
    const answer = await fetch(new URL(path, operator), { method, headers: { authorization: `Bearer ${operator.searchParams.get('token')}` } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };

  const collector: Collector = {
    endpoint: '',
    all: () => ask('/all'),
    leads: () => ask('/leads'),
    stats: () => ask('/stats'),
    reset: () => ask('/reset', 'POST'),
    async assert(expectations) {
      const headers = { authorization: `Bearer ${operator.searchParams.get('token')}`, accept: 'text/plain' };
      const answer = await fetch(new URL('/assert', operator), { method: 'POST', headers, body: JSON.stringify(expectations) });
      return { status: answer.status, text: await answer.text() };
    },
    async kill() {
      if (!collector.isRunning()) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    restart: () => start(new URL(collector.endpoint).host, operator.host),
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
  await start('127.0.0.1:0', '127.0.0.1:0');
  return collector;
}
