// The trackers, each as its own documentation sets it up, and how its requests tell a form's submission.
//
// `leads(body)`: ids of submissions in one request, `undefined` for one without an id. `by` says who
// tells of forms: the tracker itself, tags in the page, or the page's own code.
// Only addresses are changed: everything is sent to `/sink` of the page's own server.

import { gunzipSync } from 'node:zlib';

const json = (body) => {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
};
const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

export const PEERS = [
  {
    id: 'snowplow',
    name: 'Snowplow browser-tracker, form plugin',
    packages: ['@snowplow/browser-tracker', '@snowplow/browser-plugin-form-tracking'],
    by: 'itself',
    entry: 'snowplow.mjs',
    leads: (body) =>
      list(json(body)?.data)
        .filter(({ ue_px = '', ue_pr = '' }) => /submit_form/.test(Buffer.from(ue_px, 'base64url') + ue_pr))
        .map(({ eid }) => eid),
  },
  {
    id: 'segment',
    name: 'Segment analytics-next',
    packages: ['@segment/analytics-next'],
    by: 'trackForm, called by the page',
    entry: 'segment.mjs',
    leads: (body) => {
      const told = json(body);
      return list(told?.batch ?? told).filter(({ event }) => event === 'Lead').map(({ messageId }) => messageId);
    },
  },
  {
    id: 'posthog',
    name: 'PostHog posthog-js, autocapture',
    packages: ['posthog-js'],
    by: 'itself',
    entry: 'posthog.mjs',
    leads: (body) => {
      const text = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body.toString().startsWith('data=') ? Buffer.from(decodeURIComponent(body.toString().slice(5)), 'base64') : body;
      const told = json(text);
      return list(told?.batch ?? told)
        .filter(({ event, properties }) => event === '$autocapture' && properties.$event_type === 'submit')
        .map(({ uuid }) => uuid);
    },
  },
  {
    id: 'rudderstack',
    name: 'RudderStack analytics-js',
    packages: ['@rudderstack/analytics-js'],
    by: 'the page’s own listener',
    entry: 'rudderstack.mjs',
    leads: (body) => {
      const told = json(body);
      return list(told?.batch ?? told).filter(({ event }) => event === 'Lead').map(({ messageId }) => messageId);
    },
  },
  {
    id: 'walkeros',
    name: 'walkerOS collector, browser source',
    packages: ['@walkeros/collector', '@walkeros/web-source-browser'],
    by: 'tags in the page',
    entry: 'walkeros.mjs',
    leads: (body) => list(json(body)).filter(({ name }) => name === 'lead send').map(({ id }) => id),
  },
  {
    id: 'plausible',
    name: 'Plausible tracker, formSubmissions',
    packages: ['@plausible-analytics/tracker'],
    by: 'itself',
    entry: 'plausible.mjs',
    leads: (body) => list(json(body)).filter(({ n }) => n === 'Form: Submission').map(() => undefined),
  },
];
