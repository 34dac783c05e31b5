/** Broadcasts to many receivers, time to the last of them: ours against a client in C, where there is a C compiler. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { evenly } from '../calibration/claim.js';
import { packageFolder } from '../cli/package-version.js';
import { formatDuration } from '../core/units.js';
import { findOnPath } from '../runners/machine/child-process.js';
import { folder } from './built-command.js';
import { type PairedWorkload, workload } from './paired-workload.js';
import { ours, runOnGeneratorCores, serving } from './subject.js';

const source = join(packageFolder, 'benchmark/epoll-client.c');
const sizeBytes = 128;
const phases = { warmupMs: 2_000, measureMs: 3_000, drainMs: 1_000 } as const;
/** Fewer a second than the slower of the two takes, so that no message waits for the one before. */
const bursts = [
  { receivers: 100, perSecond: 100, goal: '<= 1.1' },
  { receivers: 1_000, perSecond: 50, goal: '<= 1.1' },
  { receivers: 5_000, perSecond: 10, goal: '<= 1.25' },
] as const;

let compiled: string | undefined;

function epollClient(): string {
  if (compiled === undefined) {
    compiled = join(folder, 'epoll-client');
    execFileSync('cc', ['-O2', '-o', compiled, source], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return compiled;
}

/** Median time until the last receiver had a message, in us. */
async function inC(port: number, receivers: number, perSecond: number): Promise<number> {
  const leftOut = (perSecond * phases.warmupMs) / 1000;
  const messages = leftOut + (perSecond * phases.measureMs) / 1000;
  const args = [port, receivers, sizeBytes, perSecond, messages, leftOut].map(String);
  return Number(await runOnGeneratorCores(epollClient(), args));
}

export const burstWorkloads: readonly PairedWorkload[] = bursts.map(({ receivers, perSecond, goal }) => {
  const work = workload(receivers, evenly(perSecond), {
    kind: 'broadcast',
    publishers: 1,
    payload: { sizeBytes, type: 'text' },
    phases,
  });
  return {
    name: `broadcast to ${receivers.toLocaleString('en-US')}, time to the last, median`,
    goal,
    ...(findOnPath('cc') === undefined && { missing: 'no C compiler (cc) here' }),
    ours: () => ours('uws', work),
    figure: (line) => line.latencyUs.last?.p50 ?? Number.NaN,
    yardstickName: 'C, epoll',
    yardstick: () => serving('uws', 'broadcast', (port) => inC(port, receivers, perSecond)),
    write: formatDuration,
  };
});
