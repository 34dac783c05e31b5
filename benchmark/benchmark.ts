/** Owns `npm run benchmark`: how fast the generator is, against a yardstick in the same run; ratios, never verdicts. */

import Table from 'cli-table3';
import { exitCodes } from '../cli/exit-code.js';
import { pinRunners } from '../runners/machine/cores.js';
import { takeTurns, wantedPairs } from './pairing.js';
import { peerWorks } from './peers.js';
import { cores, pool } from './subject.js';
import { works } from './workloads.js';

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

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
for (const work of [...works, ...peerWorks].filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
)) {
  const { pairs, attempts } = await takeTurns(work, (text) => process.stderr.write(`${text}\n`));
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
