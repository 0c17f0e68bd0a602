// The consent sources against recorded call shapes: what grants, and above all what doesn't.

import assert from 'node:assert/strict';
import test from 'node:test';
import { bundle, command, openPage, settings } from './page.mjs';

const entries = Object.fromEntries(await Promise.all(['consent-mode', 'tcf', 'gpp', 'onetrust', 'cookiebot', 'didomi', 'gpc'].map(async (name) => [name, await bundle(name)])));

/** A page that asks one source. */
function ask(name, names, more, prepare = () => {}) {
  const page = openPage();
  prepare(page.window, page);
  page.start([entries[name]], [settings(name, names, more)]);
  return page;
}

/** While it runs every object has these members, by its prototype. */
function polluted(members, run) {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  try {
    run();
  } finally {
    for (const name of Object.keys(members)) delete Object.prototype[name];
  }
}

test.describe('consent mode', () => {
  const mode = (pushed = [], names = ['analytics_storage']) =>
    ask('consent-mode', names, { data_layer: 'dataLayer' }, (window) => {
      if (pushed) window.dataLayer = pushed;
    });
  const granted = { analytics_storage: 'granted' };
  const denied = { analytics_storage: 'denied' };

  for (const [name, pushed, expected] of [
    ['nothing said', [], 'unknown'],
    ['no data layer', null, 'unknown'],
    ['another type alone', [command('consent', 'default', { ad_storage: 'granted' })], 'unknown'],
    ['a default denied', [command('consent', 'default', denied)], 'unknown'],
    ['a default granted', [command('consent', 'default', granted)], 'granted'],
    ['a default for some regions granted', [command('consent', 'default', { ...granted, region: ['US'] })], 'unknown'],
    ['a default for no region granted', [command('consent', 'default', { ...granted, region: [] })], 'unknown'],
    ['a regional denial after a grant', [command('consent', 'default', granted), command('consent', 'default', { ...denied, region: ['DE'] })], 'unknown'],
    ['a regional denial before a grant', [command('consent', 'default', { ...denied, region: ['DE'] }), command('consent', 'default', granted)], 'unknown'],
    ['an update over every default', [command('consent', 'default', { ...denied, region: ['DE'] }), command('consent', 'update', granted)], 'granted'],
    ['an update alone', [command('consent', 'update', granted)], 'granted'],
    ['a default after an update', [command('consent', 'update', denied), command('consent', 'default', granted)], 'denied'],
    ['an array by hand', [['consent', 'update', granted]], 'unknown'],
    ['a disguised object', [{ 0: 'consent', 1: 'update', 2: granted, length: 3, [Symbol.toStringTag]: 'Arguments' }], 'unknown'],
    ['a word that is none', [command('consent', 'update', { analytics_storage: true })], 'denied'],
    ['another command', [command('set', 'consent', granted), command('consent', 'reset', granted), command('consent', 'update'), command('consent', 'update', null)], 'unknown'],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(mode(pushed).last(), expected));
  }

  test('a default waits as long as it says, unless an update comes', () => {
    const page = mode([command('consent', 'default', { ...granted, wait_for_update: 500 })]);
    page.pass(499);
    assert.equal(page.last(), 'unknown');
    page.pass(2);
    assert.equal(page.last(), 'granted');
    const longest = mode([command('consent', 'default', { ...granted, wait_for_update: 2000 }), command('consent', 'default', { ad_storage: 'granted', wait_for_update: 20 })]);
    longest.pass(1999);
    assert.equal(longest.last(), 'unknown');
    longest.pass(2);
    assert.equal(longest.last(), 'granted');
    const other = mode([command('consent', 'default', { ...granted, wait_for_update: 500 })]);
    other.window.dataLayer.push(command('consent', 'update', denied));
    other.pass(1000);
    assert.equal(other.last(), 'denied');
    assert.equal(other.told.some(({ send }) => send === 'granted'), false);
  });

  test('pushes are heard at once, and go where they went before', () => {
    const page = mode([command('consent', 'default', denied)]);
    const layer = page.window.dataLayer;
    assert.equal(layer.push({ event: 'x' }, command('consent', 'update', granted)), 3);
    assert.equal(layer.length, 3);
    assert.equal(page.last(), 'granted');
    layer.push(command('consent', 'update', denied));
    assert.deepEqual(page.told.map(({ send }) => send), ['granted', 'denied']);
  });

  test('a tag manager may wrap push, shorten the array, or replace it', () => {
    const page = mode([]);
    const layer = page.window.dataLayer;
    const ours = layer.push;
    layer.push = (...items) => {
      const length = ours.apply(layer, items);
      layer.splice(0, layer.length);
      return length;
    };
    layer.push(command('consent', 'update', granted));
    assert.equal(page.last(), 'granted');
    page.window.dataLayer = [command('consent', 'update', denied)];
    page.pass(600);
    assert.equal(page.last(), 'denied');
  });

  test('a data layer that is an element, or throws, is none', () => {
    assert.equal(mode({ id: 'dataLayer', push() {} }).last(), 'unknown');
    const page = ask('consent-mode', ['analytics_storage'], { data_layer: 'dataLayer' }, (window) =>
      Object.defineProperty(window, 'dataLayer', {
        get() {
          throw new Error('no');
        },
      }),
    );
    assert.equal(page.last(), 'unknown');
    assert.deepEqual(page.reports, ['consent_failed']);
  });

  test('all types of a purpose are needed', () => {
    assert.equal(mode([command('consent', 'update', granted)], ['analytics_storage', 'ad_storage']).last(), 'unknown');
    assert.equal(mode([command('consent', 'update', { ...granted, ad_storage: 'denied' })], ['analytics_storage', 'ad_storage']).last(), 'denied');
  });

  test('a polluted prototype grants nothing', () => {
    polluted({ analytics_storage: 'granted' }, () => assert.equal(mode([command('consent', 'update', {})]).last(), 'unknown'));
  });
});

