/**
 * Runs `npm run capacity-proof`: whether the interval of `bench capacity` holds the capacity of servers that are limited to a
 * known rate, and whether those of five searches on `ws` overlap. These five take turns in one run: the machine changes its
 * speed within a minute, and one after the other they would measure that. It goes on where an earlier session stopped;
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

const searched = `connections: 20
load: { model: search, over: rate, from: 200/s, objective: "p99 < 50ms and delivered = 100%" }
payload: { size: 64B }
phases: { warmup: 300ms, measure: 1s, drain: 1s }
`;
const limitScenario = join(folder, 'limit.yaml');
writeFileSync(
  limitScenario,
  `# How many messages per second does the server answer?\nkind: echo\ntargets: [ws]\n${searched}`,
);
const wsScenario = join(folder, 'ws.yaml');
const wsTargets = Array.from({ length: wsRuns }, (_, i) => `{ use: ws, label: ws-${i + 1} }`);
writeFileSync(
  wsScenario,
  `# How many messages per second does ws answer, searched for ${wsRuns} times?\nkind: echo\ntargets: [${wsTargets.join(', ')}]\n${searched}`,
);

interface Job {
  readonly name: string;
  readonly args: readonly string[];
  readonly budgetSeconds: number;
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
  const args = [limitScenario, '--target', target];
  return { name: `limited-${i}`, args, budgetSeconds: 80, knownPerSecond };
}

const jobs: readonly Job[] = [
  ...Array.from({ length: limitedRuns }, (_, i) => limitedJob(i + 1)),
  { name: 'ws-in-turns', args: [wsScenario], budgetSeconds: 450 },
];

const pathOf = ({ name }: Job): string => join(folder, `${name}.jsonl`);

/** Of a job that was done, what it found for each target. */
function found(job: Job): readonly CapacityRow[] {
  if (!existsSync(pathOf(job))) return [];
  const result = readResultFile(pathOf(job));
  return result.end === undefined || result.end.interrupted ? [] : (capacityOf(result)?.rows ?? []);
}

/**
 * A search that the machine disturbed found no interval; its file is kept aside, and the job is done again. Of the five on ws,
 * intervals count that the budget has left unconfirmed.
 */
function isFound({ knownPerSecond }: Job, rows: readonly CapacityRow[]): boolean {
  const isEnough = ({ end, lower, upper }: CapacityRow): boolean =>
    lower !== undefined && upper !== undefined && (end === 'found' || knownPerSecond === undefined);
  return rows.length > 0 && rows.every(isEnough);
}

function search(job: Job): void {
  const args = ['capacity', ...job.args, '--out', pathOf(job), '--force', '--budget', `${job.budgetSeconds}s`];
  const { status, stderr } = spawnSync(process.execPath, [bench, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0 && status !== 3) throw new Error(`bench capacity ended with ${status}: ${stderr}`);
  const rows = found(job);
  if (!isFound(job, rows)) renameSync(pathOf(job), join(folder, `${job.name}-disturbed-${Date.now()}.jsonl`));
  const said = rows.map(({ lower, upper, end }) => `[${lower ?? '?'}, ${upper ?? '?'}] (${end})`).join(' ');
  process.stderr.write(`${job.name}: ${said}${job.knownPerSecond ? `, known: ${job.knownPerSecond}` : ''}\n`);
}

/** To start and to report, beside the budget. */
const aroundMs = 15_000;
for (const job of jobs) {
  if (isFound(job, found(job))) continue;
  if (Date.now() + 1_000 * job.budgetSeconds + aroundMs > untilMs) break;
  search(job);
}

const ended = jobs.filter((job) => isFound(job, found(job)));
const done = ended.flatMap((job) =>
  found(job).map(({ target, lower = 0, upper = 0, end, steps }) => {
    const { knownPerSecond } = job;
    const name = knownPerSecond === undefined ? target : job.name;
    return { name, knownPerSecond, lower, upper, end, trials: steps.length };
  }),
);
process.stdout.write(
  '| search | known | interval | upper / lower | end | trials | holds it |\n| --- | --- | --- | --- | --- | --- | --- |\n',
);
const holds = ({ lower, upper, knownPerSecond = Number.NaN }: (typeof done)[number]): boolean =>
  lower <= knownPerSecond && knownPerSecond <= upper;
for (const one of done) {
  const { name, knownPerSecond, lower, upper, end, trials } = one;
  const known = knownPerSecond === undefined ? ['–', '–'] : [`${knownPerSecond}/s`, holds(one) ? 'yes' : 'no'];
  const cells = [name, known[0], `[${lower}, ${upper}]/s`, (upper / lower).toFixed(3), end, trials, known[1]];
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
    `The intervals of ${onWs.length} searches on ws in turns ${overlap ? 'overlap' : 'do not all overlap'}.\n`,
  );
const left = jobs.length - ended.length;
if (left > 0)
  process.stdout.write(`${left} of ${jobs.length} runs are still to be done: run the same command again.\n`);
else if (holding < leastHolding || !overlap) process.exitCode = 1;
