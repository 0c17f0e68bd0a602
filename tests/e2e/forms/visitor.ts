// What a visitor does and sees, over whatever drives the browser.
//
// Finds elements through open shadow roots and same-origin frames, and clicks where they are:
// a driver's own click may ask the page's form for members that its inputs shadow.

export interface Tab {
  goto(url: string): Promise<void>;
  /** The value of an expression, awaited, in the page. */
  evaluate<T>(expression: string): Promise<T>;
  click(x: number, y: number, count: number): Promise<void>;
  press(key: 'Enter'): Promise<void>;
  /** What the browser itself told of: uncaught errors, console errors. */
  problems(): string[];
  /** Answers dialogs from now on. */
  answerDialogs(accept: boolean): void;
  close(): Promise<void>;
}

export interface Visitor {
  /** Types into a field; without arguments fills name and phone. */
  fill(selector?: string, value?: string): Promise<void>;
  click(selector: string, count?: number): Promise<void>;
  /** Presses Enter in a field. */
  enter(selector: string): Promise<void>;
  /** Waits for this text. */
  sees(text: string): Promise<void>;
  /** Waits for this path. */
  isAt(path: string): Promise<void>;
  /** Waits until it holds. */
  until(expression: string): Promise<void>;
  evaluate<T>(expression: string): Promise<T>;
  answerDialogs(accept: boolean): void;
  goto(path: string): Promise<void>;
  /** Waits on a later page until touchmark is ready; at once where there is none. */
  isReady(): Promise<void>;
  /** Waits until the kernel has told this diagnostic; at once where there is no touchmark. */
  isTold(code: string): Promise<void>;
}

export const NAME = 'Ingrid Testperson';
export const PHONE = '+1 312 555 0177';
const LIMIT_MILLIS = 10_000;

/** Walks documents, open roots and frames of the same origin. */
const WALK = `
  const roots = [[document, 0, 0]];
  for (const [root, x, y] of roots) for (const one of root.querySelectorAll('*')) {
    if (one.shadowRoot) roots.push([one.shadowRoot, x, y]);
    if (one.localName === 'iframe') { try { const box = one.getBoundingClientRect(); one.contentDocument && roots.push([one.contentDocument, x + box.left + one.clientLeft, y + box.top + one.clientTop]) } catch {} }
  }`;
const FIND = `${WALK}
  const find = (selector) => { for (const [root, x, y] of roots) { const one = root.querySelector(selector); if (one) return [one, x, y] } throw new Error('not found: ' + selector) };`;

/** A node's text but for its scripts, which name what they will show. */
const WORDS = `
  const words = (node) => node.nodeType === 3 ? node.data : /^(script|style)$/i.test(node.nodeName) ? '' : [...Reflect.get(Node.prototype, 'childNodes', node)].map(words).join('');`;

export async function poll<T>(what: string, ask: () => Promise<T | undefined | false>, limit = LIMIT_MILLIS): Promise<T> {
  const end = Date.now() + limit;
  let last: unknown;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (fault) {
      // A page that is being left answers nothing.
      last = fault;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${limit} ms${last ? `; ${String(last).slice(0, 300)}` : ''}`);
}

export function visitorOf(tab: Tab, origin: string): Visitor {
  const quote = JSON.stringify;
  const visitor: Visitor = {
    async fill(selector, value) {
      if (selector === undefined) {
        await visitor.fill('[name=name]', NAME);
        return visitor.fill('[name=phone]', PHONE);
      }
      // As typing does it: the events are the browser's own.
      await poll(`filling ${selector}`, () =>
        tab.evaluate<boolean>(`(() => { ${FIND} const [one] = find(${quote(selector)}); Element.prototype.scrollIntoView.call(one, { block: 'center' });
          HTMLElement.prototype.focus.call(one); one.select?.(); one.ownerDocument.execCommand('insertText', false, ${quote(value)}); return true })()`),
      );
    },
    async click(selector, count = 1) {
      const [x, y] = await poll(`clicking ${selector}`, () =>
        tab.evaluate<[number, number]>(`(() => { ${FIND} const [one] = find(${quote(selector)}); Element.prototype.scrollIntoView.call(one, { block: 'center' });
          { ${FIND} const [again, x, y] = find(${quote(selector)}); const box = again.getBoundingClientRect(); if (!box.width) throw new Error('not visible'); return [x + box.left + box.width / 2, y + box.top + box.height / 2] } })()`),
      );
      await tab.click(x, y, count);
    },
    async enter(selector) {
      await tab.evaluate(`(() => { ${FIND} HTMLElement.prototype.focus.call(find(${quote(selector)})[0]) })()`);
      await tab.press('Enter');
    },
    async sees(text) {
      await poll(`seeing "${text}"`, () => tab.evaluate(`(() => { ${WALK} ${WORDS} return roots.some(([root]) => words(root.body ?? root).includes(${quote(text)})) })()`));
    },
    async isAt(path) {
      await poll(`reaching ${path}`, () => tab.evaluate(`location.pathname === ${quote(path)} && document.readyState !== 'loading'`));
    },
    async until(expression) {
      await poll(expression, () => tab.evaluate(`!!(${expression})`));
    },
    async isReady() {
      await poll('touchmark being ready again', () => tab.evaluate<boolean>(`!document.querySelector('script[data-plan]') || (!!window.touchmark?.v && new Promise((resolve) => touchmark('ready', () => resolve(true))))`));
    },
    async isTold(code) {
      await poll(`diagnostic ${code}`, () => tab.evaluate(`!document.querySelector('script[data-plan]') || window.touchmark?.('diagnostics')?.some((one) => one.code === ${quote(code)})`));
    },
    evaluate: (expression) => tab.evaluate(expression),
    answerDialogs: (accept) => tab.answerDialogs(accept),
    goto: (path) => tab.goto(origin + path),
  };
  return visitor;
}