test.describe('TCF', () => {
  const data = (more = {}) => ({
    gdprApplies: true,
    cmpStatus: 'loaded',
    eventStatus: 'tcloaded',
    purpose: { consents: { 1: true, 7: true, 8: true }, legitimateInterests: {} },
    vendor: { consents: { 755: true }, disclosedVendors: { 755: true } },
    publisher: { restrictions: {} },
    ...more,
  });
  const tcf = (calls, more) => {
    let hear;
    const page = ask('tcf', [1, 8], more, (window) => {
      window.__tcfapi = (command, version, callback) => {
        assert.deepEqual([command, version], ['addEventListener', 2]);
        hear = callback;
        for (const [said, success = true] of calls) callback(said, success);
      };
    });
    return Object.assign(page, { hear: (said, success = true) => hear(said, success) });
  };

  for (const [name, said, expected, more] of [
    ['all purposes', data(), 'granted'],
    ['after the dialog', data({ eventStatus: 'useractioncomplete' }), 'granted'],
    ['while the dialog is open', data({ eventStatus: 'cmpuishown' }), 'unknown'],
    ['gdprApplies not known yet', data({ gdprApplies: undefined }), 'unknown'],
    ['gdprApplies as a word', data({ gdprApplies: 'true' }), 'unknown'],
    ['gdprApplies as a number', data({ gdprApplies: 0 }), 'unknown'],
    ['it does not apply', data({ gdprApplies: false }), 'unknown'],
    ['it does not apply, and the plan says what that means', data({ gdprApplies: false }), 'granted', { not_applicable: 'granted' }],
    ['a purpose is missing', data({ purpose: { consents: { 1: true } } }), 'denied'],
    ['a purpose is refused', data({ purpose: { consents: { 1: true, 8: false } } }), 'denied'],
    ['legitimate interest alone', data({ purpose: { consents: { 1: true }, legitimateInterests: { 8: true } } }), 'denied'],
    ['words in place of booleans', data({ purpose: { consents: { 1: 'true', 8: 'true' } } }), 'unknown'],
    ['consents as a bit field', data({ purpose: { consents: '11111111' } }), 'denied'],
    ['no purposes at all', data({ purpose: undefined }), 'denied'],
    ['an error of the CMP', data({ cmpStatus: 'error' }), 'unknown'],
    ['nothing', null, 'unknown'],
    ['a vendor that agreed', data(), 'granted', { vendor: 755 }],
    ['a vendor that was refused', data({ vendor: { consents: { 755: false } } }), 'denied', { vendor: 755 }],
    ['a vendor that is not known', data(), 'denied', { vendor: 756 }],
    ['a vendor that was not shown', data({ vendor: { consents: { 755: true }, disclosedVendors: { 1: true } } }), 'denied', { vendor: 755 }],
    ['2.2, which has no disclosed vendors', data({ vendor: { consents: { 755: true } } }), 'granted', { vendor: 755 }],
    ['2.2 by its policy', data({ tcfPolicyVersion: 4, vendor: { consents: { 755: true } } }), 'granted', { vendor: 755 }],
    ['2.3 without its disclosed vendors', data({ tcfPolicyVersion: 5, vendor: { consents: { 755: true } } }), 'denied', { vendor: 755 }],
    ['2.3, and no vendor asked for', data({ tcfPolicyVersion: 5, vendor: undefined }), 'granted'],
    ['a publisher that forbids it', data({ publisher: { restrictions: { 8: { 755: 0 } } } }), 'denied', { vendor: 755 }],
    ['a publisher that requires legitimate interest', data({ publisher: { restrictions: { 8: { 755: 2 } } } }), 'denied', { vendor: 755 }],
    ['a publisher that requires consent', data({ publisher: { restrictions: { 8: { 755: 1 } } } }), 'granted', { vendor: 755 }],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(tcf([[said]], more).last(), expected));
  }

  test('a call without success says nothing', () => assert.equal(tcf([[data(), false]]).last(), 'unknown'));

  test('what was granted holds while the dialog is open again, and ends with it', () => {
    const page = tcf([[data()]]);
    page.hear(data({ eventStatus: 'cmpuishown', purpose: { consents: {} } }));
    assert.equal(page.last(), 'granted');
    page.hear(data({ eventStatus: 'useractioncomplete', purpose: { consents: {} } }));
    assert.equal(page.last(), 'denied');
  });

  test('who no longer knows no longer allows', () => {
    const page = tcf([[data()]]);
    page.hear(null, false);
    assert.equal(page.last(), 'denied');
  });

  test('a CMP that comes late is found, one that never comes is reported', () => {
    const page = ask('tcf', [1, 8]);
    page.pass(450);
    page.window.__tcfapi = (_, __, callback) => callback(data(), true);
    page.pass(100);
    assert.equal(page.last(), 'granted');
    const other = ask('tcf', [1, 8]);
    other.pass(1200);
    assert.deepEqual([other.last(), ...other.reports], ['unknown', 'consent_missing']);
  });

  test('a CMP that throws, at once or in its answer, is unknown', () => {
    const throwing = ask('tcf', [1], {}, (window) => {
      window.__tcfapi = () => {
        throw new Error('broken');
      };
    });
    assert.deepEqual([throwing.last(), ...throwing.reports], ['unknown', 'consent_failed']);
    const page = tcf([[data()]]);
    page.hear({
      gdprApplies: true,
      eventStatus: 'tcloaded',
      get purpose() {
        throw new Error('broken');
      },
    });
    assert.equal(page.last(), 'denied');
  });

  test('a frame of that name is no CMP, and a polluted prototype no consent', () => {
    const page = ask('tcf', [1], {}, (window) => {
      window.__tcfapi = { length: 0 };
    });
    page.pass(1200);
    assert.deepEqual(page.reports, ['consent_missing']);
    polluted({ 1: true, 8: true, gdprApplies: true, eventStatus: 'tcloaded' }, () => {
      assert.equal(tcf([[{ purpose: { consents: {} } }]]).last(), 'unknown');
      assert.equal(tcf([[data({ purpose: { consents: {} } })]]).last(), 'denied');
    });
  });
});

