// template.tpl apart: its sections, its permissions in short, and what its sandbox would not run.

import { readFileSync } from 'node:fs';
import { parse } from 'acorn';

export const TEMPLATE = new URL('../../pkg-config/gtm/template.tpl', import.meta.url);

/** Sections by their names. */
export function sections(path = TEMPLATE) {
  const pieces = readFileSync(path, 'utf8').split(/^___([A-Z_]+)___$/m).slice(1);
  const found = {};
  for (let at = 0; at < pieces.length; at += 2) found[pieces[at]] = pieces[at + 1].trim();
  return found;
}

/** `{inject_script: [pattern], access_globals: {key: {read, write, execute}}, access_consent: {type: {read, write}}, logging}`. */
export function permissionsOf(text) {
  const plain = ({ type, string, boolean, listItem, mapKey, mapValue }) =>
    ({ 1: () => string, 2: () => listItem.map(plain), 3: () => Object.fromEntries(mapKey.map((key, at) => [plain(key), plain(mapValue[at])])), 8: () => boolean })[type]();
  const granted = {};
  for (const { instance } of JSON.parse(text)) granted[instance.key.publicId] = plain(instance.param[0].value);
  const by = (rows, name) => Object.fromEntries((rows ?? []).map((row) => [row[name], row]));
  return {
    inject_script: granted.inject_script ?? [],
    access_globals: by(granted.access_globals, 'key'),
    access_consent: by(granted.access_consent, 'consentType'),
    logging: granted.logging,
  };
}

// Sandboxed JavaScript is ES 5.1 with const, let and arrow functions, and without `this`, `new`,
// regular expressions, exceptions, getters and labels.
const ALLOWED = new Set([
  'Program', 'VariableDeclaration', 'VariableDeclarator', 'FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression',
  'BlockStatement', 'ExpressionStatement', 'EmptyStatement', 'IfStatement', 'ForStatement', 'ForInStatement', 'WhileStatement',
  'DoWhileStatement', 'ReturnStatement', 'BreakStatement', 'ContinueStatement', 'SwitchStatement', 'SwitchCase',
  'CallExpression', 'MemberExpression', 'ConditionalExpression', 'LogicalExpression', 'BinaryExpression', 'UnaryExpression',
  'UpdateExpression', 'AssignmentExpression', 'ArrayExpression', 'ObjectExpression', 'Property', 'Identifier', 'Literal',
]);
const OPERATORS_NEWER = new Set(['**', '**=', '??', '??=', '&&=', '||=', 'in', 'instanceof']);
/** What a template may name without declaring it. */
const GLOBALS = new Set(['require', 'data', 'undefined', 'NaN', 'Infinity', 'Object', 'Math', 'JSON', 'Array', 'String', 'Number', 'Boolean']);

/** What of the code the sandbox would not run. */
export function refusals(code) {
  const found = [];
  const declared = new Set();
  const used = [];
  const visit = (node, parent, role) => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, parent, role));
    if (!node || typeof node.type !== 'string') return;
    const say = (what) => found.push(`line ${node.loc.start.line}: ${what}`);
    if (!ALLOWED.has(node.type)) say(node.type);
    if (node.regex || node.bigint) say(node.regex ? 'a regular expression' : 'a BigInt');
    if (OPERATORS_NEWER.has(node.operator)) say(`the operator ${node.operator}`);
    if (node.async || node.generator || node.optional) say('async, generator or optional');
    if (node.type === 'Property' && (node.shorthand || node.computed || node.method || node.kind !== 'init')) say('a property that ES 5 does not know');
    if (node.params?.some(({ type }) => type !== 'Identifier') || (node.type === 'VariableDeclarator' && node.id.type !== 'Identifier')) say('a pattern');
    node.params?.forEach(({ name }) => declared.add(name));
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') declared.add(node.id.name);
    const isMember = parent?.type === 'MemberExpression' && role === 'property' && !parent.computed;
    if (node.type === 'Identifier' && !isMember && !(parent?.type === 'Property' && role === 'key')) used.push([node.name, say]);
    for (const [name, value] of Object.entries(node)) if (name !== 'loc' && typeof value === 'object') visit(value, node, name);
  };
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, locations: true }));
  for (const [name, say] of used) if (!declared.has(name) && !GLOBALS.has(name)) say(`the global ${name}`);
  return found;
}
