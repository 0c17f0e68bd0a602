// The Google Tag Manager template: its code, its own scenarios, and its permissions, as its sandbox holds them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { copied, matchesUrl, requireFrom, sandbox, update } from '../gtm/sandbox.mjs';
import { permissionsOf, refusals, sections } from '../gtm/template.mjs';

const { SANDBOXED_JS_FOR_WEB_TEMPLATE: code, WEB_PERMISSIONS, TEMPLATE_PARAMETERS } = sections();
const granted = () => permissionsOf(WEB_PERMISSIONS);
const TESTS = new URL('../../pkg-config/gtm/tests/', import.meta.url);
const SCRIPT = 'https://www.example.org/touchmark/touchmark.js';

const run = (api, data) => new Function('require', 'data', code)(requireFrom(api), data);

/** A page as far as the template sees it. */
function page(before = {}) {
  const scripts = [];
  const document = { head: { appendChild: (element) => scripts.push(element) }, createElement: () => ({ setAttribute(name, value) { this[name] = value; } }) };
  const window = { document, console: { log() {} }, ...before };
  const queued = () => (window.touchmark.q ?? []).map((item) => copied(item)).map((item) => Object.values(item));
  return { window, scripts, queued };
}

function load(options = {}, { before, permissions = granted(), consent = { states: {}, listeners: {} }, ...rest } = {}) {
  const made = page(before);
  const ended = [];
  const api = sandbox({ window: made.window, permissions, consent, ...rest });
  const data = { action: 'load', script: SCRIPT, plan: '/touchmark/plan.json', consentFrom: 'plan', gtmOnSuccess: () => ended.push('success'), gtmOnFailure: () => ended.push('failure'), ...options };
  run(api, data);
  return { ...made, consent, ended, said: () => made.queued().filter(([name]) => name === 'consent').map(([, state]) => state) };
}

const MODE = { consentFrom: 'mode', storeType: 'analytics_storage', attributeType: 'ad_storage', identifyType: 'ad_user_data', sendType: 'analytics_storage' };
/** As gtag pushes it. */
const gtag = (...command) => (function () { return arguments; })(...command);

test('the sandbox would run every line of the template', () => {
  assert.deepEqual(refusals(code), []);
});

test('the sandbox refuses what it lacks', () => {
  for (const newer of [
    'class A {}', 'const a = `x`;', 'const [a] = [1];', 'const b = { ...data };', 'data.a?.b;', 'const f = (a = 1) => a;', 'new Object();', 'this;',
    'for (const a of []) {}', '/a/;', 'try {} catch (e) {}', 'const a = data ?? 1;', 'const o = { data };', 'async () => 1;', 'window.a;', 'document.title;', 'setTimeout(data);',
  ]) assert.notDeepEqual(refusals(newer), [], newer);
});

for (const file of readdirSync(TESTS).sort()) {
  const source = readFileSync(new URL(file, TESTS), 'utf8');
  test(`scenario: ${source.split('\n')[0].slice(3)}`, () => scenario(source));
}

/** Google's test API: mocks replace the template's APIs, calls are kept. */
function scenario(source) {
  const calls = {};
  const mocks = {};
  const keep = (name, real) => (...given) => {
    (calls[name] ??= []).push(given);
    if (!Object.hasOwn(mocks, name)) return real?.(...given);
    return typeof mocks[name] === 'function' ? mocks[name](...given) : mocks[name];
  };
  const mock = (name, value) => { mocks[name] = value; };
  const real = sandbox({ window: page().window, permissions: granted() });
  // Google's test runner mocks what reaches the page, and leaves what only computes.
  const pure = ['getType', 'makeTableMap', 'queryPermission'];
  const api = Object.fromEntries(Object.keys(real).map((name) => [name, keep(name, pure.includes(name) ? real[name] : undefined)]));
  const runCode = (data) => run(api, { gtmOnSuccess: keep('gtmOnSuccess'), gtmOnFailure: keep('gtmOnFailure'), ...data });
  const assertApi = (name) => ({
    wasCalled: () => assert.ok(calls[name]?.length, `${name} was not called`),
    wasNotCalled: () => assert.equal(calls[name], undefined, `${name} was called`),
    wasCalledWith: (...given) => assert.ok(calls[name]?.some((one) => JSON.stringify(one) === JSON.stringify(given)), `${name} was called with ${JSON.stringify(calls[name])}`),
  });
  const assertThat = (value) => ({ isEqualTo: (expected) => assert.deepEqual(value, expected) });
  new Function('mock', 'runCode', 'assertApi', 'assertThat', source)(mock, runCode, assertApi, assertThat);
}

