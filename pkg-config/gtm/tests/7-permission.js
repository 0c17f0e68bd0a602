// An address that the permissions do not name is not loaded
mock('copyFromWindow', undefined);
mock('queryPermission', false);
runCode({ action: 'load', script: 'https://www.example.org/other.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
assertApi('injectScript').wasNotCalled();
assertApi('gtmOnFailure').wasCalled();
