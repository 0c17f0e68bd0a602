// A consent type that nobody has set is not granted, whatever the container answers
mock('copyFromWindow', function(name) { return name === 'dataLayer' ? [{ event: 'gtm.js' }] : undefined; });
mock('isConsentGranted', true);
const said = [];
mock('callInWindow', function(name, command, value) { if (command === 'consent') said.push(value); });
runCode({
  action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json',
  consentFrom: 'mode', storeType: 'analytics_storage', attributeType: 'ad_storage', identifyType: 'ad_user_data', sendType: 'analytics_storage'
});
assertThat(said).isEqualTo([]);
assertApi('addConsentListener').wasCalled();
