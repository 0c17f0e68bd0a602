// Stands between pages and collector, passes everything on as it is, and keeps every byte sent.
//
// Playwright does not see all requests of a page that goes away; this does.

import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sent {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** All of it, as it came: request line, headers, body. */
  bytes: string;
  body: string;
  at: number;
  /** What the page was answered, and when; none while nothing was, 0 where the connection was lost. */
  answered?: { status: number; at: number };
}

/** What becomes of one post. `cut` ones lose their connection, before or after the collector has stored. */
export type Fate = 'pass' | 'cut before' | 'cut after' | 'truncate' | 'hang' | { delay: number } | { status: number; retryAfter?: string };

export interface Gateway {
  endpoint: string;
  sent: Sent[];
  /** Statuses to answer the next posts with instead of the collector. */
  refusals: number[];
  /** So many next posts are passed on, and their answers lost. */
  unheard: number;
  /** So many next posts are neither passed on nor answered. */
  hanging: number;
  /**
   * Those that hang get an answer. Chromium keeps the connection for a page that has aborted or is
   * gone, and where it breaks, asks again by itself.
   */
  letGo(): void;
  /** Decides about every post; `undefined` leaves it to the members above. */
  fate: ((body: string) => Fate) | undefined;
  isIdle(): boolean;
  reset(): void;
  close(): Promise<unknown>;
}

export async function startGateway(behind: () => string): Promise<Gateway> {
  let open = 0;
  const hung: ServerResponse[] = [];
  const server = createServer(async (incoming, answer) => {
    open++;
    let mine: Sent | undefined;
    answer.once('close', () => {
      open--;
      if (mine) mine.answered = { status: answer.writableFinished ? answer.statusCode : 0, at: Date.now() };
    });
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const { method = '', url = '', rawHeaders, headers } = incoming;
    mine = { method, url, headers, bytes: [method, url, ...rawHeaders, body.toString()].join('\n'), body: body.toString(), at: Date.now() };
    gateway.sent.push(mine);
    const fate = (method === 'POST' && gateway.fate?.(body.toString())) || 'pass';
    if (fate === 'cut before') return void answer.destroy();
    if (typeof fate === 'object' && 'delay' in fate) await new Promise((resolve) => setTimeout(resolve, fate.delay));
    if (fate === 'hang' || (method === 'POST' && gateway.hanging > 0)) {
      if (fate !== 'hang') gateway.hanging--;
      hung.push(answer);
      return;
    }
    const refusal = typeof fate === 'object' && 'status' in fate ? fate.status : gateway.refusals.shift();
    if (refusal) {
      const retryAfter = (typeof fate === 'object' && 'status' in fate && fate.retryAfter) || '1';
      // As the collector answers when it can't write.
      answer.writeHead(refusal, { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After', 'retry-after': retryAfter }).end();
      return;
    }
    const isHeard = method !== 'POST' || gateway.unheard-- <= 0;
    const onward = request(new URL(url, behind()), { method, headers }, (answered) => {
      if (fate === 'truncate') {
        // Told of more than comes.
        answer.writeHead(answered.statusCode!, { 'access-control-allow-origin': '*', 'content-length': '1000' });
        return answered.resume().once('end', () => answer.write('{', () => answer.destroy()));
      }
      if (!isHeard || fate === 'cut after') return answered.resume().once('end', () => answer.destroy());
      answer.writeHead(answered.statusCode!, answered.rawHeaders);
      answered.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: Gateway = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/events`,
    sent: [],
    refusals: [],
    unheard: 0,
    hanging: 0,
    fate: undefined,
    letGo() {
      for (const answer of hung.splice(0)) answer.writeHead(503, { 'access-control-allow-origin': '*' }).end();
    },
    isIdle: () => open === 0,
    reset() {
      gateway.sent = [];
      gateway.refusals = [];
      gateway.unheard = 0;
      gateway.hanging = 0;
      gateway.fate = undefined;
      gateway.letGo();
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
