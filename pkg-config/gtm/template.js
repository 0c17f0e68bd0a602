// Loads touchmark, or passes one command on to it. Sandboxed JavaScript: ES 5.1 with const, let and
// arrow functions. Before the script is there its commands wait in touchmark.q, in their order; what
// the page itself has queued stays before them.

const addConsentListener = require('addConsentListener');
const callLater = require('callLater');
const callInWindow = require('callInWindow');
const copyFromWindow = require('copyFromWindow');
const createArgumentsQueue = require('createArgumentsQueue');
const getType = require('getType');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');
const logToConsole = require('logToConsole');
const makeTableMap = require('makeTableMap');
const queryPermission = require('queryPermission');

const PURPOSES = ['store', 'attribute', 'identify', 'send'];
const STATES = ['granted', 'denied', 'withdrawn'];

// A queue that the page has set up, or the running script, is used as it is.
if (getType(copyFromWindow('touchmark')) !== 'function') createArgumentsQueue('touchmark', 'touchmark.q');

// What this tag said last of each purpose, and what it is about to say.
const told = {};
let saying = {};

// One command for all purposes: an update changes several types one after another, and an event
// must not leave between the first and the last.
const flush = () => {
  const consent = saying;
  saying = {};
  if (PURPOSES.some((purpose) => consent[purpose])) callInWindow('touchmark', 'consent', consent);
};

const say = (purpose, state) => {
  if (told[purpose] === state) return;
  told[purpose] = state;
  saying[purpose] = state;
};

// Whether a default or an update has set the type, and which was last. The container answers
// "granted" for a type that nobody has set; that is no consent. A default for some regions only, or
// one that an update is to follow, is not taken for a choice either.
const setBy = (type) => {
  const layer = copyFromWindow('dataLayer');
  let by;
  for (let at = 0; layer && at < layer.length; at++) {
    const command = layer[at];
    if (!command || command[0] !== 'consent' || getType(command[2]) !== 'object') continue;
    const states = command[2];
    if (states[type] !== 'granted' && states[type] !== 'denied') continue;
    if (command[1] === 'update') by = 'update';
    else if (command[1] === 'default' && !states.region && !states.wait_for_update && by !== 'update') by = 'default';
  }
  return by;
};

const followMode = (purpose, type) => {
  if (!type || type === 'never') return;
  const by = setBy(type);
  if (by && isConsentGranted(type)) say(purpose, 'granted');
  // A denied default asks nobody yet: what the visitor did so far must wait for the answer.
  else if (by === 'update') say(purpose, 'denied');
  // The listener is only called by an update.
  addConsentListener(type, (changed, granted) => {
    if (granted) say(purpose, 'granted');
    else say(purpose, told[purpose] === 'granted' ? 'withdrawn' : 'denied');
    callLater(flush);
  });
};

const passConsent = () => {
  PURPOSES.forEach((purpose) => {
    if (data.consentFrom === 'mode') followMode(purpose, data[purpose + 'Type']);
    if (data.consentFrom === 'variables') {
      const state = data[purpose + 'State'];
      if (STATES.indexOf(state) !== -1) say(purpose, state);
    }
  });
};

const load = () => {
  if (!queryPermission('inject_script', data.script)) {
    logToConsole('touchmark: the permission "Injects scripts" of this template does not name ' + data.script);
    return data.gtmOnFailure();
  }
  const options = { src: data.script, plan: data.plan };
  if (data.planIntegrity) options.planIntegrity = data.planIntegrity;
  if (data.debug) options.debug = true;
  callInWindow('touchmark', 'init', options);
  passConsent();
  flush();
  injectScript(data.script, data.gtmOnSuccess, data.gtmOnFailure, 'touchmark');
};

if (data.action === 'record') {
  callInWindow('touchmark', 'record', data.recordType, data.recordFields ? makeTableMap(data.recordFields, 'name', 'value') : {});
  data.gtmOnSuccess();
} else if (data.action === 'confirm' || data.action === 'fail') {
  callInWindow('touchmark', data.action, data.form);
  data.gtmOnSuccess();
} else {
  load();
}
