/**
 * Runs `npm run torture`: attacks bench in every way that families of attacks know, until all were tried or the time is
 * over, and exits with 1 when something was mishandled. What was is kept, with what bench printed, in the folder that is named.
 */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { deriveSeed, seededRandom } from '../core/random.js';
import { durations } from '../core/units.js';
import type { Family } from './torture/family.js';
import { childKills, parentKills } from './torture/kills.js';
import { fullDisk, openFiles } from './torture/limits.js';
import { serverModules } from './torture/modules.js';
import { resultFiles } from './torture/result-files.js';
import { scenarios } from './torture/scenarios.js';

/** What takes little time first. */
const families: readonly Family[] = [
  openFiles,
  fullDisk,
  scenarios,
  resultFiles,
  parentKills,
  serverModules,
  childKills,
];

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    for: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    /** The folder of an earlier run, which is gone on with. */
    resume: { type: 'string' },
  },
});

interface State {
  readonly seed: number;
  readonly short: boolean;
  /** By the name of the family. */
  readonly counts: Record<string, { tried: number; mishandled: number }>;
}

const fresh: State = { seed: Number(values.seed ?? Date.now() % 1e9), short: values.short, counts: {} };
const folder = resolve(values.resume ?? join(tmpdir(), `bench-torture-${fresh.seed}`));
const statePath = join(folder, 'state.json');
const state = values.resume === undefined ? fresh : (JSON.parse(readFileSync(statePath, 'utf8')) as State);
const limitMs = durations.parse(values.for ?? (values.short ? '40s' : '2h'));
if (!Number.isSafeInteger(state.seed) || limitMs instanceof Error)
  throw new Error('--seed takes a number, --for a time');

mkdirSync(folder, { recursive: true });
process.env['NO_COLOR'] = '1';
process.stderr.write(`seed ${state.seed}; goes on with --resume ${folder}\n`);

/** Replaces the file at once, so that a run that is killed can be resumed. */
function save(): void {
  writeFileSync(`${statePath}.new`, JSON.stringify(state, null, 2));
  renameSync(`${statePath}.new`, statePath);
}

/** One attempt. @returns whether all was handled. */
async function attempt(family: Family, number: number): Promise<boolean> {
  const place = join(folder, `${family.name.replace(/\W+/g, '-')}-${number}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const random = seededRandom(deriveSeed(state.seed, families.indexOf(family), number));
  const faults = await family.attack({ number, random, folder: place }).catch((error: Error) => [`${error.stack}`]);
  if (faults.length === 0) rmSync(place, { recursive: true, force: true });
  else {
    writeFileSync(join(place, 'mishandled.txt'), faults.join('\n'));
    process.stderr.write(`MISHANDLED in ${place}:\n${faults.map((fault) => `  ${fault}\n`).join('')}`);
  }
  return faults.length === 0;
}

const asked = families
  .filter(({ name }) => name.includes(values.only))
  .map((family) => ({ family, skipped: family.skipped?.(), tries: family.tries[state.short ? 'short' : 'full'] }));
const counted = ({ name }: Family) => (state.counts[name] ??= { tried: 0, mishandled: 0 });

const untilMs = Date.now() + limitMs;
let toldMs = 0;
while (Date.now() < untilMs) {
  // All families come equally far, whenever it ends.
  const [next] = asked
    .filter(({ family, skipped, tries }) => skipped === undefined && counted(family).tried < tries)
    .toSorted((a, b) => counted(a.family).tried / a.tries - counted(b.family).tried / b.tries);
  if (next === undefined) break;
  const counts = counted(next.family);
  if (!(await attempt(next.family, counts.tried))) counts.mishandled++;
  counts.tried++;
  if (Date.now() - toldMs < 2_000) continue;
  save();
  toldMs = Date.now();
  const done = asked.map(({ family, tries }) => `${counted(family).tried} of ${tries} ${family.name}`);
  process.stderr.write(`${Math.round((untilMs - Date.now()) / 1000)} s left: ${done.join(' · ')}\n`);
}
save();

const table = new Table({ head: ['family', 'tried', 'mishandled', ''], style: { head: [], border: [] } });
for (const { family, skipped, tries } of asked) {
  const { tried, mishandled } = counted(family);
  table.push([
    family.name,
    `${tried} of ${tries}`,
    String(mishandled),
    skipped === undefined ? '' : `skipped: ${skipped}`,
  ]);
}
const mishandled = asked.reduce((sum, { family }) => sum + counted(family).mishandled, 0);
process.stdout.write(`${table.toString()}\n${mishandled} mishandled${mishandled > 0 ? `; kept in ${folder}` : ''}\n`);
if (mishandled > 0) process.exitCode = 1;
else if (asked.every(({ family, skipped, tries }) => skipped !== undefined || counted(family).tried >= tries))
  rmSync(folder, { recursive: true, force: true });
