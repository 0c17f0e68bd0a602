import { init } from '@plausible-analytics/tracker';

init({ domain: 'compare.example', endpoint: `${location.origin}/sink`, formSubmissions: true, captureOnLocalhost: true, logging: false });
