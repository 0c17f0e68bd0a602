import { FormTrackingPlugin, enableFormTracking } from '@snowplow/browser-plugin-form-tracking';
import { newTracker, trackPageView } from '@snowplow/browser-tracker';

newTracker('sp', `${location.origin}/sink`, { appId: 'compare', plugins: [FormTrackingPlugin()] });
enableFormTracking();
trackPageView();
