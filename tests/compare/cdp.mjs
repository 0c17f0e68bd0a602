// Chromium over its debugging pipe, and nothing else: no library watches requests or frames, which
// would cost the page's own thread what is being measured.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const END_WITHIN_MILLIS = 5_000;
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';

/** Starts a browser. `command(method, params, session)` asks it; `once(event, session)` waits. */
export async function launch(program) {
  const profile = mkdtempSync(join(tmpdir(), 'touchmark-compare-'));
  const flags = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-first-run', '--site-per-process', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions', '--mute-audio'];
  // Some trackers send nothing from a browser that says it is driven.
  flags.push(`--user-agent=${AGENT}`, '--disable-blink-features=AutomationControlled');
  // Chromium refuses to run as root with its sandbox.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , input, output] = child.stdio;
  const asked = new Map();
  const waiting = new Set();
  let count = 0;
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages) take(JSON.parse(message));
  });
  const take = ({ id, method, params, sessionId, result, error }) => {
    if (id) {
      const { resolve, reject, about } = asked.get(id);
      asked.delete(id);
      return error ? reject(new Error(`${about}: ${error.message}`)) : resolve(result);
    }
    for (const one of waiting) {
      if (one.method !== method || one.session !== sessionId) continue;
      waiting.delete(one);
      one.resolve(params);
    }
  };
  const command = (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      asked.set(++count, { resolve, reject, about: method });
      input.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
    });
  const once = (method, session) => new Promise((resolve) => waiting.add({ method, session, resolve }));

  return {
    command,
    once,
    async version() {
      return (await command('Browser.getVersion')).product;
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MILLIS);
      command('Browser.close').catch(() => {});
      await ended;
      clearTimeout(timer);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A visitor of his own: storage, cache and, by the site-per-process flag, a process that nobody shares. */
export async function visitor(browser) {
  const { browserContextId } = await browser.command('Target.createBrowserContext', { disposeOnDetach: true });
  return {
    async tab() {
      const { targetId } = await browser.command('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await browser.command('Target.attachToTarget', { targetId, flatten: true });
      const ask = (method, params) => browser.command(method, params, sessionId);
      await ask('Page.enable');
      return {
        ask,
        async open(url) {
          const loaded = browser.once('Page.loadEventFired', sessionId);
          await ask('Page.navigate', { url });
          await loaded;
        },
        /** The value of an expression, awaited. */
        async run(expression) {
          const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true });
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        async close() {
          await browser.command('Target.closeTarget', { targetId });
        },
      };
    },
    leave: () => browser.command('Target.disposeBrowserContext', { browserContextId }),
  };
}