test('what the page queued before stays in front', () => {
  const queue = function () { queue.q.push(arguments); };
  queue.q = [];
  queue('record', 'appointment_booked', {});
  const { queued, scripts } = load({ consentFrom: 'variables', sendState: 'granted' }, { before: { touchmark: queue } });
  queue('confirm', 'callback');
  assert.deepEqual(queued().map(([name]) => name), ['record', 'init', 'consent', 'confirm']);
  assert.equal(scripts.length, 1);
});

test('plan, integrity and debugging are passed only when they are given', () => {
  assert.deepEqual(load().queued(), [['init', { src: SCRIPT, plan: '/touchmark/plan.json' }]]);
  assert.deepEqual(load({ planIntegrity: 'sha384-x', debug: true }).queued()[0][1], { src: SCRIPT, plan: '/touchmark/plan.json', planIntegrity: 'sha384-x', debug: true });
});

test('the container’s nonce goes on', () => {
  assert.equal(load({}, { nonce: 'n0' }).scripts[0].nonce, 'n0');
});

test('the end of the injection is told', async () => {
  const fine = load();
  fine.scripts[0].onload();
  const gone = load();
  gone.scripts[0].onerror();
  await new Promise(setImmediate);
  assert.deepEqual([fine.ended, gone.ended], [['success'], ['failure']]);
});

for (const readsArguments of [true, false]) {
  test(`consent mode: only what was set counts, ${readsArguments ? 'with' : 'without'} a readable arguments object`, () => {
    const states = (layer) => load(MODE, { before: { dataLayer: layer }, consent: { states: layer.reduce((all, [, , set]) => ({ ...all, ...set }), {}), listeners: {} }, readsArguments }).said();
    assert.deepEqual(states([]), []);
    const all = { store: 'granted', attribute: 'granted', send: 'granted' };
    const granting = states([gtag('consent', 'default', { analytics_storage: 'granted', ad_storage: 'granted' })]);
    // What can't be read was not set: no grant out of nothing.
    assert.deepEqual(Object.assign({}, ...granting), readsArguments ? all : {});
    assert.deepEqual(states([gtag('consent', 'default', { analytics_storage: 'granted', region: ['US-CA'] })]), []);
    assert.deepEqual(states([gtag('consent', 'default', { analytics_storage: 'granted', wait_for_update: 500 })]), []);
  });
}

test('consent mode: what a visitor did waits while the default denies, and goes by the update', async () => {
  const later = () => new Promise((resolve) => setTimeout(resolve));
  const consent = { states: { analytics_storage: 'denied', ad_storage: 'denied', ad_user_data: 'denied' }, listeners: {} };
  const loaded = load(MODE, { before: { dataLayer: [gtag('consent', 'default', { ...consent.states })] }, consent });
  assert.deepEqual(loaded.said(), []);
  update(consent, { analytics_storage: 'granted' });
  await later();
  assert.deepEqual(loaded.said(), [{ store: 'granted', send: 'granted' }]);
  update(consent, { analytics_storage: 'denied', ad_user_data: 'granted' });
  await later();
  // All of an update at once: no event leaves between two of its types.
  assert.deepEqual(loaded.said().slice(1), [{ store: 'withdrawn', send: 'withdrawn', identify: 'granted' }]);
});

test('every permission is needed, and no more', () => {
  const all = granted();
  const needs = (change, options, rest) => {
    const permissions = granted();
    change(permissions);
    assert.throws(() => load(options, { permissions, ...rest }), /may not/);
  };
  needs((without) => (without.access_globals.touchmark.read = false));
  needs((without) => (without.access_globals.touchmark.write = false));
  needs((without) => (without.access_globals.touchmark.execute = false));
  needs((without) => (without.access_globals['touchmark.q'].write = false));
  needs((without) => (without.access_globals.dataLayer.read = false), MODE);
  needs((without) => (without.logging = undefined), { script: 'https://www.example.org/other.js' });
  assert.equal(all.access_globals.dataLayer.write, false);
  const asked = new Set(JSON.stringify(JSON.parse(TEMPLATE_PARAMETERS)).match(/[a-z]+(_[a-z]+)*_(storage|data|personalization)/g));
  for (const type of asked) {
    needs((without) => (without.access_consent[type].read = false), { ...MODE, sendType: type });
    assert.equal(all.access_consent[type].write, false);
  }
  assert.deepEqual(Object.keys(all.access_consent).sort(), [...asked].sort());
});

test('only addresses that the permission names are injected', () => {
  assert.ok(matchesUrl('https://*/touchmark/touchmark.js', SCRIPT));
  for (const other of ['http://www.example.org/touchmark/touchmark.js', 'https://www.example.org/other.js', 'https://www.example.org/touchmark/touchmark.js?x=1', 'touchmark.js']) {
    assert.ok(!matchesUrl('https://*/touchmark/touchmark.js', other), other);
    const { ended, scripts } = load({ script: other });
    assert.deepEqual([ended, scripts.length], [['failure'], 0]);
  }
});
