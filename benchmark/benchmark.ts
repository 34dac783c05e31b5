/** Runs `npm run benchmark`: how fast the generator is, as ratios to a yardstick that is measured in the same run. */

import Table from 'cli-table3';
import { exitCodes } from '../cli/exit-code.js';
import type { TrialLine } from '../core/result.js';
import { figureOf } from '../reports/fold/figure.js';
import { readCpuTicks, stolenShare } from '../runners/machine/core-time.js';
import { pinRunners } from '../runners/machine/cores.js';
import { burstWorkloads } from './bursts.js';
import type { PairedWorkload } from './paired-workload.js';
import { peerWorkloads } from './peers.js';
import { cores, pool } from './subject.js';
import { workloads } from './workloads.js';

const wantedPairs = 5;
const mostAttempts = 20;
/** A pair during which less than this share of the machine was stolen is undisturbed. */
const disturbedShare = 0.01;

interface Pair {
  readonly line: TrialLine;
  readonly ours: number;
  readonly yardstick: number;
  /** Of the machine's time while the pair was measured, 0..1. */
  readonly stolenShare: number;
}

async function onePair(work: PairedWorkload): Promise<Pair> {
  const from = readCpuTicks();
  const line = await work.ours();
  // Before the yardstick is measured: a figure may come from the server that has just ended.
  const ours = work.figure(line);
  const yardstick = await work.yardstick();
  return { line, ours, yardstick, stolenShare: stolenShare(from, readCpuTicks()) };
}

/**
 * Measures ours, then the yardstick, until there are enough pairs that the machine did not disturb. Steal time decides
 * which pairs count, never what was measured.
 *
 * @returns the `wantedPairs` least disturbed pairs, and how many were measured.
 */
async function measurePairs(work: PairedWorkload): Promise<{ pairs: readonly Pair[]; attempts: number }> {
  const all: Pair[] = [];
  let undisturbed = 0;
  while (undisturbed < wantedPairs && all.length < mostAttempts) {
    const done = `${undisturbed} of ${wantedPairs} undisturbed pairs`;
    process.stderr.write(`${work.name}: ${done}, attempt ${all.length + 1}\n`);
    const pair = await onePair(work);
    all.push(pair);
    if (pair.stolenShare < disturbedShare) undisturbed++;
  }
  const pairs = all.toSorted((a, b) => a.stolenShare - b.stolenShare).slice(0, wantedPairs);
  return { pairs, attempts: all.length };
}

const median = (values: readonly number[]): number => figureOf(values)?.median ?? Number.NaN;

function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}

await pinRunners(cores);
process.stdout.write(`${cores.description}; Node ${process.versions.node}; medians over ${wantedPairs} pairs\n`);
const table = new Table({
  head: [
    'work',
    'ours',
    'yardstick',
    'ratio',
    'lowest … highest',
    'goal',
    'generator busy',
    'server CPU',
    'stolen (attempts)',
  ],
  style: { head: [], border: [] },
});
const print = (): void => void process.stdout.write(`${table.toString()}\n`);
// The rows so far took minutes. What runs meanwhile ends with this process.
process.once('SIGINT', () => {
  print();
  process.exit(exitCodes.interrupted);
});
const chosen = process.argv.slice(2);
for (const work of [...workloads, ...burstWorkloads, ...peerWorkloads].filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
)) {
  if (work.missing !== undefined) {
    table.push([work.name, '-', `- (${work.yardstickName}: ${work.missing})`, '-', '-', work.goal, '-', '-', '-']);
    continue;
  }
  const { pairs, attempts } = await measurePairs(work);
  // The median of ratios, not the ratio of medians: a machine that drifts cancels out within a pair.
  const ratios = pairs.map(({ ours, yardstick }) => ours / yardstick);
  table.push([
    work.name,
    work.write(median(pairs.map(({ ours }) => ours))),
    `${work.write(median(pairs.map(({ yardstick }) => yardstick)))} (${work.yardstickName})`,
    median(ratios).toFixed(2),
    `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`,
    work.goal,
    percent(median(pairs.map(({ line }) => line.runner.eventLoopUtilization))),
    percent(median(pairs.map(({ line }) => (line.server?.cpuPercent ?? Number.NaN) / 100))),
    `${percent(Math.max(...pairs.map(({ stolenShare }) => stolenShare)), 1)} (${attempts})`,
  ]);
}
print();
await pool.dismiss();
