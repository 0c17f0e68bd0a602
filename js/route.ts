/**
 * Single-page routes, noticed after the fact: by the browser's word, or by the document's changes
 * that come with them (forms.ts). `history` is never patched.
 */

import { send } from './core';
import { query } from './landing';
import { guard } from './page';

let last = '';

export function noticeRoute(): void {
  const { pathname: path, search } = location;
  if (last && last !== path + search) send({ in: 'route', path, query: query(), at: Date.now() });
  last = path + search;
}

export function watchRoutes(): void {
  noticeRoute();
  addEventListener('popstate', guard(noticeRoute));
  // Chromium 102, Firefox 147, Safari 26.2.
  window.navigation?.addEventListener('navigatesuccess', guard(noticeRoute));
}
