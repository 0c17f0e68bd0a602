/**
 * Elements without markup: texts stay texts, whatever they hold.
 */

export type Child = Node | string | false | undefined | null;

/** Attributes by name; a function is a listener for the event of that name. */
export type Attributes = Record<string, string | boolean | undefined | ((event: Event) => void)>;

/** Controls that turn or hide text, and would turn their neighbours with it. */
const HIDING = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** A text in which nothing hides: what has no shape of its own is written as its number. */
export const visible = (text: string): string => text.replace(HIDING, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) {
    if (child === false || child === undefined || child === null) continue;
    element.append(typeof child === 'string' ? document.createTextNode(visible(child)) : child);
  }
  return element;
}

/** A name that may break after its underscores and dashes. */
export const broken = (name: string): Node[] => name.split(/(?<=[_-])/).flatMap((piece) => [document.createTextNode(visible(piece)), document.createElement('wbr')]);

export const badge = (kind: string, text: string): HTMLElement => h('span', { class: `badge ${kind}` }, text);
export const code = (text: string): HTMLElement => h('code', {}, text);

/** Terms and what they mean; empty ones are left out. */
export const facts = (rows: [term: string, value: Child | Child[]][]): HTMLElement =>
  h('dl', {}, ...rows.filter(([, value]) => value !== undefined && value !== '' && value !== false && value !== null).map(([term, value]) => h('div', {}, h('dt', {}, ...broken(term)), h('dd', {}, ...[value].flat()))));

export const empty = (title: string, text: string): HTMLElement => h('div', { class: 'empty' }, h('strong', {}, title), h('p', {}, text));

/** Indented, with every line end its own. */
export const json = (value: unknown): HTMLElement => {
  const pre = h('pre', { tabindex: '0' });
  // JSON's own line ends stay; within texts they are escaped already.
  pre.textContent = JSON.stringify(value, null, 2).replace(HIDING, (hidden) => (hidden === '\n' ? hidden : visible(hidden)));
  return pre;
};
