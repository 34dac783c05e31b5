/** Owns `npm run benchmark`: every piece of work in turn, ours and the yardstick in pairs, ratios of one run. */

import type { Workload } from '../core/scenario.js';
import { formatRate } from '../core/units.js';
import { pinRunners } from '../runners/cores.js';
import { bare, cores, crew, ours } from './contender.js';

const pairs = 3;
const warmupMs = 1_000;
const measureMs = 2_000;

function echo(connections: number, inflight: number): Workload {
  return {
    kind: 'echo',
    connections,
    publishers: connections,
    load: { model: 'closed', inflight },
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs, measureMs, drainMs: 1_000 },
    connect: { ratePerSecond: 10_000, timeoutMs: 10_000 },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

await pinRunners(cores);
process.stdout.write(`${cores.description}; uws echo, 64 B text, closed loop; ratio of medians over ${pairs} pairs\n`);
for (const [connections, inflight] of [
  [1, 1],
  [50, 1],
  [500, 1],
  [50, 64],
] as const) {
  const mine: number[] = [];
  const yard: number[] = [];
  let last = '';
  for (let pair = 0; pair < pairs; pair++) {
    const line = await ours('uws', echo(connections, inflight));
    mine.push(line.deliveredPerSecond);
    last = `utilisation ${(100 * line.runner.eventLoopUtilization).toFixed(0)} %, server ${line.server?.cpuPercent.toFixed(0)} %${line.valid ? '' : `, ${line.invalidBecause.join('; ')}`}`;
    const request = { connections, inflight, sizeBytes: 64, warmupMs, measureMs, spin: connections === 1 };
    yard.push((await bare('uws', request)).perSecond);
  }
  process.stdout.write(
    `${connections} connections, ${inflight} in flight: ours ${formatRate(median(mine))}, bare ${formatRate(median(yard))}, ratio ${(median(mine) / median(yard)).toFixed(3)} (${last})\n`,
  );
}
await crew.dismiss();
