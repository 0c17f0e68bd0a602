// Loading queues the plan before the script is injected
const calls = [];
mock('copyFromWindow', undefined);
mock('callInWindow', function(name, command, value) { calls.push(command); });
mock('injectScript', function(url, onSuccess) { calls.push(url); onSuccess(); });
runCode({ action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
assertApi('createArgumentsQueue').wasCalledWith('touchmark', 'touchmark.q');
assertThat(calls).isEqualTo(['init', 'https://www.example.org/touchmark/touchmark.js']);
assertApi('gtmOnSuccess').wasCalled();
assertApi('gtmOnFailure').wasNotCalled();
