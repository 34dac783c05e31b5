/** Which tests share a process, and which have one of their own. */

import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** What takes over the process it runs in, or reads how that one fares. */
const needsOwnProcess =
  /bench-in-process|\brunOwn\b|dist\/runners\/machine\/|\bvi\.|process\.(cpuUsage|memoryUsage|on)\b/;

const names = readdirSync(new URL('test', import.meta.url))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.test.ts'.length));
const own = names.filter((name) => needsOwnProcess.test(readFileSync(pathOf(name), 'utf8')));
const shared = names.filter((name) => !own.includes(name));

function pathOf(name: string): URL {
  return new URL(`test/${name}.test.ts`, import.meta.url);
}

function project(name: string, files: readonly string[], more: object) {
  return { extends: true, test: { name, include: files.map((file) => `test/${file}.test.ts`), ...more } } as const;
}

// Tests import the built package from dist/, so that what is proven is what ships: Node.js loads it, nothing transforms it.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many wait most of the time, for trials that take as long as they take. None asks for a valid one.
    maxWorkers: 4,
    server: { deps: { external: [/\/dist\//] } },
    projects: [project('shared', shared, { isolate: false }), project('own', own, {})],
  },
});
