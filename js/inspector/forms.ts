/**
 * The tab of forms: each form found, how its controls are mapped, and the verdict as it is now.
 */

import { badge, broken as inPieces, code, type Child, empty, facts, h } from './dom';
import type { FormLook, Look } from './look';
import type { Collect, FormReport } from './types';

const LEAVES: Record<Collect, string> = { value: 'as typed', sha256: 'hashed', presence: 'yes or no', never: 'stays here' };
const PHASES = { open: 'being filled in', waiting: 'sent, outcome awaited', leaving: 'sent by the browser', done: 'told' };
const STANDING = {
  declared: '',
  ignored: 'The plan says to ignore it: nothing is said of it.',
  'no lead': 'A search, a login, or nothing by which somebody could introduce herself: nothing is said of it.',
  undeclared: 'The plan does not know it. A submission is told as “undeclared” with the number of its controls, and nothing of what they hold.',
};
const MAX_SHOWN = 120;

const cut = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** Rules that the field breaks now: those of its own and of what is in it. */
export const brokenBy = (report: FormReport, field: string): string[] =>
  report.violations.filter(({ instance }) => instance === `/${field}` || instance.startsWith(`/${field}/`)).map(({ keyword }) => keyword);

/** Points at something on the page; nothing there is changed. */
export type Point = (at: Element | undefined, reveal?: boolean) => void;

const pointer = (point: Point, at: Element | undefined) => ({ pointerenter: () => point(at), pointerleave: () => point(undefined) });

function fieldRow({ report, values, places }: FormLook, { field, is_required, collect }: FormReport['fields'][number], point: Point): HTMLElement {
  const controls = report!.controls.filter((control) => control.field === field && !control.is_secret);
  const typed = controls.flatMap(({ name }) => values.get(name) ?? []);
  const broken = brokenBy(report!, field);
  const isMissing = broken.length === 1 && broken[0] === 'required';
  const said = !controls.length ? (is_required ? 'no control, but required' : 'no control') : broken.length ? (isMissing ? 'required' : broken.join(', ')) : typed.length ? 'fits' : 'optional';
  const kind = (!controls.length && is_required) || (broken.length && !isMissing) ? 'bad' : isMissing ? 'wait' : typed.length ? 'good' : 'none';
  return h(
    'tr',
    { class: `is-${kind}`, ...pointer(point, places.get(controls[0]?.name ?? '')) },
    h('th', { scope: 'row' }, ...inPieces(field), h('small', {}, controls.length ? `from ${controls.map(({ name }) => name).join(', ')}` : '')),
    h('td', { class: 'typed' }, typed.length ? h('bdi', {}, cut(typed.join(', '))) : h('span', { class: 'soft' }, '—')),
    h('td', { class: 'leaves' }, h('span', { class: `leaves-${collect}` }, LEAVES[collect])),
    h('td', {}, badge(kind, said)),
  );
}

function declaredCard(form: FormLook, point: Point): Child[] {
  const { report, values } = form;
  if (!report) return [h('p', { class: 'soft' }, 'The core is not running, so nothing can be judged.')];
  const hidden = new Set(report.hidden.map(([control]) => control));
  const unread = report.controls.filter(({ name, field, is_secret }) => (!field || is_secret) && !hidden.has(name));
  const stray = report.violations.filter(({ instance }) => !report.fields.some(({ field }) => brokenBy({ ...report, violations: [{ instance, keyword: '', schema: '' }] }, field).length));
  const intent = form.intents[form.intents.length - 1];
  return [
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, `Fields of ${form.id}`),
      h('thead', {}, h('tr', {}, ...['Field', 'Now', 'Leaves', 'Verdict'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, ...report.fields.map((field) => fieldRow(form, field, point))),
    ),
    stray.length > 0 && h('p', { class: 'soft' }, `Also broken: ${stray.map(({ keyword, schema }) => `${keyword} (${schema})`).join(', ')}`),
    report.hidden.length > 0 && h('h4', {}, 'Hidden fields'),
    report.hidden.length > 0 &&
      facts(
        report.hidden.map(([control, source]) => {
          const isThere = report.controls.some(({ name }) => name === control);
          return [control, [h('bdi', {}, values.get(control)?.[0] ?? (isThere ? 'empty' : 'not in the form')), h('small', {}, source)]];
        }),
      ),
    unread.length > 0 && h('h4', {}, 'Not read'),
    unread.length > 0 && h('p', { class: 'chips' }, ...unread.map(({ name, is_secret }) => h('span', { class: 'chip' }, name, is_secret && h('small', {}, 'secret')))),
    intent && h('h4', {}, 'Submission'),
    intent && facts([['stands', PHASES[intent.phase]], ['number', `${intent.number}`], ['event id', code(intent.id)]]),
  ];
}

function card(form: FormLook, at: number, point: Point): HTMLElement {
  const { id, standing, report, selector, contract, element } = form;
  const isDeclared = standing === 'declared';
  const title = isDeclared ? id : `${element.localName} ${at + 1}`;
  return h(
    'article',
    { 'aria-label': title },
    h(
      'header',
      {},
      h('h3', {}, title),
      isDeclared ? report && badge(report.verdict === 'valid' ? 'good' : 'bad', report.verdict) : badge(standing === 'undeclared' ? 'wait' : 'none', standing),
      h('button', { type: 'button', class: 'quiet', 'data-key': `show-${form.key}`, 'aria-label': `Show ${title} on the page`, click: () => point(element, true), blur: () => point(undefined) }, 'Show'),
      isDeclared && h('p', { class: 'soft' }, code(selector), ' · ', contract),
    ),
    ...(isDeclared ? declaredCard(form, point) : [h('p', {}, STANDING[standing]), h('p', { class: 'soft' }, `${form.controls} ${form.controls === 1 ? 'control' : 'controls'}`)]),
  );
}

export function formsView({ forms, absent }: Look, point: Point): Child[] {
  return [
    forms.length === 0 && empty('No form here', 'Forms are shown as soon as the page has one.'),
    ...forms.map((form, at) => card(form, at, point)),
    absent.length > 0 && h('h4', {}, 'In the plan, not on this page'),
    absent.length > 0 && h('p', { class: 'chips' }, ...absent.map(({ id, selector }) => h('span', { class: 'chip', title: selector }, id))),
  ];
}
