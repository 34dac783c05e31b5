/**
 * Runs `npm run explain-proof`: does `bench ab --explain` find the function that a commit has slowed? Ten seeded slow-downs of
 * 5 to 20 %; the function is to be among the first three in nine of them. It continues where an earlier session stopped;
 * `-- --minutes N` starts nothing after so long, `-- --folder F` works elsewhere than results/explain-proof.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Comparison } from '../../reports/comparison/comparison.js';
import type { Explanation } from '../../reports/comparison/explanation.js';
import { bench } from '../built-command.js';
import { serverText, slowDowns, timingText } from './slow-downs.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '8' },
    folder: { type: 'string', default: 'results/explain-proof' },
  },
});

const untilMs = Date.now() + Number(values.minutes) * 60_000;
const folder = resolve(values.folder);
const among = 3;
const wanted = 9;
/** Beside a busy generator a loop takes nearly twice as long, where the two cores are threads of one. */
const aloneShare = 0.55;

const scenario = `# Which function is it?
kind: echo
targets: [ws]
connections: 50
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 1s, measure: 1s, drain: 500ms }
`;

mkdirSync(folder, { recursive: true });
const path = (name: string): string => join(folder, name);
const wsUrl = import.meta.resolve('ws');
writeFileSync(path('chat.yaml'), scenario);
writeFileSync(path('base.mjs'), serverText(wsUrl));

/** What `bench ab --explain` says of base against a module, from an earlier session if there is one; undefined when it failed. */
function explained(name: string): Explanation | undefined {
  const file = path(`${name}.json`);
  if (!existsSync(file)) {
    const sides = ['--base-target', path('base.mjs'), '--head-target', path(`${name}.mjs`)];
    const out = path(`${name}.jsonl`);
    rmSync(out, { force: true });
    // One fork that is judged: the verdict is not the question here.
    const args = [
      bench,
      'ab',
      path('chat.yaml'),
      ...sides,
      '--forks',
      '1',
      '--explain',
      '--no-wait',
      ...['--attempts', '1'],
      '--format',
      'json',
      '--out',
      out,
    ];
    const { stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!stdout.includes('"explanation"')) return undefined;
    writeFileSync(file, stdout);
  }
  return (JSON.parse(readFileSync(file, 'utf8')) as { comparison: Comparison }).comparison.explanation;
}

writeFileSync(path('same.mjs'), serverText(wsUrl));
const same = explained('same');
if (same === undefined) throw new Error('base could not be compared with itself; quieten the machine and start again');
if (!existsSync(path('turn-us.json'))) {
  writeFileSync(path('timing.mjs'), timingText());
  writeFileSync(path('turn-us.json'), execFileSync(process.execPath, [path('timing.mjs')]));
}
const costs = JSON.parse(readFileSync(path('turn-us.json'), 'utf8')) as Record<string, number>;

const rows: { readonly text: string; readonly isFound: boolean }[] = [];
for (const { name, turns, share } of slowDowns) {
  if (!existsSync(path(`${name}.json`)) && Date.now() > untilMs) continue;
  const more = Math.max(1, Math.round((aloneShare * share * same.total.base) / (costs[name] ?? 1)));
  writeFileSync(path(`${name}.mjs`), serverText(wsUrl, { [name]: turns + more }));
  const found = explained(name);
  if (found === undefined) continue;
  const { base, change } = found.total;
  const rank = found.functions.findIndex((each) => each.name === name) + 1;
  const own = found.functions[rank - 1]?.own.change.value ?? 0;
  const first = found.functions[0];
  const slower = `${((100 * change.value) / base).toFixed(1)} % slower (${change.value.toFixed(2)} of ${base.toFixed(1)} µs)`;
  const said = rank === 1 ? '' : `; first is ${first?.name} ${first?.own.change.value.toFixed(2)} µs`;
  rows.push({
    text: `${name}: ${slower}, its place is ${rank || 'none'} with ${own.toFixed(2)} µs${said}`,
    isFound: rank >= 1 && rank <= among,
  });
}
const found = rows.filter(({ isFound }) => isFound).length;
const sure = same.functions.filter(({ own }) => Math.max(own.change.low, -own.change.high) > 0);
process.stdout.write(
  `${rows.map(({ text }) => text).join('\n')}\n` +
    `${found} of ${rows.length} among the first ${among}. Base against itself: ${sure.length} of ${same.functions.length} functions differ, ` +
    `by ${Math.max(0, ...sure.map(({ own }) => Math.abs(own.change.value))).toFixed(2)} µs of ${same.total.base.toFixed(1)} at most.\n`,
);
if (rows.length < slowDowns.length)
  process.stdout.write(`${slowDowns.length - rows.length} are still to be done: run the same command again.\n`);
else if (found < wanted) process.exitCode = 1;
