// A queue or a script that is there already is kept
mock('copyFromWindow', function(name) { return name === 'touchmark' ? function() {} : undefined; });
mock('injectScript', function(url, onSuccess, onFailure) { onFailure(); });
runCode({ action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
assertApi('createArgumentsQueue').wasNotCalled();
assertApi('gtmOnFailure').wasCalled();
assertApi('gtmOnSuccess').wasNotCalled();
