import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';

const rudder = new RudderAnalytics();
rudder.load('key', `${location.origin}/sink`, { configUrl: `${location.origin}/sink` });
rudder.page();
addEventListener('submit', () => rudder.track('Lead'), true);