test.describe('GPP', () => {
  const free = { SaleOptOut: 2, SharingOptOut: 2, TargetedAdvertisingOptOut: 2 };
  const ping = (applicableSections, parsedSections, more = {}) => ({ gppVersion: '1.1', cmpStatus: 'loaded', signalStatus: 'ready', applicableSections, parsedSections, ...more });
  const gpp = (pings, more = {}) => {
    let hear;
    const tcf = { store: [1], attribute: [1, 7], identify: [1, 3, 7], send: [1, 8] };
    const page = ask('gpp', Object.keys(free), { tcf, ...more }, (window) => {
      window.__gpp = (command, callback, ...rest) => {
        assert.equal(command, 'addEventListener');
        assert.equal(typeof callback, 'function', 'the callback comes second');
        assert.deepEqual(rest, []);
        hear = (pingData) => callback({ eventName: 'signalStatus', listenerId: 1, data: 'ready', pingData }, true);
        pings.forEach(hear);
      };
    });
    return Object.assign(page, { hear: (said) => hear(said) });
  };

  for (const [name, said, expected, more, purpose] of [
    ['not opted out', ping([7], { usnat: free }), 'granted'],
    ['as a list of segments', ping([7], { usnat: [free, { Gpc: false }] }), 'granted'],
    ['opted out of one', ping([7], { usnat: { ...free, SharingOptOut: 1 } }), 'denied'],
    ['not applicable is no answer', ping([7], { usnat: { ...free, SharingOptOut: 0 } }), 'unknown'],
    ['a state has fewer', ping([9], { usva: { SaleOptOut: 2, TargetedAdvertisingOptOut: 2 } }), 'granted'],
    ['the signal is not ready', ping([7], { usnat: free }, { signalStatus: 'not ready' }), 'unknown'],
    ['the section is missing', ping([7], {}), 'unknown'],
    ['words in place of numbers', ping([7], { usnat: { SaleOptOut: '2', SharingOptOut: '2' } }), 'unknown'],
    ['GPC in a segment', ping([7], { usnat: [free, { Gpc: true }] }), 'denied'],
    ['GPC as a number', ping([7], { usnat: { ...free, Gpc: 1 } }), 'denied'],
    ["a child's data, refused", ping([7], { usnat: { ...free, KnownChildSensitiveDataConsents: [0, 1] } }), 'denied'],
    ["a child's data, allowed", ping([7], { usnat: { ...free, KnownChildSensitiveDataConsents: [2, 0] } }), 'granted'],
    ['personal data beyond the notice, refused', ping([7], { usnat: { ...free, PersonalDataConsents: 1 } }), 'denied'],
    ['a section that nobody knows', ping([99], { unknown: free }), 'unknown'],
    ['two sections, one opted out', ping([7, 8], { usnat: free, usca: { SaleOptOut: 1, SharingOptOut: 2 } }), 'denied'],
    ['two sections, one missing', ping([7, 8], { usnat: free }), 'unknown'],
    ['a section that does not apply', ping([8], { usnat: free }), 'unknown'],
    ['no section applies', ping([-1], {}), 'unknown'],
    ['no section applies, and the plan says what that means', ping([-1], {}), 'granted', { not_applicable: 'granted' }],
    ['which apply is not known yet', ping([0], {}), 'unknown', { not_applicable: 'granted' }],
    ['no list of sections', ping(undefined, { usnat: free }), 'unknown'],
    ['a sensitive category opted out denies identity', ping([7], { usnat: { ...free, SensitiveDataProcessing: [0, 1, 0] } }), 'denied', {}, 'identify'],
    ['and nothing else', ping([7], { usnat: { ...free, SensitiveDataProcessing: [0, 1, 0] } }), 'granted'],
    ['Europe, purposes consented to', ping([2], { tcfeuv2: { PurposeConsents: [true, false, false, false, false, false, false, true] } }), 'granted'],
    ['Europe, one refused', ping([2], { tcfeuv2: { PurposeConsents: [true] } }), 'denied'],
    ['Europe, ids in place of flags', ping([2], { tcfeuv2: { PurposeConsents: [1, 8] } }), 'denied'],
    ['nothing', null, 'unknown'],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(gpp([said], more).last(purpose), expected));
  }

  test('an opt-out later takes it back', () => {
    const page = gpp([ping([7], { usnat: free })]);
    page.hear(ping([7], { usnat: { ...free, SaleOptOut: 1 } }));
    assert.deepEqual(page.told.map(({ send }) => send), ['granted', 'denied']);
  });
});

