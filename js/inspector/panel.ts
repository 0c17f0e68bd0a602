/**
 * The panel: a closed shadow root at the end of the document, tabs, and the keyboard.
 *
 * Escape folds it to a small button, Alt+Shift+K goes in and back to the page. The page's own code
 * hears of no key that was meant for the panel, and finds nothing of it but one element.
 * Not here: what is shown (forms.ts, views.ts).
 */

import { type Child, h } from './dom';
import style from './panel.css';

export interface Tab {
  id: string;
  title: string;
  count?: number;
  /** Something in it wants to be looked at. */
  isBad?: boolean;
  view: Child[];
}

export interface Shown {
  tabs: Tab[];
  /** One line above all: page, plan, schema. */
  about: string;
  /** For the small button, and told to screen readers when it changes. */
  verdict: { kind: string; text: string };
}

export interface Panel {
  show(shown: Shown): void;
  /** Frames something on the page. */
  point(at: Element | undefined, reveal?: boolean): void;
  isOpen(): boolean;
}

export interface Action {
  title: string;
  hint: string;
  /** A word for what came of it. */
  run(): Promise<string> | string;
}

const NAME = 'touchmark-inspector';

export function openPanel(isDry: boolean, actions: Action[], guard: <A extends unknown[], R>(run: (...of: A) => R) => (...of: A) => R | void, changed: () => void): Panel {
  const host = document.createElement(NAME);
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  let active = 'forms';
  let shown: Shown | undefined;
  let isOpen = true;
  let before: HTMLElement | null = null;

  const frame = h('div', { class: 'frame', hidden: true });
  const about = h('p', { class: 'about' });
  const list = h('div', { role: 'tablist', 'aria-label': 'What to look at' });
  const body = h('div', { role: 'tabpanel', id: 'view', tabindex: '0', 'aria-labelledby': 'tab-forms' });
  const status = h('p', { class: 'unseen', role: 'status' });
  const word = h('span', { class: 'word', 'aria-live': 'polite' });
  const pill = h('button', { type: 'button', class: 'pill', hidden: true, 'aria-expanded': 'false', click: guard(() => fold(false)) });
  const panel = h(
    'section',
    { class: 'panel', role: 'dialog', 'aria-label': 'touchmark inspector', 'aria-modal': 'false' },
    h(
      'header',
      { class: 'top' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }),
      h('h2', {}, 'touchmark'),
      h('span', { class: `mode ${isDry ? 'dry' : 'live'}`, title: isDry ? 'Nothing is sent, kept or announced. The page’s own form still goes out.' : 'Events are sent as on any visit.' }, isDry ? 'dry run' : 'live'),
      h('button', { type: 'button', class: 'icon', 'aria-label': 'Fold the inspector', title: 'Fold (Escape)', click: guard(() => fold(true)) }, '–'),
      h('button', { type: 'button', class: 'icon', 'aria-label': 'Close the inspector', title: isDry ? 'Close. The dry run goes on until the page is left.' : 'Close', click: guard(() => close()) }, '×'),
    ),
    about,
    list,
    body,
    h(
      'footer',
      {},
      ...actions.map(({ title, hint, run }) =>
        h(
          'button',
          {
            type: 'button',
            title: hint,
            click: guard(() => {
              void Promise.resolve(run()).then((said) => (word.textContent = said));
            }),
          },
          title,
        ),
      ),
      word,
    ),
    status,
  );

  /** Focus within the panel survives that its content is made anew. */
  const replace = (into: HTMLElement, children: Child[]): void => {
    const focused = (root.activeElement as HTMLElement | null)?.dataset.key;
    const open = new Set([...into.querySelectorAll<HTMLElement>('details[open]')].map(({ dataset }) => dataset.key));
    into.replaceChildren(...h('div', {}, ...children).childNodes);
    for (const details of into.querySelectorAll<HTMLDetailsElement>('details')) details.open = open.has(details.dataset.key);
    if (focused) [...into.querySelectorAll<HTMLElement>('[data-key]')].find(({ dataset }) => dataset.key === focused)?.focus({ preventScroll: true });
  };

  const select = (id: string): void => {
    active = id;
    body.scrollTop = 0;
    draw();
  };

  const tab = ({ id, title, count, isBad }: Tab): HTMLElement =>
    h(
      'button',
      { type: 'button', role: 'tab', id: `tab-${id}`, 'data-key': `tab-${id}`, 'aria-selected': `${id === active}`, 'aria-controls': 'view', tabindex: id === active ? '0' : '-1', click: guard(() => select(id)) },
      title,
      !!count && h('span', { class: isBad ? 'count bad' : 'count' }, `${count}`),
    );

  const draw = (): void => {
    if (!shown) return;
    const { tabs, verdict } = shown;
    about.textContent = shown.about;
    replace(list, tabs.map(tab));
    replace(body, tabs.find(({ id }) => id === active)?.view ?? []);
    body.setAttribute('aria-labelledby', `tab-${active}`);
    pill.className = `pill ${verdict.kind}`;
    pill.textContent = `touchmark · ${verdict.text}`;
    pill.setAttribute('aria-label', `Open the touchmark inspector: ${verdict.text}`);
    if (status.textContent !== verdict.text) status.textContent = verdict.text;
  };

  const fold = (away: boolean, isFocused = true): void => {
    isOpen = !away;
    panel.hidden = away;
    pill.hidden = !away;
    point(undefined);
    changed();
    if (isFocused) (away ? pill : (list.querySelector<HTMLElement>('[aria-selected=true]') ?? body)).focus();
  };

  const close = (): void => {
    isOpen = false;
    host.remove();
    before?.focus();
  };

  const point = (at: Element | undefined, reveal?: boolean): void => {
    frame.hidden = !at;
    if (!at) return;
    if (reveal) at.scrollIntoView({ block: 'center' });
    const { top, left, width, height } = at.getBoundingClientRect();
    Object.assign(frame.style, { top: `${top - 4}px`, left: `${left - 4}px`, width: `${width + 8}px`, height: `${height + 8}px` });
  };

  const arrow = (key: string): void => {
    const ids = shown?.tabs.map(({ id }) => id) ?? [];
    const at = ids.indexOf(active);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[key];
    if (next === undefined) return;
    select(ids[(next + ids.length) % ids.length]!);
    list.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
  };

  root.addEventListener(
    'keydown',
    guard((event: Event) => {
      const { key, target } = event as KeyboardEvent;
      if (key === 'Escape' && isOpen) fold(true);
      else if ((target as HTMLElement).getAttribute('role') === 'tab') {
        if (/^(Arrow(Left|Right)|Home|End)$/.test(key)) event.preventDefault();
        arrow(key);
      }
    }) as (event: Event) => void,
  );
  // The page's shortcuts are not meant.
  for (const type of ['keydown', 'keyup', 'keypress', 'input', 'change', 'click']) {
    host.addEventListener(type, (event) => isHere(event) || event.stopPropagation());
  }
  const isHere = (event: Event): boolean => (event as KeyboardEvent).code === 'KeyK' && (event as KeyboardEvent).altKey;

  addEventListener(
    'keydown',
    guard((event: KeyboardEvent) => {
      if (event.code !== 'KeyK' || !event.altKey || !event.shiftKey || !host.isConnected) return;
      event.preventDefault();
      if (document.activeElement === host) return before?.focus();
      before = document.activeElement as HTMLElement | null;
      if (isOpen) list.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
      else fold(false);
    }) as (event: Event) => void,
    true,
  );

  root.append(frame, panel, pill);
  document.documentElement.append(host);

  return {
    show(next) {
      shown = next;
      draw();
    },
    point,
    isOpen: () => isOpen && host.isConnected,
  };
}
