// An update grants and withdraws
const listeners = {};
mock('copyFromWindow', function(name) {
  return name === 'dataLayer' ? [{ '0': 'consent', '1': 'default', '2': { analytics_storage: 'denied', ad_storage: 'denied' } }] : undefined;
});
mock('isConsentGranted', false);
mock('addConsentListener', function(type, listener) { listeners[type] = listener; });
let later;
mock('callLater', function(run) { later = run; });
const said = [];
mock('callInWindow', function(name, command, value) { if (command === 'consent') said.push(value); });
runCode({
  action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json',
  consentFrom: 'mode', storeType: 'never', attributeType: 'ad_storage', identifyType: 'never', sendType: 'analytics_storage'
});
assertThat(said).isEqualTo([]);
listeners.analytics_storage('analytics_storage', true);
listeners.ad_storage('ad_storage', false);
later();
listeners.analytics_storage('analytics_storage', false);
later();
assertThat(said).isEqualTo([{ send: 'granted', attribute: 'denied' }, { send: 'withdrawn' }]);
