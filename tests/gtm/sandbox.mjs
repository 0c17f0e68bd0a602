// Google Tag Manager's sandboxed API for templates, on a window: each call is checked against the
// template's permissions, values are copied on their way in and out.
//
// Runs in Node and in a page. After Google's reference of the template APIs and permissions,
// https://developers.google.com/tag-platform/tag-manager/templates; only what touchmark's template uses.

/** `https://*.example.com/path*`: scheme, host and path, each by its own wildcards. */
export function matchesUrl(pattern, url) {
  const [, host, path] = /^https:\/\/([^/]+)(\/.*)$/.exec(pattern) ?? [];
  if (!host) throw new Error(`no pattern of an address: ${pattern}`);
  let given;
  try {
    given = new URL(url);
  } catch {
    return false;
  }
  const of = (wild) => new RegExp(`^${wild.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  return given.protocol === 'https:' && of(host).test(given.host) && of(path).test(given.pathname + given.search);
}

const kind = (value) => Object.prototype.toString.call(value).slice(8, -1).toLowerCase();

/**
 * A value as the sandbox sees the page's, or the page the sandbox's. What is of no supported type
 * is undefined. `readsArguments`: whether an `arguments` object, as gtag pushes, counts as one.
 */
export function copied(value, readsArguments = true) {
  const type = kind(value);
  if (['null', 'undefined', 'boolean', 'number', 'string', 'function'].includes(type)) return value;
  if (type === 'array') return value.map((one) => copied(one, readsArguments));
  if (type === 'object' || (type === 'arguments' && readsArguments)) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, copied(value[key], readsArguments)]));
  }
  return undefined;
}

/**
 * The functions that `require` gives. `consent` is the container's: `{states, listeners}`;
 * `nonce` is what the container's own script tag has.
 */
export function sandbox({ window, permissions, consent = { states: {}, listeners: {} }, nonce, readsArguments, matches = matchesUrl }) {
  const demand = (isGranted, what) => {
    if (!isGranted) throw new Error(`the template may not ${what}`);
  };
  const global = (key, ...modes) => {
    for (const mode of modes) demand(permissions.access_globals[key]?.[mode], `${mode} the global ${key}`);
  };
  const consentType = (type) => demand(permissions.access_consent[type]?.read, `read the consent type ${type}`);
  const at = (path) => path.split('.').reduce((holder, name) => holder?.[name], window);
  const put = (path, value) => {
    const names = path.split('.');
    const last = names.pop();
    const holder = names.length ? at(names.join('.')) : window;
    holder[last] = value;
    return value;
  };
  const mayInject = (url) => permissions.inject_script.some((pattern) => matches(pattern, url));
  const loading = {};

  return {
    getType: (value) => kind(value),
    makeTableMap: (rows, key, value) => (rows?.length ? Object.fromEntries(rows.map((row) => [row[key], row[value]])) : null),
    callLater: (run) => void setTimeout(run),
    queryPermission: (name, argument) => name === 'inject_script' && mayInject(argument),
    copyFromWindow(key) {
      global(key, 'read');
      return copied(at(key), readsArguments);
    },
    callInWindow(path, ...given) {
      global(path, 'execute');
      const names = path.split('.');
      const holder = names.length > 1 ? at(names.slice(0, -1).join('.')) : window;
      const run = at(path);
      return typeof run === 'function' ? copied(run.apply(holder, given.map((one) => copied(one)))) : undefined;
    },
    createArgumentsQueue(name, list) {
      global(name, 'read', 'write');
      global(list, 'read', 'write');
      const made =
        at(name) ??
        put(name, function () {
          at(list).push(arguments);
        });
      if (!Array.isArray(at(list))) put(list, []);
      return made;
    },
    isConsentGranted(type) {
      consentType(type);
      // A type without a state counts as granted: so the real one answers.
      return consent.states[type] !== 'denied';
    },
    addConsentListener(type, listener) {
      consentType(type);
      (consent.listeners[type] ??= []).push(listener);
    },
    logToConsole(...words) {
      demand(permissions.logging, 'log');
      window.console.log(...words);
    },
    injectScript(url, onSuccess, onFailure, token) {
      demand(mayInject(url), `inject ${url}`);
      if (token && loading[token]) return loading[token].then(onSuccess, onFailure);
      const element = window.document.createElement('script');
      element.async = true;
      element.src = url;
      if (nonce) element.setAttribute('nonce', nonce);
      const loaded = new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = reject;
      });
      if (token) loading[token] = loaded;
      loaded.then(() => onSuccess?.(), () => onFailure?.());
      window.document.head.appendChild(element);
    },
  };
}

/** What an update of consent does in a container: states change, then each listener of a changed type is called. */
export function update(consent, states) {
  const changed = Object.keys(states).filter((type) => consent.states[type] !== states[type]);
  Object.assign(consent.states, states);
  for (const type of changed) for (const listener of consent.listeners[type] ?? []) listener(type, states[type] !== 'denied');
}

/** Only what was given may be required. */
export const requireFrom = (api) => (name) => {
  if (!Object.hasOwn(api, name)) throw new Error(`the sandbox has no API ${name}`);
  return api[name];
};
