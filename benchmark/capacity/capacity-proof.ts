/**
 * Runs `npm run capacity-proof`: whether the interval of `bench capacity` holds the capacity of servers that are limited to a
 * known rate, and whether those of five searches on `ws` overlap. It goes on where an earlier session stopped;
 * `-- --minutes N` stops after so long, `-- --folder F` works elsewhere than results/capacity-proof.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readResultFile } from '../../cli/stored-results.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import { clopperPearson } from '../../core/statistics/intervals.js';
import { type CapacityRow, capacityOf } from '../../reports/capacity/capacity.js';
import { bench } from '../built-command.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '45' },
    folder: { type: 'string', default: 'results/capacity-proof' },
  },
});
const { folder } = values;
const untilMs = Date.now() + Number(values.minutes) * 60_000;
mkdirSync(folder, { recursive: true });

const limitedRuns = 20;
const wsRuns = 5;
/** So many of all are to hold the known rate. */
const leastHolding = 19;
/** Answers a second of the limited servers: between these, by the seed, as likely in each part of the logarithm. */
const [slowest, fastest] = [500, 5_000] as const;
const behaviour = new URL('../../calibration/behaviours/limited-server.js', import.meta.url).href;

const scenario = join(folder, 'limit.yaml');
writeFileSync(
  scenario,
  `# How many messages per second does the server answer?
kind: echo
targets: [ws]
connections: 20
load: { model: search, over: rate, from: 200/s, objective: "p99 < 50ms and delivered = 100%" }
payload: { size: 64B }
phases: { warmup: 300ms, measure: 1s, drain: 1s }
`,
);

interface Job {
  readonly name: string;
  readonly target: string;
  /** Answers a second; undefined: nobody knows. */
  readonly knownPerSecond?: number;
}

function limitedJob(i: number): Job {
  const share = seededRandom(deriveSeed(2026, i)).next();
  const knownPerSecond = Number((slowest * (fastest / slowest) ** share).toFixed(1));
  const target = join(folder, `limited-${i}.mjs`);
  writeFileSync(
    target,
    `import { limitedServer } from ${JSON.stringify(behaviour)};\nexport default limitedServer(${knownPerSecond});\n`,
  );
  return { name: `limited-${i}`, target, knownPerSecond };
}

const jobs: readonly Job[] = [
  ...Array.from({ length: limitedRuns }, (_, i) => limitedJob(i + 1)),
  ...Array.from({ length: wsRuns }, (_, i) => ({ name: `ws-${i + 1}`, target: 'ws' })),
];

const pathOf = ({ name }: Job): string => join(folder, `${name}.jsonl`);

/** What a job found; undefined where it was not done. */
function found(job: Job): CapacityRow | undefined {
  if (!existsSync(pathOf(job))) return undefined;
  const result = readResultFile(pathOf(job));
  return result.end === undefined || result.end.interrupted ? undefined : capacityOf(result)?.rows[0];
}

/** A search that the machine disturbed found no interval; it is kept aside, and done again. */
const isFound = (row: CapacityRow | undefined): boolean => row?.end === 'found';

function search(job: Job): void {
  const args = ['capacity', scenario, '--target', job.target, '--out', pathOf(job), '--force', '--quiet'];
  const { status, stderr } = spawnSync(process.execPath, [bench, ...args, '--budget', '80s'], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0 && status !== 3) throw new Error(`bench capacity ended with ${status}: ${stderr}`);
  const row = found(job);
  if (!isFound(row)) renameSync(pathOf(job), join(folder, `${job.name}-disturbed-${Date.now()}.jsonl`));
  const said = isFound(row) ? `[${row?.lower}, ${row?.upper}]` : `no interval (${row?.end})`;
  process.stderr.write(`${job.name}: ${said}${job.knownPerSecond ? `, known: ${job.knownPerSecond}` : ''}\n`);
}

/** A search has its budget, and some time to start and to report. */
const longestMs = 90_000;
for (const job of jobs) {
  if (isFound(found(job))) continue;
  if (Date.now() + longestMs > untilMs) break;
  search(job);
}

const done = jobs.flatMap((job) => {
  const row = found(job);
  return row?.lower !== undefined && row.upper !== undefined && isFound(row)
    ? [{ ...job, lower: row.lower, upper: row.upper, trials: row.steps.length }]
    : [];
});
process.stdout.write(
  '| search | known | interval | upper / lower | trials | holds it |\n| --- | --- | --- | --- | --- | --- |\n',
);
const holds = ({ lower, upper, knownPerSecond = Number.NaN }: (typeof done)[number]): boolean =>
  lower <= knownPerSecond && knownPerSecond <= upper;
for (const one of done) {
  const { name, knownPerSecond, lower, upper, trials } = one;
  const known = knownPerSecond === undefined ? ['–', '–'] : [`${knownPerSecond}/s`, holds(one) ? 'yes' : 'no'];
  const cells = [name, known[0], `[${lower}, ${upper}]/s`, (upper / lower).toFixed(3), trials, known[1]];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const limited = done.filter(({ knownPerSecond }) => knownPerSecond !== undefined);
const onWs = done.filter(({ knownPerSecond }) => knownPerSecond === undefined);
const holding = limited.filter(holds).length;
const overlap = Math.max(...onWs.map(({ lower }) => lower)) <= Math.min(...onWs.map(({ upper }) => upper));
if (limited.length > 0) {
  const { low, high } = clopperPearson(holding, limited.length, 0.95);
  process.stdout.write(
    `\nThe known rate is within the interval in ${holding} of ${limited.length} searches (95 %: ${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} %).\n`,
  );
}
if (onWs.length > 1)
  process.stdout.write(
    `The intervals of ${onWs.length} searches on ws ${overlap ? 'overlap' : 'do not all overlap'}.\n`,
  );
const left = jobs.length - done.length;
if (left > 0)
  process.stdout.write(`${left} of ${jobs.length} searches are still to be done: run the same command again.\n`);
else if (holding < leastHolding || !overlap) process.exitCode = 1;
