/** Writes the two tables of a calibration of the gate, as Markdown for `docs/gates.md`. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { metrics } from '../../core/measure/metrics.js';
import { clopperPearson } from '../../core/statistics/intervals.js';
import { gateRuns, type Rates } from './rates.js';

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
/** Of a metric that no gate is about; never printed. */
const none = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Rates of red of gate runs drawn from real forks. */
export function ratesTable(
  measured: readonly { readonly effect: number; readonly rates: Rates }[],
  gates: readonly RelativeGate[],
): string {
  const names = gates.map(({ metric }) => metrics[metric].label);
  const changed = measured.map(({ effect, rates }) => [
    percent(effect, 0),
    String(rates.forks),
    ...gates.map(({ metric }) => {
      const { estimate, low, high } = rates.changes[metric] ?? none;
      return `${signed(Math.expm1(estimate))} (${signed(Math.expm1(low))} … ${signed(Math.expm1(high))})`;
    }),
  ]);
  const red = measured.map(({ effect, rates }) => [
    percent(effect, 0),
    ...gates.map(({ metric }) => percent(rates.red[metric] ?? Number.NaN, 2)),
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
export function runsTable(runs: readonly { readonly effect: number; readonly exits: readonly number[] }[]): string {
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
