import { startFlow } from '@walkeros/collector';
import { sourceBrowser } from '@walkeros/web-source-browser';

// A destination of one's own, as its documentation writes one.
const toSink = {
  type: 'sink',
  config: {},
  push: (event) => void fetch('/sink', { method: 'POST', keepalive: true, body: JSON.stringify(event) }),
};
await startFlow({
  sources: { browser: { code: sourceBrowser, config: { settings: { pageview: true } } } },
  destinations: { sink: { code: toSink } },
});
