___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "touchmark",
  "categories": [
    "ANALYTICS",
    "ATTRIBUTION",
    "LEAD_GENERATION"
  ],
  "brand": {
    "id": "brand_touchmark",
    "displayName": "touchmark"
  },
  "description": "Campaigns, one stable event id per form submission, and payloads judged by your shared event schema. Loads touchmark from your own host and passes plan and consent on explicitly.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "SELECT",
    "name": "action",
    "displayName": "Action",
    "macrosInSelect": false,
    "selectItems": [
      {
        "value": "load",
        "displayValue": "Load touchmark"
      },
      {
        "value": "record",
        "displayValue": "Record an event of your plan"
      },
      {
        "value": "confirm",
        "displayValue": "A form was accepted"
      },
      {
        "value": "fail",
        "displayValue": "A form was refused"
      }
    ],
    "simpleValueType": true,
    "defaultValue": "load",
    "help": "One tag loads, on Consent Initialization or Initialization. Tags with the other actions may fire before it: what they say waits in order."
  },
  {
    "type": "GROUP",
    "name": "loading",
    "displayName": "Files",
    "groupStyle": "NO_ZIPPY",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "load",
        "type": "EQUALS"
      }
    ],
    "subParams": [
      {
        "type": "TEXT",
        "name": "script",
        "displayName": "Address of touchmark.js",
        "simpleValueType": true,
        "valueHint": "https://www.example.org/touchmark/touchmark.js",
        "help": "Absolute, by https. touchmark.wasm lies beside it. The template's permission <i>Injects scripts</i> must name it: by default any address that ends in /touchmark/touchmark.js.",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          },
          {
            "type": "REGEX",
            "args": [
              "^https://.+"
            ],
            "errorMessage": "An absolute address that begins with https://"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "plan",
        "displayName": "Address of the built plan",
        "simpleValueType": true,
        "valueHint": "/touchmark/plan.json",
        "help": "As <i>touchmark plan build</i> wrote it, on the page's or the script's origin.",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "planIntegrity",
        "displayName": "Integrity of the plan",
        "simpleValueType": true,
        "valueHint": "sha384-…",
        "help": "Needed when the plan is on an origin of its own.",
        "valueValidators": [
          {
            "type": "REGEX",
            "args": [
              "^(sha(256|384|512)-[A-Za-z0-9+/]+=*)?$"
            ],
            "errorMessage": "sha256-…, sha384-… or sha512-…, or nothing"
          }
        ]
      },
      {
        "type": "CHECKBOX",
        "name": "debug",
        "checkboxText": "Diagnostics to the console",
        "simpleValueType": true
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "consent",
    "displayName": "Consent",
    "groupStyle": "NO_ZIPPY",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "load",
        "type": "EQUALS"
      }
    ],
    "subParams": [
      {
        "type": "RADIO",
        "name": "consentFrom",
        "displayName": "Who tells touchmark",
        "simpleValueType": true,
        "defaultValue": "plan",
        "radioItems": [
          {
            "value": "plan",
            "displayValue": "The plan's own source, or the page",
            "help": "This tag says nothing."
          },
          {
            "value": "mode",
            "displayValue": "Consent Mode of this container",
            "help": "Only states that a default or an update has set. A type that nobody has set is not granted, whatever the container answers."
          },
          {
            "value": "variables",
            "displayValue": "Variables",
            "help": "Each gives granted, denied or withdrawn. Anything else says nothing."
          }
        ]
      },
      {
        "type": "GROUP",
        "name": "types",
        "displayName": "Consent type behind each purpose",
        "groupStyle": "NO_ZIPPY",
        "enablingConditions": [
          {
            "paramName": "consentFrom",
            "paramValue": "mode",
            "type": "EQUALS"
          }
        ],
        "subParams": [
          {
            "type": "SELECT",
            "name": "storeType",
            "displayName": "Keep records in the browser",
            "simpleValueType": true,
            "defaultValue": "analytics_storage",
            "selectItems": [
              {
                "value": "never",
                "displayValue": "Never"
              },
              {
                "value": "ad_storage",
                "displayValue": "ad_storage"
              },
              {
                "value": "ad_user_data",
                "displayValue": "ad_user_data"
              },
              {
                "value": "ad_personalization",
                "displayValue": "ad_personalization"
              },
              {
                "value": "analytics_storage",
                "displayValue": "analytics_storage"
              },
              {
                "value": "functionality_storage",
                "displayValue": "functionality_storage"
              },
              {
                "value": "personalization_storage",
                "displayValue": "personalization_storage"
              },
              {
                "value": "security_storage",
                "displayValue": "security_storage"
              }
            ]
          },
          {
            "type": "SELECT",
            "name": "attributeType",
            "displayName": "Remember and send the campaign",
            "simpleValueType": true,
            "defaultValue": "ad_storage",
            "selectItems": [
              {
                "value": "never",
                "displayValue": "Never"
              },
              {
                "value": "ad_storage",
                "displayValue": "ad_storage"
              },
              {
                "value": "ad_user_data",
                "displayValue": "ad_user_data"
              },
              {
                "value": "ad_personalization",
                "displayValue": "ad_personalization"
              },
              {
                "value": "analytics_storage",
                "displayValue": "analytics_storage"
              },
              {
                "value": "functionality_storage",
                "displayValue": "functionality_storage"
              },
              {
                "value": "personalization_storage",
                "displayValue": "personalization_storage"
              },
              {
                "value": "security_storage",
                "displayValue": "security_storage"
              }
            ]
          },
          {
            "type": "SELECT",
            "name": "identifyType",
            "displayName": "Send hashed contact fields",
            "simpleValueType": true,
            "defaultValue": "ad_user_data",
            "selectItems": [
              {
                "value": "never",
                "displayValue": "Never"
              },
              {
                "value": "ad_storage",
                "displayValue": "ad_storage"
              },
              {
                "value": "ad_user_data",
                "displayValue": "ad_user_data"
              },
              {
                "value": "ad_personalization",
                "displayValue": "ad_personalization"
              },
              {
                "value": "analytics_storage",
                "displayValue": "analytics_storage"
              },
              {
                "value": "functionality_storage",
                "displayValue": "functionality_storage"
              },
              {
                "value": "personalization_storage",
                "displayValue": "personalization_storage"
              },
              {
                "value": "security_storage",
                "displayValue": "security_storage"
              }
            ]
          },
          {
            "type": "SELECT",
            "name": "sendType",
            "displayName": "Send events",
            "simpleValueType": true,
            "defaultValue": "analytics_storage",
            "selectItems": [
              {
                "value": "never",
                "displayValue": "Never"
              },
              {
                "value": "ad_storage",
                "displayValue": "ad_storage"
              },
              {
                "value": "ad_user_data",
                "displayValue": "ad_user_data"
              },
              {
                "value": "ad_personalization",
                "displayValue": "ad_personalization"
              },
              {
                "value": "analytics_storage",
                "displayValue": "analytics_storage"
              },
              {
                "value": "functionality_storage",
                "displayValue": "functionality_storage"
              },
              {
                "value": "personalization_storage",
                "displayValue": "personalization_storage"
              },
              {
                "value": "security_storage",
                "displayValue": "security_storage"
              }
            ]
          }
        ]
      },
      {
        "type": "GROUP",
        "name": "states",
        "displayName": "State of each purpose",
        "groupStyle": "NO_ZIPPY",
        "enablingConditions": [
          {
            "paramName": "consentFrom",
            "paramValue": "variables",
            "type": "EQUALS"
          }
        ],
        "subParams": [
          {
            "type": "TEXT",
            "name": "storeState",
            "displayName": "Keep records in the browser",
            "simpleValueType": true
          },
          {
            "type": "TEXT",
            "name": "attributeState",
            "displayName": "Remember and send the campaign",
            "simpleValueType": true
          },
          {
            "type": "TEXT",
            "name": "identifyState",
            "displayName": "Send hashed contact fields",
            "simpleValueType": true
          },
          {
            "type": "TEXT",
            "name": "sendState",
            "displayName": "Send events",
            "simpleValueType": true
          }
        ]
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "recordType",
    "displayName": "Type",
    "simpleValueType": true,
    "valueHint": "appointment_booked",
    "help": "One that the plan lists under <i>records</i>.",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "record",
        "type": "EQUALS"
      }
    ],
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "recordFields",
    "displayName": "Fields",
    "newRowButtonText": "Add a field",
    "simpleTableColumns": [
      {
        "name": "name",
        "displayName": "Name",
        "type": "TEXT",
        "defaultValue": "",
        "isUnique": true
      },
      {
        "name": "value",
        "displayName": "Value",
        "type": "TEXT",
        "defaultValue": ""
      }
    ],
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "record",
        "type": "EQUALS"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "form",
    "displayName": "Form",
    "simpleValueType": true,
    "valueHint": "appointment",
    "help": "The plan's id for it, or the element's id.",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "confirm",
        "type": "EQUALS"
      },
      {
        "paramName": "action",
        "paramValue": "fail",
        "type": "EQUALS"
      }
    ],
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

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


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "access_globals",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "touchmark"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "touchmark.q"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "dataLayer"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_user_data"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_personalization"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "analytics_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "functionality_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "personalization_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "security_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "inject_script",
        "versionId": "1"
      },
      "param": [
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*/touchmark/touchmark.js"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "logging",
        "versionId": "1"
      },
      "param": [
        {
          "key": "environments",
          "value": {
            "type": 1,
            "string": "debug"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: "Loading queues the plan before the script is injected"
  code: |-
    const calls = [];
    mock('copyFromWindow', undefined);
    mock('callInWindow', function(name, command, value) { calls.push(command); });
    mock('injectScript', function(url, onSuccess) { calls.push(url); onSuccess(); });
    runCode({ action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
    assertApi('createArgumentsQueue').wasCalledWith('touchmark', 'touchmark.q');
    assertThat(calls).isEqualTo(['init', 'https://www.example.org/touchmark/touchmark.js']);
    assertApi('gtmOnSuccess').wasCalled();
    assertApi('gtmOnFailure').wasNotCalled();
- name: "A queue or a script that is there already is kept"
  code: |-
    mock('copyFromWindow', function(name) { return name === 'touchmark' ? function() {} : undefined; });
    mock('injectScript', function(url, onSuccess, onFailure) { onFailure(); });
    runCode({ action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
    assertApi('createArgumentsQueue').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();
    assertApi('gtmOnSuccess').wasNotCalled();
- name: "A consent type that nobody has set is not granted, whatever the container answers"
  code: |-
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
- name: "An update grants and withdraws"
  code: |-
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
- name: "Variables are taken by their exact words"
  code: |-
    mock('copyFromWindow', undefined);
    const said = [];
    mock('callInWindow', function(name, command, value) { if (command === 'consent') said.push(value); });
    runCode({
      action: 'load', script: 'https://www.example.org/touchmark/touchmark.js', plan: '/touchmark/plan.json',
      consentFrom: 'variables', storeState: 'denied', attributeState: true, identifyState: undefined, sendState: 'granted'
    });
    assertThat(said).isEqualTo([{ store: 'denied', send: 'granted' }]);
- name: "The other actions pass one command on"
  code: |-
    mock('copyFromWindow', undefined);
    runCode({ action: 'record', recordType: 'appointment_booked', recordFields: [{ name: 'slot', value: 'morning' }] });
    assertApi('callInWindow').wasCalledWith('touchmark', 'record', 'appointment_booked', { slot: 'morning' });
    runCode({ action: 'fail', form: 'appointment' });
    assertApi('callInWindow').wasCalledWith('touchmark', 'fail', 'appointment');
    assertApi('injectScript').wasNotCalled();
- name: "An address that the permissions do not name is not loaded"
  code: |-
    mock('copyFromWindow', undefined);
    mock('queryPermission', false);
    runCode({ action: 'load', script: 'https://www.example.org/other.js', plan: '/touchmark/plan.json', consentFrom: 'plan' });
    assertApi('injectScript').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();


___NOTES___

Made by `cargo xtask package` from pkg-config/gtm; edit the parts, not this file.
The events that other tags wait for are pushed by touchmark itself, into dataLayer:
{event: 'touchmark.form_submit', event_id, form_id, outcome}.
