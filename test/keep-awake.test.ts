/** The loops that keep cores awake must be gone when nobody needs them, whatever became of their parent. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { KeepAwake } from '../dist/runners/machine/keep-awake.js';
import { coresToKeepAwake } from '../dist/runners/run/trial-cores.js';
import { trialLine } from './fixtures/result-lines.js';

/** Processes that loop for the process `parent`. */
function loopsFor(parent: number): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`process.ppid === ${parent})`);
    } catch {
      return false;
    }
  }).length;
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(100);
}

const { server, runners } = divideCores();
const all = server === undefined ? [] : [...server, ...runners];

describe.skipIf(server === undefined)('what keeps cores awake, where taskset exists and there are two cores,', () => {
  it('has a loop on every core, and none when it ended', async () => {
    const keepAwake = new KeepAwake(all);
    // Not counted twice: while `taskset` and `chrt` become the loop, a process has no command line for a moment.
    await until(() => loopsFor(process.pid) === all.length);
    await keepAwake.end();
    expect(loopsFor(process.pid)).toBe(0);
    await keepAwake.end();
  });

  it.each([
    { when: 'before its loops have begun', begun: 0 },
    { when: 'while they run', begun: all.length },
  ])('ends when its process is killed outright $when', async ({ begun }) => {
    const module = fileURLToPath(new URL('../dist/runners/machine/keep-awake.js', import.meta.url));
    const script = `const { KeepAwake } = await import(${JSON.stringify(module)}); new KeepAwake(${JSON.stringify(all)}); console.log('begun'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid = 0 } = child;
    await once(child.stdout, 'data');
    if (begun > 0) await until(() => loopsFor(pid) === begun);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() => loopsFor(pid) === 0);
    // A loop that begins after the end of its process must not stay either.
    await sleep(200);
    await until(() => loopsFor(pid) === 0);
  });
});

describe('the cores that are kept awake', () => {
  const cores = { server: [0], runners: [1, 2], keepAwake: true, description: '' };
  const { workload } = trialLine();
  const open: Workload = { ...workload, load: { model: 'open', ratePerSecond: 10, arrivals: 'constant' } };
  const closed = (publishers: number, inflight: number): Workload => ({
    ...workload,
    publishers,
    load: { model: 'closed', inflight },
  });

  it('are that of the server, and those of runners that sleep', () => {
    expect(coresToKeepAwake(cores, open)).toEqual([0]);
    expect(coresToKeepAwake(cores, closed(1, 1))).toEqual([0]);
    expect(coresToKeepAwake(cores, closed(50, 1))).toEqual([0, 1, 2]);
  });

  it('are all of a server of several processes, but not more than eight', () => {
    expect(coresToKeepAwake({ ...cores, server: [0, 1, 2], runners: [3] }, open)).toEqual([0, 1, 2]);
    expect(coresToKeepAwake({ ...cores, server: Array.from({ length: 20 }, (_, i) => i) }, open)).toHaveLength(8);
  });

  it('are none where cores are not kept awake or nothing is pinned', () => {
    expect(coresToKeepAwake({ ...cores, keepAwake: false }, open)).toEqual([]);
    expect(coresToKeepAwake({ ...cores, server: undefined }, open)).toEqual([]);
  });
});
