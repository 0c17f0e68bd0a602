/**
 * The browser's regular expressions, each compiled once. Those of a plan are few, and plan build
 * has bounded them.
 */

const known = new Map<string, RegExp>();

/** 0 for no, 1 for yes, 2 for a pattern that is none. */
export function isMatch(pattern: string, text: string): number {
  try {
    const compiled = known.get(pattern) ?? new RegExp(pattern, 'u');
    known.set(pattern, compiled);
    return +compiled.test(text);
  } catch {
    return 2;
  }
}
