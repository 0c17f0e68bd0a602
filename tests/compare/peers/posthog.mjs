import posthog from 'posthog-js';

posthog.init('phc_compare', {
  api_host: `${location.origin}/sink`,
  defaults: '2025-05-24',
  // What a landing page has no use for, and what would be loaded from PostHog's own servers.
  disable_session_recording: true,
  disable_surveys: true,
});
