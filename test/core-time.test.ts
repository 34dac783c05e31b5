/** Who had the time of some cores: told from texts of /proc as they stand in proc(5), and from a process that is stopped. */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HostedProcess } from '../dist/runners/machine/child-process.js';
import {
  type CoreMark,
  type CoreUse,
  othersShare,
  parseCpuTicks,
  parseSchedstat,
  processTree,
  ThreadReader,
  type ThreadTime,
} from '../dist/runners/machine/core-time.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { isStopped, parseStatFields } from '../dist/runners/machine/proc.js';
import { ProcessMeter } from '../dist/runners/machine/process-metrics.js';
import { bin, ownCache, readTrials, temporaryFolder } from './bench-command.js';

const stat = `cpu  100 20 30 400 5 6 7 8 0 0
cpu0 60 10 20 100 1 2 3 4 0 0
cpu1 40 10 10 300 4 4 4 4 0 0
cpu10 1 1 1 1 1 1 1 1 0 0
intr 1 2 3
`;

describe('the ticks of /proc/stat', () => {
  it('are those of all cores, or of the cores asked for', () => {
    expect(parseCpuTicks(stat)).toEqual({ all: 576, busy: 163, ran: 150, stolen: 8 });
    expect(parseCpuTicks(stat, [1])).toEqual({ all: 376, busy: 68, ran: 60, stolen: 4 });
    expect(parseCpuTicks(stat, [0, 1])).toEqual({ all: 576, busy: 163, ran: 150, stolen: 8 });
  });

  it('are none where there is no such file or core', () => {
    expect(parseCpuTicks('')).toEqual({ all: 0, busy: 0, ran: 0, stolen: 0 });
    expect(parseCpuTicks(stat, [7]).all).toBe(0);
  });
});

it('a thread tells its CPU time, its wait and its turns; one that never ran, or none, nothing', () => {
  expect(parseSchedstat('7954783 33879201 2\n')).toEqual({ cpuUs: 7954.783, waitedUs: 33879.201, turns: 2 });
  expect(parseSchedstat('0 0 0\n')).toBeUndefined();
  expect(parseSchedstat('')).toBeUndefined();
});

it('the fields of a process are found behind a name with brackets and spaces', () => {
  expect(parseStatFields('12 (a) b (c) T 1 2').slice(0, 2)).toEqual(['T', '1']);
  expect(parseStatFields('')).toEqual([]);
});

describe('what others took', () => {
  const spanUs = 1_000_000;
  const nothing: ThreadTime = { cpuUs: 0, waitedUs: 0, turns: 0 };

  interface Span {
    readonly cores?: number;
    readonly busyThreads?: number;
    /** Of each of our threads: CPU and wait as shares of the span, and times that it was given a core. */
    readonly threads: readonly (readonly [cpu: number, waited: number, turns?: number])[];
    readonly beside?: number;
    /** Ticks of the cores together, of 100 each. */
    readonly ran?: number;
    readonly idle?: number;
  }

  function shareOf({
    cores = 1,
    busyThreads = 1,
    threads,
    beside = 0,
    ran = 0,
    idle = 100 * cores - ran,
  }: Span): number | undefined {
    const use: CoreUse = { cores: Array.from({ length: cores }, (_, i) => i), pids: [1], loops: [], busyThreads };
    const before = { all: 5_000, busy: 3_000, ran: 2_000, stolen: 10 };
    const ids = threads.map((_, i): [string, ThreadTime] => [String(i), nothing]);
    const from: CoreMark = { atUs: 77, ticks: before, pids: [1], threads: new Map(ids), besideUs: 5 };
    const after = threads.map(([cpu, waited, turns = 0], i): [string, ThreadTime] => [
      String(i),
      { cpuUs: cpu * spanUs, waitedUs: waited * spanUs, turns },
    ]);
    const to: CoreMark = {
      atUs: 77 + spanUs,
      pids: [1, 2],
      ticks: { ...before, all: 5_000 + ran + idle, ran: 2_000 + ran },
      threads: new Map(after),
      besideUs: 5 + beside * spanUs,
    };
    return othersShare(from, to, use);
  }

  it.each<[string, Span, number]>([
    ['nothing, when the core is ours alone', { threads: [[0.9, 0]], ran: 90 }, 0],
    ['half, when a busy thread waited for it', { threads: [[0.5, 0.5]] }, 0.5],
    ['nothing, when a thread waited for others of ours', { threads: [[0.7, 0.25], [0.2, 0.7], [0.1, 0.8]] }, 0], // biome-ignore format: a row
    ['what a thread waited beyond that', { threads: [[0.5, 0.4], [0.1, 0.9]] }, 0.4], // biome-ignore format: a row
    ['nothing, when waiting is the time to change threads', { threads: [[0.1, 0.02, 20_000]] }, 0],
    ['what ran and was not ours, while our thread was hardly ever ready', { threads: [[0.1, 0]], ran: 90, idle: 10 }, 0.8], // biome-ignore format: a row
    ['nothing, when it is the loop that keeps the core awake', { threads: [[0.1, 0]], beside: 0.9, ran: 100 }, 0],
    ['nothing, when the ticks may be chance', { threads: [[0.5, 0]], ran: 59 }, 0],
    ['nothing, when ticks are in step with our thread, and the core was idle', { threads: [[0.3, 0]], ran: 90, idle: 70 }, 0], // biome-ignore format: a row
    ['nothing, when others had cores to spare', { cores: 3, busyThreads: 1, threads: [[1, 0]], ran: 290 }, 0],
    ['what they took of cores that were needed', { cores: 2, busyThreads: 2, threads: [[0.5, 0], [0.5, 0]], ran: 200 }, 0.5], // biome-ignore format: a row
    ['nothing, when two busy threads had a core each', { cores: 2, busyThreads: 2, threads: [[0.95, 0.05], [0.95, 0.04], [0.1, 0.9]] }, 0], // biome-ignore format: a row
  ])('is %s', (_, given, share) => {
    expect(shareOf(given)).toBeCloseTo(share, 6);
  });

  it('is not known in no time, or when a process of ours has ended', () => {
    const mark: CoreMark = { atUs: 1, ticks: parseCpuTicks(stat), pids: [1], threads: new Map(), besideUs: 0 };
    const use: CoreUse = { cores: [0], pids: [1], loops: [], busyThreads: 1 };
    expect(othersShare(mark, mark, use)).toBeUndefined();
    expect(othersShare(mark, { ...mark, atUs: 99, pids: [2] }, use)).toBeUndefined();
    expect(othersShare(mark, { ...mark, atUs: 99 }, use)).toBe(0);
  });
});

