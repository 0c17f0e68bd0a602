/**
 * The core as JavaScript, for pages whose policy forbids wasm; the kernel imports it then.
 *
 * The same Rust by wasm2js: slower and larger, decisions and bytes sent are the same.
 */

import { glue } from 'touchmark:glue';
import { instantiate } from 'touchmark:script';
import type { Hands } from './shell';

export const make = (...hands: Hands): Core => {
  const { imports, attach } = glue(...hands);
  return attach(instantiate(imports));
};