test.describe('OneTrust', () => {
  const onetrust = (closed, groups) =>
    ask('onetrust', ['C0002', 'C0004'], {}, (window) => {
      window.OneTrust = { IsAlertBoxClosed: () => closed.now };
      window.OnetrustActiveGroups = groups;
    });
  for (const [name, closed, groups, expected] of [
    ['groups active before any choice', false, ',C0001,C0002,C0004,', 'unknown'],
    ['groups active after the choice', true, ',C0001,C0002,C0004,', 'granted'],
    ['one group refused', true, ',C0001,C0002,', 'denied'],
    ['a group whose name begins alike', true, ',C0002,C00045,', 'denied'],
    ['a lie about the box', 'yes', ',C0002,C0004,', 'unknown'],
    ['groups as a list', true, ['C0002', 'C0004'], 'unknown'],
    ['no groups', true, undefined, 'unknown'],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(onetrust({ now: closed }, groups).last(), expected));
  }
  test('the event counts once the box is closed, even just after it', () => {
    const closed = { now: false };
    const page = onetrust(closed, ',C0002,C0004,');
    page.fire('OneTrustGroupsUpdated');
    assert.equal(page.last(), 'unknown');
    closed.now = true;
    page.pass(1);
    assert.equal(page.last(), 'granted');
    page.window.OnetrustActiveGroups = ',C0001,';
    page.fire('OneTrustGroupsUpdated');
    assert.equal(page.last(), 'denied');
  });
  test('elements of that name are no OneTrust', () => {
    const page = ask('onetrust', ['C0002'], {}, (window) => {
      window.OneTrust = { IsAlertBoxClosed: { nodeType: 1 } };
    });
    page.pass(1200);
    assert.deepEqual([page.last(), ...page.reports], ['unknown', 'consent_missing']);
  });
});

