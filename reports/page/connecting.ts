/** What opening a connection took: the stages of each target one after another. */

import type { TimeFigures } from '../fold/row.js';
import { valueText } from '../wording/figure-text.js';
import type { NamedRow } from './named-row.js';
import type { BarChart, Bars } from './page.js';

const times = { p50: 'p50Us', p99: 'p99Us' } as const satisfies Record<string, keyof TimeFigures>;

/** The end of opening, which is the end of its last stage too. */
const whole = 'ready';

export function connectingBars(rows: readonly NamedRow[]): Bars | undefined {
  const connected = rows.filter(({ row }) => row.connect.length > 0);
  if (connected.length === 0) return undefined;
  return {
    is: 'bars',
    name: 'Percentile',
    choices: Object.entries(times).map(([label, time]) => chartOf(label, time, connected)),
  };
}

function chartOf(label: string, time: keyof TimeFigures, rows: readonly NamedRow[]): BarChart {
  return {
    label,
    unit: 'us',
    about: `Where each stage ends, from the first packet on: the ${label} of all connections, medians over trials.`,
    rows: rows
      .map(({ name, row }) => {
        const ends = row.connect.map((each) => ({ name: each.stage, end: each[time].median }));
        const stages = ends.length > 1 ? ends.filter((stage) => stage.name !== whole) : ends;
        const end = Math.max(...ends.map((stage) => stage.end));
        return { name, value: end, text: valueText('us', end), stages };
      })
      .toSorted((a, b) => a.value - b.value),
  };
}
