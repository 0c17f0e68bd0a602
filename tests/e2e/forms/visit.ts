// One page in one engine: visited with touchmark and without, and what came of it.
//
// Neutral means: the site's server received the same bytes, the page's own code saw the same events,
// the same focus and the same faults. "Nothing more comes" is decided by protocol: the page is left,
// and whatever it keeps in its outbox has arrived.

import type { FormPage } from './page';
import { type FormSite, type Offer, type StoredEvent, startFormSite } from './site';
import { poll, type Tab, visitorOf } from './visitor';

export interface Verdict {
  got: string[];
  /** What differs with touchmark; empty for neutral. */
  changes: string[];
  /** What is wrong beside that. */
  faults: string[];
}

interface Seen {
  site: FormSite;
  trail: string[];
  problems: string[];
  focus: string;
  /** The page's text at the end. */
  told: { code: string; about: string }[];
}

const short = ({ type, subject, data }: StoredEvent): string =>
  [type.replace('org.touchmark.', ''), subject, data.form?.outcome, data.validation?.verdict].filter(Boolean).join(' ');

const same = (some: string[], others: string[]): boolean => JSON.stringify(some) === JSON.stringify(others);

async function seeOnce(tab: Tab, page: FormPage, offer: Offer): Promise<Seen> {
  const site = await startFormSite(offer);
  try {
    const visitor = visitorOf(tab, site.origin);
    const stored = (): string[] => [...site.events.values()].map(short).sort();
    const wanted = [...page.expect].sort();
    await tab.goto(`${site.origin}/page`);
    if (offer.plan && !page.isHasty) {
      await poll('touchmark being ready', () =>
        tab.evaluate(`new Promise((resolve) => { window.touchmark ??= function () { (touchmark.q ??= []).push(arguments) }; touchmark('ready', () => resolve(true)); setTimeout(resolve, 5000) })`),
      );
    }
    await page.visit(visitor);
    // What the list says may need a moment; what it doesn't is seen below, once the page is left.
    if (offer.plan) await poll('events', async () => same(stored(), wanted), 6_000).catch(() => {});
    const { focus, told } = await tab.evaluate<Pick<Seen, 'focus' | 'told'>>(
      // A hidden element loses the focus with the next frame only.
      `new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); setTimeout(resolve, 1000) }).then(() => ({ focus: document.activeElement?.localName + '#' + (document.activeElement?.getAttribute?.('name') ?? ''), told: window.touchmark?.v ? window.touchmark('diagnostics') : [] }))`,
    );
    await tab.goto(`${site.origin}/blank`);
    const unstored = (): Promise<string[]> =>
      tab.evaluate(`Object.keys(localStorage).filter((key) => key.startsWith('touchmark.outbox.')).map((key) => key.slice(17))`);
    await poll('the outbox being empty', async () => (await unstored()).every((id) => site.events.has(id)) && (site.isIdle() || page.name.includes('hang')));
    const trail = (await tab.evaluate<string>(`sessionStorage.getItem('trail') ?? ''`)).split('\n');
    return { site, trail, problems: [...tab.problems()], focus, told };
  } finally {
    await site.close();
  }
}

const BOUNDARY = /-{4,}(WebKitFormBoundary|geckoformboundary)?[0-9A-Za-z]{12,}/g;

/** A boundary that is as long each time: Firefox's differ, and so does the length that it tells. */
const evened = (bytes: string): string => {
  const shorter = [...bytes.split('\n\n').slice(1).join('\n\n').matchAll(BOUNDARY)].reduce((sum, [boundary]) => sum + boundary.length, 0);
  return bytes.replace(BOUNDARY, '--boundary').replace(/(?<=\ncontent-length\n)\d+/i, (length) => `${Number(length) - shorter}`);
};

/** Requests but for what the browser itself draws at random, and the port. */
const comparable = ({ site }: Seen, { random, isRace }: FormPage): string[] => {
  const requests = site.received
    .filter(({ path }) => path !== '/app.js')
    .map(({ bytes }) => evened(bytes.replaceAll(site.origin.slice(7), 'site').replaceAll(`localhost:${site.origin.split(':').pop()}`, 'other')))
    .map((bytes) => (random ? bytes.replace(random, 'random') : bytes));
  return isRace ? [...new Set(requests)] : requests;
};

function differences(what: string, one: string[], other: string[]): string[] {
  if (same(one, other)) return [];
  const at = one.findIndex((line, index) => line !== other[index]);
  const index = at < 0 ? one.length : at;
  return [`${what} ${index + 1} of ${one.length}/${other.length}: with ${JSON.stringify(one[index])?.slice(0, 400)}, without ${JSON.stringify(other[index])?.slice(0, 400)}`];
}

/** `together`: both visits at once, where the engine gives each of its tabs the focus. */
export async function judge(open: () => Promise<Tab>, page: FormPage, offer: Omit<Offer, 'page'>, together: boolean): Promise<Verdict> {
  const inTab = async (which: Offer): Promise<Seen> => {
    const tab = await open();
    try {
      return await seeOnce(tab, page, which);
    } finally {
      await tab.close();
    }
  };
  const first = inTab({ ...offer, page });
  if (!together) await first;
  const [withIt, without] = await Promise.all([first, inTab({ ...offer, page, plan: undefined })]);

  const changes = [
    ...differences('request', comparable(withIt, page), comparable(without, page)),
    ...differences('trail', withIt.trail, without.trail),
    ...differences('problem', withIt.problems, without.problems),
    ...differences('focus', [withIt.focus], [without.focus]),
  ];
  const events = [...withIt.site.events.values()];
  const got = events.map(short).sort();
  const faults = [
    ...(same(got, [...page.expect].sort()) ? [] : [`stored ${JSON.stringify(got)}, expected ${JSON.stringify(page.expect)}`]),
    ...page.refute.filter((line) => got.some((one) => one.startsWith(line))).map((line) => `stored what is refuted: ${line}`),
    ...withIt.site.conflicts.map((id) => `one id with two payloads: ${id}`),
    ...withIt.told.filter(({ code }) => /^(core_|kernel_|plan_|part_)/.test(code)).map(({ code, about }) => `diagnostic ${code}: ${about}`),
  ];
  const posts = withIt.site.received.filter(({ method }) => method === 'POST').length;
  if (page.posts !== undefined && posts !== page.posts) faults.push(`${posts} posts reached the server, expected ${page.posts}`);
  if (page.fields) {
    const [submission] = events.filter(({ type }) => type.endsWith('form_submit'));
    if (JSON.stringify(submission?.data.form.fields) !== JSON.stringify(page.fields)) faults.push(`fields ${JSON.stringify(submission?.data.form.fields)}, expected ${JSON.stringify(page.fields)}`);
  }
  return { got, changes, faults };
}