test.describe('Cookiebot', () => {
  const consent = { necessary: true, preferences: false, statistics: true, marketing: true };
  const cookiebot = (bot) =>
    ask('cookiebot', ['statistics', 'marketing'], {}, (window) => {
      window.Cookiebot = bot;
    });
  for (const [name, bot, expected] of [
    ['answered', { hasResponse: true, consent }, 'granted'],
    ['implied, not answered', { hasResponse: false, consent }, 'unknown'],
    ['one category refused', { hasResponse: true, consent: { ...consent, marketing: false } }, 'denied'],
    ['words in place of booleans', { hasResponse: true, consent: { necessary: true, statistics: 'yes', marketing: 'yes' } }, 'unknown'],
    ['no consent at all', { hasResponse: true }, 'unknown'],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(cookiebot(bot).last(), expected));
  }
  test('accept and decline are heard', () => {
    const page = cookiebot({ hasResponse: false, consent: { ...consent, statistics: false } });
    page.window.Cookiebot = { hasResponse: true, consent };
    page.fire('CookiebotOnAccept');
    page.window.Cookiebot = { hasResponse: true, consent: { necessary: true, statistics: false, marketing: false } };
    page.fire('CookiebotOnDecline');
    assert.deepEqual(page.told.map(({ send }) => send), ['granted', 'denied']);
  });
});

test.describe('Didomi', () => {
  const status = (enabled, vendor = enabled) => ({ purposes: { cookies: { id: 'cookies', enabled } }, vendors: { 'c:clinic': { id: 'c:clinic', enabled: vendor } } });
  const didomi = (state, more) =>
    ask('didomi', ['cookies'], more, (window) => {
      window.Didomi = { shouldUserStatusBeCollected: () => state.asks, getCurrentUserStatus: () => state.status };
    });
  for (const [name, state, expected, more] of [
    ['enabled', { asks: false, status: status(true) }, 'granted'],
    ['disabled', { asks: false, status: status(false) }, 'denied'],
    ['still to be asked', { asks: true, status: status(true) }, 'unknown'],
    ['a purpose that it does not know', { asks: false, status: { purposes: {} } }, 'denied'],
    ['no status', { asks: false }, 'unknown'],
    ['a word in place of a boolean', { asks: false, status: { purposes: { cookies: { enabled: 'yes' } } } }, 'unknown'],
    ['a vendor enabled', { asks: false, status: status(true) }, 'granted', { vendor: 'c:clinic' }],
    ['a vendor disabled', { asks: false, status: status(true, false) }, 'denied', { vendor: 'c:clinic' }],
    ['another vendor', { asks: false, status: status(true) }, 'denied', { vendor: 'c:other' }],
  ]) {
    test(`${name}: ${expected}`, () => assert.equal(didomi(state, more).last(), expected));
  }
  test('its event takes a consent back', () => {
    const state = { asks: false, status: status(true) };
    const page = didomi(state);
    state.status = status(false);
    const [{ event, listener }] = page.window.didomiEventListeners;
    assert.equal(event, 'consent.changed');
    listener({});
    assert.deepEqual(page.told.map(({ send }) => send), ['granted', 'denied']);
  });
});

