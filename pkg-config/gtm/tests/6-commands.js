// The other actions pass one command on
mock('copyFromWindow', undefined);
runCode({ action: 'record', recordType: 'appointment_booked', recordFields: [{ name: 'slot', value: 'morning' }] });
assertApi('callInWindow').wasCalledWith('touchmark', 'record', 'appointment_booked', { slot: 'morning' });
runCode({ action: 'fail', form: 'appointment' });
assertApi('callInWindow').wasCalledWith('touchmark', 'fail', 'appointment');
assertApi('injectScript').wasNotCalled();