describe.skipIf(!existsSync('/proc/self/schedstat'))('a process', () => {
  const start = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

  it('is known with its threads and what it started, until it is gone', async () => {
    const child = start();
    const pid = child.pid!;
    await once(child, 'spawn');
    expect(processTree(process.pid)).toContain(pid);
    const use: CoreUse = { cores: [0], pids: [pid], loops: [], busyThreads: 1 };
    const reader = new ThreadReader();
    expect(reader.mark(use, 0, stat)?.threads.size).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(reader.mark(use, 0, stat)).toBeUndefined();
    reader.close();
  });

  it('is noticed when it is stopped and goes on', async () => {
    const child = start();
    await once(child, 'spawn');
    const use: CoreUse = { cores: [0], pids: [child.pid!], loops: [], busyThreads: 1 };
    const meter = new ProcessMeter(() => ({ server: use, generator: { ...use, pids: [process.pid] } }));
    child.kill('SIGSTOP');
    while (!isStopped(child.pid!)) await sleep(5);
    await sleep(50);
    child.kill('SIGCONT');
    while (isStopped(child.pid!)) await sleep(5);
    await sleep(50);
    const { serverStoppedUs, generatorStopped } = meter.stop();
    expect(serverStoppedUs).toBeGreaterThan(0);
    expect(generatorStopped).toBe(false);
    const again = new ProcessMeter(() => ({ server: use, generator: use }));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(again.stop().serverStoppedUs).toBe(0);
  });
});

describe.skipIf(!existsSync('/proc/self/schedstat'))('a host process that is stopped', () => {
  it('says nothing, and that it is stopped is the reason given', async () => {
    const path = join(temporaryFolder(), 'silent.mjs');
    writeFileSync(path, "process.send({ type: 'there' }); process.on('message', () => {});");
    const host = new HostedProcess({ name: 'server', path, request: {}, cores: undefined });
    await host.next('there', 30_000);
    process.kill(host.pid, 'SIGSTOP');
    await expect(host.next('answer', 300)).rejects.toThrow(
      'the server said nothing for 300 ms (waiting for "answer"): its process is stopped (SIGSTOP)',
    );
    host.kill();
    await host.gone;
  });
});

describe.skipIf(divideCores().server === undefined)('a bench that may use one core', () => {
  it('says in every trial that server and generator share it', () => {
    const out = join(temporaryFolder(), 'a.jsonl');
    const load = ['--target', 'ws', '--connections', '1', '--warmup', '0ms', '--duration', '100ms'];
    const args = [bin, 'run', 'idle', ...load, '--trials', '1', '--quiet', '--out', out];
    const env = { ...process.env, ...ownCache() };
    spawnSync('taskset', ['-c', String(divideCores().server), process.execPath, ...args], { env, stdio: 'ignore' });
    const trials = readTrials(out);
    expect(trials.length).toBeGreaterThan(0);
    for (const { doubts } of trials) expect(doubts).toContainEqual({ code: 'one-core' });
  });
});

it.skipIf(!existsSync('/proc/self/schedstat'))(
  'knows how long a thread has waited for a core that it did not give to another thread of its process',
  async () => {
    const [besideProcess, besideThread] = [await waitedBeside('process'), await waitedBeside('thread')];
    expect(besideProcess.kernelUs).toBeGreaterThan(20_000);
    expect(besideProcess.kernelUs - besideProcess.saidUs).toBeLessThan(10_000);
    expect(besideThread.kernelUs - besideThread.saidUs).toBeGreaterThan(15_000);
  },
);

/** On one core. */
async function waitedBeside(what: string): Promise<{ readonly saidUs: number; readonly kernelUs: number }> {
  const args = [
    '-c',
    '0',
    process.execPath,
    fileURLToPath(new URL('fixtures/wait-for-core.mjs', import.meta.url)),
    what,
  ];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: 20_000 });
  const [saidUs, kernelUs] = JSON.parse(stdout) as [number, number];
  return { saidUs, kernelUs };
}
