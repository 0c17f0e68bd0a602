import { AnalyticsBrowser } from '@segment/analytics-next';

// Settings as Segment's own server gives them to a source without destinations.
const cdnSettings = { integrations: { 'Segment.io': { apiKey: 'key', apiHost: `${location.host}/sink`, protocol: location.protocol.slice(0, -1) } }, plan: {} };
const [analytics] = await AnalyticsBrowser.load({ writeKey: 'key', cdnSettings }, { integrations: { 'Segment.io': { apiHost: `${location.host}/sink`, protocol: location.protocol.slice(0, -1) } } });
analytics.page();
analytics.trackForm([...document.querySelectorAll('form')], 'Lead', {});
