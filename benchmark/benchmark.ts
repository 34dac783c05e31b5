/** Owns `npm run benchmark`: how fast the generator is, against a yardstick in the same run; ratios, never verdicts. */

import Table from 'cli-table3';
import { pinRunners } from '../runners/cores.js';
import { cores, crew } from './contender.js';
import { peerWorks } from './peers.js';
import { works } from './works.js';

/** Ours and the yardstick take turns; the ratio is the median over the pairs, so that a drifting machine cancels out. */
const pairs = 5;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

await pinRunners(cores);
process.stdout.write(`${cores.description}; Node ${process.versions.node}; medians over ${pairs} pairs\n`);
const table = new Table({
  head: ['work', 'ours', 'yardstick', 'ratio', 'lowest … highest', 'goal', 'generator busy', 'server CPU', 'stolen'],
  style: { head: [], border: [] },
});
const chosen = process.argv.slice(2);
for (const work of [...works, ...peerWorks].filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
)) {
  process.stderr.write(`${work.name} …\n`);
  const mine: number[] = [];
  const yard: number[] = [];
  const busy: number[] = [];
  const server: number[] = [];
  const stolen: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const line = await work.ours();
    mine.push(work.figure(line));
    busy.push(line.runner.eventLoopUtilization);
    server.push(line.server?.cpuPercent ?? Number.NaN);
    stolen.push(line.runner.stolenShare);
    yard.push(await work.yardstick());
  }
  const ratios = mine.map((figure, i) => figure / yard[i]!);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  table.push([
    work.name,
    work.write(median(mine)),
    `${work.write(median(yard))} (${work.yardstickName})`,
    median(ratios).toFixed(2),
    `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`,
    work.goal,
    percent(median(busy)),
    percent(median(server) / 100),
    percent(median(stolen)),
  ]);
}
process.stdout.write(`${table.toString()}\n`);
await crew.dismiss();
