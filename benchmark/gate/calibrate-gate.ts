/**
 * Runs `npm run calibrate:gate`: how often the gate of `bench ab` is wrong on this machine. It continues where an earlier
 * session stopped; `-- --minutes N` stops after so long, `-- --folder F` works elsewhere than results/gate-calibration.
 */

import { parseArgs } from 'node:util';
import { abGates, readGates } from '../../cli/gate-texts.js';
import { relativeGates } from '../../core/gates/gate.js';
import { metrics } from '../../core/measure/metrics.js';
import { clopperPearson } from '../../core/statistics/intervals.js';
import { CalibrationFolder } from './calibration-folder.js';
import { gateRuns, type Rates, ratesOf } from './rates.js';
import { effects, exits, forksOf, runEffects, steps, take } from './steps.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '45' },
    folder: { type: 'string', default: 'results/gate-calibration' },
  },
});

const untilMs = Date.now() + Number(values.minutes) * 60_000;
const folder = new CalibrationFolder(values.folder);
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));

const gates = relativeGates(readGates(abGates(await folder.scenario()), 'gate'));

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Rates of red of gate runs drawn from real forks, as Markdown for `docs/gates.md`. */
function ratesTable(measured: readonly { readonly effect: number; readonly rates: Rates }[]): string {
  const names = gates.map(({ metric }) => metrics[metric].label);
  const changed = measured.map(({ effect, rates }) => [
    percent(effect, 0),
    String(rates.forks),
    ...rates.gates.map(({ change: { estimate, low, high } }) => {
      const [share, from, to] = [estimate, low, high].map((ln) => signed(Math.expm1(ln)));
      return `${share} (${from} … ${to})`;
    }),
  ]);
  const red = measured.map(({ effect, rates }) => [
    percent(effect, 0),
    ...rates.gates.map((gate) => percent(gate.red, 2)),
    percent(rates.anyRed, 2),
    percent(rates.atFirstLook),
  ]);
  return [
    'Change that all forks show together, with its 95 % interval:',
    markdown(['slowed by', 'forks', ...names], changed),
    `Share of ${gateRuns.toLocaleString('en-US')} gate runs, drawn from these forks, in which the gate is red:`,
    markdown(['slowed by', ...names, 'any of them', 'decided at the first look'], red),
  ].join('\n\n');
}

/** Whole runs of `bench ab` by exit code, with the Clopper-Pearson interval of the share that was red. */
function runsTable(runs: readonly { readonly effect: number; readonly exits: readonly number[] }[]): string {
  const rows = runs.map(({ effect, exits }) => {
    const count = (code: number): number => exits.filter((exit) => exit === code).length;
    const judged = count(0) + count(1);
    const { low, high } = judged > 0 ? clopperPearson(count(1), judged, 0.95) : { low: 0, high: 1 };
    return [
      percent(effect, 0),
      String(exits.length),
      String(count(1)),
      String(count(0)),
      String(exits.length - judged),
      `${percent(low)} … ${percent(high)}`,
    ];
  });
  return [
    'Whole runs of `bench ab`:',
    markdown(
      ['slowed by', 'runs', 'red (exit 1)', 'passed (exit 0)', 'invalid (exit 3)', 'red of those judged, 95 %'],
      rows,
    ),
  ].join('\n\n');
}

const all = steps();
for (const [i, step] of all.entries()) {
  if (folder.done(step.name) !== undefined) continue;
  if (interrupt.signal.aborted || Date.now() > untilMs) break;
  const leftMinutes = Math.max(0, (untilMs - Date.now()) / 60_000).toFixed(0);
  process.stderr.write(`${i + 1} of ${all.length}: ${step.name} (at most ${leftMinutes} min more)\n`);
  await take(step, folder, interrupt.signal).catch((error: Error) => {
    if (!interrupt.signal.aborted) throw error;
  });
}

const left = all.filter(({ name }) => folder.done(name) === undefined).length;
if (left > 0)
  process.stdout.write(`${left} of ${all.length} steps are still to be done: run the same command again.\n\n`);
const rates = effects.flatMap((effect) => {
  try {
    return [{ effect, rates: ratesOf(forksOf(folder, effect), gates) }];
  } catch (error) {
    process.stdout.write(`${100 * effect} %: ${(error as Error).message}\n`);
    return [];
  }
});
process.stdout.write(`${ratesTable(rates)}\n\n`);
process.stdout.write(`${runsTable(runEffects.map((effect) => ({ effect, exits: exits(folder, effect) })))}\n`);
process.exit(interrupt.signal.aborted ? 130 : 0);
