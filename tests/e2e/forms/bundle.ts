// A page's script from apps/, with the real libraries that it imports, as one classic script.

import { build, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const APPS = join(dirname(fileURLToPath(import.meta.url)), 'apps');
const svelte: Plugin = {
  name: 'svelte',
  setup(plugin) {
    plugin.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { compile } = await import('svelte/compiler');
      return { contents: compile(await readFile(path, 'utf8'), { filename: path, generate: 'client' }).js.code };
    });
  },
};

const made = new Map<string, Promise<string>>();

export function bundle(entry: string): Promise<string> {
  const known = made.get(entry);
  if (known) return known;
  const making = build({
    entryPoints: [join(APPS, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    conditions: ['browser', 'svelte', 'module', 'production'],
    plugins: [svelte],
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  made.set(entry, making);
  return making;
}
