// Tabs of a browser that speaks WebDriver alone: WebKitGTK's MiniBrowser. A tab is a session of its
// own, so nothing is shared. What the browser would tell of errors the pages' probe writes down.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { poll, type Tab } from '../visitor';

export interface Driver {
  open(): Promise<Tab>;
  close(): void;
}

const ENTER = '\uE007';
const LIB = '/usr/lib';

/** Debian keeps it with the library, below the machine's name. */
function miniBrowser(): string {
  for (const machine of readdirSync(LIB)) {
    for (const version of ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0']) {
      const program = join(LIB, machine, version, 'MiniBrowser');
      if (existsSync(program)) return program;
    }
  }
  throw new Error('no MiniBrowser below /usr/lib: install webkit2gtk-driver and libwebkit2gtk (Debian)');
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A screen for browsers that have no headless mode. */
async function screen(started: ChildProcess[]): Promise<string> {
  if (process.env.DISPLAY) return process.env.DISPLAY;
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  started.push(child);
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('no DISPLAY and no Xvfb: install xvfb')));
    child.stdio[3]!.once('data', (number) => resolve(`:${String(number).trim()}`));
  });
}

export async function startDriver(): Promise<Driver> {
  const program = process.env.TOUCHMARK_WEBKIT_DRIVER;
  if (!program) throw new Error('TOUCHMARK_WEBKIT_DRIVER names no program: run `cargo xtask forms --engine webkit`');
  const isWebKit = !/chromedriver/.test(program);
  const started: ChildProcess[] = [];
  const env = isWebKit ? { ...process.env, DISPLAY: await screen(started) } : process.env;
  const port = await freePort();
  const child = spawn(program, [`--port=${port}`], { env, stdio: 'ignore' });
  started.push(child);
  const base = `http://127.0.0.1:${port}`;

  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await fetch(base + path, { method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}) });
    const { value } = (await answer.json()) as { value: any };
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await poll('the driver', async () => (await ask('GET', '/status')).ready !== undefined);

  const own = isWebKit
    ? { 'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] } }
    : { 'goog:chromeOptions': { binary: process.env.TOUCHMARK_CHROMIUM, args: ['--headless=new', '--no-sandbox'] } };

  return {
    async open() {
      const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: { ...own, unhandledPromptBehavior: 'ignore', pageLoadStrategy: 'eager' } } });
      const at = `/session/${sessionId}`;
      let accepts = true;
      const dismissed = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
          return await work();
        } catch (fault) {
          if (!/unexpected alert/.test(String(fault))) throw fault;
          await ask('POST', `${at}/alert/${accepts ? 'accept' : 'dismiss'}`, {});
          return work();
        }
      };
      return {
        goto: (url) => dismissed(() => ask('POST', `${at}/url`, { url })),
        evaluate: (expression) =>
          dismissed(async () => {
            const script = `const done = arguments[arguments.length - 1]; Promise.resolve().then(() => (${expression})).then((value) => done({ value }), (fault) => done({ fault: String(fault) }));`;
            const { value, fault } = await ask('POST', `${at}/execute/async`, { script, args: [] });
            if (fault) throw new Error(fault);
            return value;
          }),
        async click(x, y, count) {
          const press = [{ type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }];
          const actions = [{ type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 0 }, ...Array.from({ length: count }, () => press).flat()];
          await ask('POST', `${at}/actions`, { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
        },
        async press() {
          await ask('POST', `${at}/actions`, { actions: [{ type: 'key', id: 'keys', actions: [{ type: 'keyDown', value: ENTER }, { type: 'keyUp', value: ENTER }] }] });
        },
        problems: () => [],
        answerDialogs: (accept) => void (accepts = accept),
        close: () => ask('DELETE', at),
      };
    },
    close() {
      for (const one of started) one.kill();
    },
  };
}
