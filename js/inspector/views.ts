/**
 * The other tabs: arrival, consent, delivery, diagnostics.
 */

import { badge, code, type Child, empty, facts, h, json } from './dom';
import type { Look } from './look';
import type { Envelope, Note, Touch } from './types';

const ORDER = ['source', 'medium', 'campaign', 'term', 'content', 'id', 'source_platform', 'creative_format', 'marketing_tactic', 'referrer', 'page'] as const;

const time = (at: number): string => new Date(at).toLocaleTimeString([], { hour12: false });
const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));

function touchFacts(touch: Touch): HTMLElement {
  const { click_id: click } = touch;
  return h(
    'div',
    { class: 'touch' },
    h('p', { class: 'channel' }, h('strong', {}, h('bdi', {}, text(touch.channel) || 'no channel')), touch.rule ? h('small', {}, 'decided by rule ', code(touch.rule)) : h('small', {}, 'by no rule')),
    facts([
      ...ORDER.map((name): [string, Child] => [name, text(touch[name]) && h('bdi', {}, text(touch[name]))]),
      ['click id', click && [code(click.param), ' ', h('bdi', {}, click.value), h('small', {}, click.platform)]],
    ]),
  );
}

export function arrivalView({ landing, state }: Look): Child[] {
  if (!landing) return [empty('The core is not running', 'Diagnostics tell why.')];
  // Often they are one and the same.
  const kept = new Map<string, { names: string[]; touch: Touch }>();
  for (const [name, touch] of Object.entries(state?.attribution ?? {})) {
    const key = JSON.stringify(touch);
    const same = kept.get(key) ?? { names: [], touch: touch! };
    same.names.push(name.replace('_', ' '));
    kept.set(key, same);
  }
  return [
    h('h3', {}, 'This arrival ', landing.touch && badge(landing.is_paid ? 'good' : 'none', landing.is_paid ? 'paid' : 'not paid')),
    landing.touch ? touchFacts(landing.touch) : h('p', {}, 'A direct visit: neither campaign, click id nor referrer. It changes no attribution.'),
    landing.diagnostics.length > 0 && h('p', { class: 'chips' }, ...landing.diagnostics.map((one) => badge('wait', one))),
    h('h3', {}, 'What events carry'),
    state?.may_attribute === false && h('p', { class: 'soft' }, 'Without consent to attribution nothing is remembered, and events carry none of it.'),
    ...[...kept.values()].map(({ names, touch }) => h('article', { 'aria-label': names.join(', ') }, h('header', {}, h('h3', {}, names.join(', '))), touchFacts(touch))),
    kept.size === 0 && state?.may_attribute !== false && h('p', { class: 'soft' }, 'No touch so far.'),
  ];
}

const PURPOSES: Record<string, string> = {
  store: 'Keep records in the browser between pages',
  attribute: 'Remember and send how the visitor arrived',
  identify: 'Send contact fields as hashes',
  send: 'Send events at all',
};
const WORDS: Record<string, string> = { granted: 'good', denied: 'bad', withdrawn: 'bad', unknown: 'wait' };

export function consentView({ state }: Look): Child[] {
  if (!state) return [empty('The core is not running', 'Diagnostics tell why.')];
  return [
    h(
      'ul',
      { class: 'purposes' },
      ...Object.entries(PURPOSES).map(([name, meaning]) => h('li', {}, h('span', {}, h('strong', {}, name), h('small', {}, meaning)), badge(WORDS[state.consent[name]!] ?? 'none', state.consent[name] ?? 'unknown'))),
    ),
    facts([
      ['source', code(state.consent.source ?? '')],
      ['waiting', state.waiting ? `${state.waiting} for a decision` : 'nothing'],
      ['kept between pages', state.is_durable ? 'yes' : 'no'],
    ]),
    h('p', { class: 'soft' }, 'Unknown means no. Before a grant nothing is stored and nothing is sent.'),
  ];
}

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

const nameOf = ({ type, subject, data }: Envelope): string => [type.replace('org.touchmark.', ''), subject, data?.form?.outcome, data?.validation?.verdict].filter(Boolean).join(' · ');

function envelope(event: Envelope, key: string, head: Child[]): HTMLElement {
  return h('details', { 'data-key': key }, h('summary', { 'data-key': `${key}-head` }, h('span', { class: 'grow' }, h('bdi', {}, nameOf(event)), h('small', {}, code(event.id))), ...head), json(event));
}

function answerTo({ batch, is_held }: Note, answers: Look['answers']): HTMLElement {
  if (is_held) return badge('wait', 'held back');
  const status = answers.get(batch);
  if (status === undefined) return badge('none', 'under way');
  return badge(status >= 200 && status < 300 ? 'good' : 'bad', status ? `${status}` : 'no answer');
}

export function deliveryView({ state, notes, answers }: Look): Child[] {
  const sent = notes.filter(({ what }) => what === 'send').flatMap((note) => [parse(note.body)].flat().map((event) => ({ note, event: event as Envelope })));
  const told = notes.filter(({ what }) => what === 'announce');
  const outbox = state?.outbox ?? [];
  const inSeconds = (due: number): string => (due > Date.now() ? `due in ${Math.ceil((due - Date.now()) / 1000)} s` : 'due');
  return [
    h('h3', {}, `Outbox (${outbox.length})`),
    outbox.length === 0 && h('p', { class: 'soft' }, 'Nothing waits to be sent.'),
    ...outbox.map(({ id, event, due, tries, is_in_flight, is_stored }) =>
      envelope(event, `box-${id}`, [badge(is_in_flight ? 'good' : 'wait', is_in_flight ? 'under way' : inSeconds(due)), tries > 0 && badge('none', `${tries} tries`), badge('none', is_stored ? 'stored' : 'in memory')]),
    ),
    h('h3', {}, `Last envelopes (${sent.length})`),
    sent.length === 0 && h('p', { class: 'soft' }, state?.may_send === false ? 'No consent to send: there is none.' : 'None so far.'),
    ...sent.reverse().map(({ note, event }) => envelope(event, `sent-${note.batch}-${event.id}`, [h('time', {}, time(note.at)), answerTo(note, answers)])),
    told.length > 0 && h('h3', {}, `Told to other tags (${told.length})`),
    ...told.reverse().map(({ at, to, body, is_held }, index) =>
      h('details', { 'data-key': `told-${told.length - index}` }, h('summary', { 'data-key': `told-${told.length - index}-head` }, h('span', { class: 'grow' }, to), h('time', {}, time(at)), badge(is_held ? 'wait' : 'good', is_held ? 'held back' : 'pushed')), json(parse(body))),
    ),
  ];
}

export function diagnosticsView({ diagnostics, state }: Look): Child[] {
  return [
    diagnostics.length === 0 && !state?.diagnostics.length && empty('Nothing to report', 'What touchmark could not do on this page would stand here.'),
    ...[...diagnostics].reverse().map(({ code: name, about, at }) => h('article', { class: 'diagnostic' }, h('header', {}, h('h3', {}, name), h('time', {}, time(at))), about && h('p', {}, h('bdi', {}, about)))),
    !!state?.diagnostics.length && h('h3', {}, 'Of the landing'),
    !!state?.diagnostics.length && h('p', { class: 'chips' }, ...state.diagnostics.map((one) => badge('wait', one))),
  ];
}
