// Tabs of WebKitGTK's MiniBrowser, over WebDriver. A tab is a browser of its own, so nothing is shared.
// What the browser would tell of errors the pages' probe writes down.
//
// Everything that it starts is one process group, which ends with this process, however that ends.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { poll, type Tab } from '../visitor';

export interface Driver {
  open(): Promise<Tab>;
  /** Ends browsers, driver and screen, and waits until they are gone. */
  close(): Promise<void>;
}

const ENTER = '\uE007';

/** No command takes that long: the browser, or the driver, hangs. */
const ANSWER_MILLIS = 20_000;
const START_MILLIS = 30_000;

// MiniBrowser has no headless mode, so it gets a screen. `cat` reads a pipe of ours: it ends when we
// do, even if we are killed. `trap` lets the shell outlive the end of its group and wait for it.
const KEEPER = `
  trap : TERM
  "$1" -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 2>&1 &
  read -r display
  DISPLAY=":$display" "$2" --port="$3" 3>&- 2>&1 &
  cat
  kill 0
  wait`;

const named = (variable: string): string => {
  const program = process.env[variable];
  if (!program) throw new Error(`${variable} names no program: run \`cargo xtask forms --engine webkit\``);
  return program;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

export async function startDriver(): Promise<Driver> {
  const [binary, driver, xvfb] = ['TOUCHMARK_WEBKIT', 'TOUCHMARK_WEBKIT_DRIVER', 'TOUCHMARK_XVFB'].map(named);
  const port = await freePort();
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', xvfb!, driver!, `${port}`], { detached: true, stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
  const gone = new Promise<void>((resolve) => keeper.once('close', () => resolve()));
  let said = '';
  keeper.stdout!.on('data', (text) => (said = `${said}${text}`.slice(-1000)));
  const close = (): Promise<void> => {
    keeper.stdin!.end();
    return gone;
  };

  const base = `http://127.0.0.1:${port}`;
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const given = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
    const answer = await fetch(base + path, { method, ...given, signal: AbortSignal.timeout(ANSWER_MILLIS) });
    const { value } = (await answer.json()) as { value: any };
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };

  try {
    const display = await Promise.race([
      new Promise((resolve) => (keeper.stdio[3] as Readable).once('data', resolve)),
      gone.then(() => Promise.reject(new Error(`no screen: ${said}`))),
    ]);
    keeper.stdin!.write(`${String(display).trim()}\n`);
    await poll('WebKitWebDriver', async () => (await ask('GET', '/status')).ready, START_MILLIS);
  } catch (fault) {
    await close();
    throw new Error(`${fault}; ${driver} and ${xvfb} said: ${said}`);
  }

  return {
    async open() {
      const { sessionId } = await ask('POST', '/session', {
        capabilities: {
          alwaysMatch: {
            'webkitgtk:browserOptions': { binary, args: ['--automation'] },
            unhandledPromptBehavior: 'ignore',
            // With `eager` it loses about every second script that comes while a page still loads.
            pageLoadStrategy: 'normal',
            timeouts: { pageLoad: ANSWER_MILLIS, script: ANSWER_MILLIS },
          },
        },
      });
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
            // As text: the driver's own way with objects fails where a page adds to Object.prototype.
            const script = `const done = arguments[arguments.length - 1]; Promise.resolve().then(() => (${expression})).then((value) => done(JSON.stringify([value])), (fault) => done(String(fault)));`;
            const told: string = await ask('POST', `${at}/execute/async`, { script, args: [] });
            if (!told.startsWith('[')) throw new Error(told);
            return JSON.parse(told)[0];
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
    close,
  };
}
