// Variables are taken by their exact words
mock('copyFromWindow', undefined);
const said = [];
mock('callInWindow', function(name, command, value) { if (command === 'consent') said.push(value); });
runCode({
  action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json',
  consentFrom: 'variables', storeState: 'denied', attributeState: true, identifyState: undefined, sendState: 'granted'
});
assertThat(said).isEqualTo([{ store: 'denied', send: 'granted' }]);
