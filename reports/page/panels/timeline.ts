/** What happened second by second in the trials of one block, all targets on one time axis. */

import { groupBy } from '../../group-by.js';
import type { ReadTrial } from '../../results/read-trial.js';
import type { NamedRow } from '../named-row.js';
import type { CurveChoice, Curves, Panel, Unit } from '../page.js';
import { rounded } from './latency-curves.js';

type Reading = Readonly<Record<string, number | undefined>>;

interface Metric {
  readonly title: string;
  readonly unit: Unit;
  readonly of: 'runner' | 'server';
  readonly field:
    | keyof ReadTrial['runner']['timeline'][number]
    | keyof NonNullable<ReadTrial['server']>['timeline'][number];
}

const metrics: readonly Metric[] = [
  { title: 'Delivered', unit: '/s', of: 'runner', field: 'deliveredPerSecond' },
  { title: 'Latency p50', unit: 'us', of: 'runner', field: 'latencyP50Us' },
  { title: 'Latency p99', unit: 'us', of: 'runner', field: 'latencyP99Us' },
  { title: 'Server CPU', unit: '%', of: 'server', field: 'cpuPercent' },
  { title: 'Server RSS', unit: 'B', of: 'server', field: 'rssBytes' },
  { title: 'Server event-loop delay p99', unit: 'us', of: 'server', field: 'eventLoopDelayP99Us' },
  { title: 'Server garbage collection', unit: 'ms', of: 'server', field: 'gcMs' },
  { title: 'Generator busy', unit: 'share', of: 'runner', field: 'eventLoopUtilization' },
];

/** Nobody looks at more of them, and each takes some kilobytes. */
const mostBlocks = 100;

/** @param rows with their valid trials. */
export function timelineCurves(rows: readonly NamedRow[]): Curves | undefined {
  const all = rows.flatMap(({ name, trials }) => trials.map((trial) => ({ name, trial })));
  const blocks = [...groupBy(all, ({ trial }) => trial.block)].toSorted(([a], [b]) => a - b);
  const rest = blocks.length > mostBlocks ? ` Of ${blocks.length} blocks the first ${mostBlocks} are here.` : '';
  const choices = blocks.slice(0, mostBlocks).flatMap(([block, own]): CurveChoice[] => {
    const panels = metrics.flatMap((metric) => panelOf(metric, own));
    return panels.length === 0 ? [] : [{ label: `trial ${block}`, about: about + rest, panels }];
  });
  return choices.length === 0 ? undefined : { is: 'curves', name: 'Trial', choices };
}

const about =
  'Each point is the second that ends there; the trials of a block ran one after another, and lie here on each other.';

function panelOf(
  { title, unit, of, field }: Metric,
  own: readonly { readonly name: string; readonly trial: ReadTrial }[],
): Panel[] {
  const lines = own.map(({ name, trial }) => {
    const readings: readonly Reading[] = trial[of]?.timeline ?? [];
    return {
      name,
      bySecond: new Map(readings.map((reading) => [Math.round((reading['atMs'] ?? 0) / 1000), reading[field]])),
    };
  });
  const known = lines.flatMap(({ bySecond }) =>
    [...bySecond].flatMap(([second, value]) => (value === undefined ? [] : [second])),
  );
  if (known.length === 0) return [];
  const at = [...new Set(known)].toSorted((a, b) => a - b);
  return [
    {
      title,
      x: { title: 'time in the measured window', unit: 's', scale: 'linear' },
      y: { title: '', unit, scale: 'linear' },
      at,
      lines: lines.map(({ name, bySecond }) => ({
        name,
        values: at.map((second) => {
          const value = bySecond.get(second);
          return value === undefined ? null : rounded(value);
        }),
      })),
    },
  ];
}
