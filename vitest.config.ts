/** Which tests share a process, which have one of their own, and in which order they run. */

import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What changes the process it runs in for good, or reads how that one fares. What `benchHere` takes over, it gives back. While
 * Socket.IO runs on the engine of uWebSockets.js, as it does in tests of variants, it cannot run on another in that process.
 */
const needsOwnProcess =
  /dist\/runners\/(machine\/(?!monotonic-clock)|server\/server-process)|process\.(cpuUsage|memoryUsage|on)\b|fixtures\/variants\.js/;
/** Takes half as long as all others together, and so begins before them. */
const longest = 'test/contract.test.ts';
/** What measures, or waits for processes. */
const takesLong = /\b(benchHere|runOwn|bench|startBench|startBrowser|runAb|targetNames)\(/;

const texts = new Map(
  readdirSync(new URL('test', import.meta.url))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => [`test/${file}`, readFileSync(new URL(`test/${file}`, import.meta.url), 'utf8')]),
);
const own = [...texts].flatMap(([path, text]) => (needsOwnProcess.test(text) ? path : []));
const shared = [...texts.keys()].filter((path) => !own.includes(path));

/**
 * A process that files take turns in ends when the next file is none of them, so all of these come one after the other.
 * Long ones come first, so that none is left alone in the end.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      if (moduleId.endsWith(`/${longest}`)) return -1;
      const path = own.find((each) => moduleId.endsWith(`/${each}`));
      if (path !== undefined) return 0;
      const isLong = [...texts].some(([each, text]) => moduleId.endsWith(`/${each}`) && takesLong.test(text));
      return isLong ? 1 : 2;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

function project(name: string, include: string[], more: object) {
  return { extends: true, test: { name, include, ...more } } as const;
}

// Tests import the built package from dist/, so that what is proven is what ships: Node.js loads it, nothing transforms it.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many wait most of the time, for trials that take as long as they take. None asks for a valid one.
    maxWorkers: 4,
    globalSetup: 'test/temporary-folders.ts',
    sequence: { sequencer: LongFirst },
    server: { deps: { external: [/\/dist\//] } },
    projects: [project('shared', shared, { isolate: false }), project('own', own, {})],
  },
});
