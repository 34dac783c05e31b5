/** Runs `npm run benchmark`: how fast the generator is, as ratios to a yardstick that is measured in the same run. */

import Table from 'cli-table3';
import { exitCodes } from '../cli/exit-code.js';
import { figureOf } from '../reports/fold/figure.js';
import { pinRunners } from '../runners/machine/cores.js';
import { measurePairs, wantedPairs } from './pairing.js';
import { peerWorkloads } from './peers.js';
import { cores, pool } from './subject.js';
import { workloads } from './workloads.js';

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
for (const work of [...workloads, ...peerWorkloads].filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
)) {
  const { pairs, attempts } = await measurePairs(work, (text) => process.stderr.write(`${text}\n`));
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