test.describe('several sources', () => {
  const denies = ['store', 'attribute', 'identify', 'send'];
  const mode = { ...settings('consent-mode', ['analytics_storage']), data_layer: 'dataLayer' };
  const both = (signal, list = denies, state = 'granted') => {
    const page = openPage({ navigator: { globalPrivacyControl: signal } });
    page.window.dataLayer = [command('consent', 'update', { analytics_storage: state })];
    page.start([entries.gpc, entries['consent-mode']], [{ source: 'gpc', denies: list }, mode]);
    return page;
  };

  test('an objection of the browser wins; silence is neither', () => {
    assert.equal(both(true).last(), 'denied');
    for (const signal of [false, undefined, 'true', 1]) assert.equal(both(signal).last(), 'granted', String(signal));
  });
  test('it denies only what the plan lists', () => {
    const page = both(true, ['identify']);
    assert.deepEqual([page.last('send'), page.last('identify')], ['granted', 'denied']);
  });
  test('one that does not load holds everything back', () => {
    const page = openPage();
    page.window.dataLayer = [command('consent', 'update', { analytics_storage: 'granted' })];
    page.start([entries['consent-mode']], [mode, { source: 'gpc', denies }]);
    assert.deepEqual(page.told, []);
  });
  test("the page's own word always denies, and grants only where it is asked", () => {
    const page = both(false, denies, 'denied');
    page.say('granted');
    assert.equal(page.last(), 'denied');
    const other = both(false);
    other.say('withdrawn');
    assert.equal(other.last(), 'denied');
    other.say({ send: 'granted' });
    assert.deepEqual([other.last('send'), other.last('store')], ['granted', 'denied']);
    for (const odd of [undefined, null, 7, {}, [], 'yes', { all: 1 }]) other.say(odd);
    assert.deepEqual([other.last('send'), other.last('store')], ['granted', 'denied']);
  });
  test('what was taken back in another tab is not told on, and counts until something is said here', () => {
    const page = both(false);
    page.say({ all: 'withdrawn', far: true });
    assert.equal(page.last(), 'denied');
    assert.equal(page.told.at(-1).far, true);
    page.window.dataLayer.push(command('consent', 'update', { analytics_storage: 'denied' }));
    page.window.dataLayer.push(command('consent', 'update', { analytics_storage: 'granted' }));
    assert.equal(page.last(), 'granted');
    assert.equal(page.told.at(-1).far, undefined);
  });
  test('where the plan lists the page, it must grant as well', () => {
    const page = openPage();
    page.window.dataLayer = [command('consent', 'update', { analytics_storage: 'granted' })];
    page.start([entries['consent-mode']], [mode], 'consent-mode+api');
    assert.equal(page.last(), 'unknown');
    polluted({ store: 'granted', send: 'granted', all: 'granted' }, () => page.say({}));
    assert.equal(page.last(), 'unknown');
    page.say('granted');
    assert.equal(page.last(), 'granted');
  });
  test('the same answer is told once', () => {
    const page = both(false);
    page.window.dataLayer.push(command('consent', 'update', { analytics_storage: 'granted' }));
    assert.deepEqual(page.told, [{ in: 'consent', store: 'granted', attribute: 'granted', identify: 'granted', send: 'granted' }]);
    assert.deepEqual(page.answers.slice(), page.told, 'a fresh core is told the same');
  });
});
