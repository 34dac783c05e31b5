/** Latency, CPU of the server and the delivered share over the load that a search tried. */

import type { Capacity, CapacityPoint } from '../../capacity/capacity.js';
import { loadText } from '../../capacity/capacity-words.js';
import { present } from '../../present.js';
import type { Curves, Line, Panel, Unit } from '../page.js';

interface Shown {
  readonly title: string;
  readonly unit: Unit;
  readonly isLog?: true;
  readonly of: (point: CapacityPoint) => number | undefined;
}

const shown: readonly Shown[] = [
  { title: 'p99', unit: 'us', isLog: true, of: ({ p99Us }) => p99Us },
  { title: 'p50', unit: 'us', isLog: true, of: ({ p50Us }) => p50Us },
  { title: 'CPU of the server', unit: '%', of: ({ cpuPercent }) => cpuPercent },
  { title: 'delivered', unit: 'share', of: ({ deliveredShare }) => deliveredShare },
];

/** @returns undefined where nothing was judged. */
export function capacityCurves({ over, rows }: Capacity): Curves | undefined {
  const at = [...new Set(rows.flatMap(({ points }) => points.map(({ load }) => load)))].toSorted((a, b) => a - b);
  if (at.length === 0) return undefined;
  // Of several they would hide each other.
  const [only, ...others] = rows.flatMap(({ lower }) => lower ?? []);
  const marks = only === undefined || others.length > 0 ? [] : [{ at: only, text: loadText(over, only) }];
  const panels = shown.map(({ title, unit, isLog, of }): Panel | undefined => {
    const lines = rows.flatMap(({ target, points }): Line[] => {
      const byLoad = new Map(points.map((point) => [point.load, of(point)]));
      const values = at.map((load) => byLoad.get(load) ?? null);
      return values.some((value) => value !== null) ? [{ name: target, values }] : [];
    });
    const scale = isLog && lines.every(({ values }) => values.every((value) => value !== 0)) ? 'log' : 'linear';
    return lines.length === 0
      ? undefined
      : {
          title: `${title} over the load`,
          x: { title: over, unit: over === 'rate' ? '/s' : 'count', scale: 'log' },
          y: { title, unit, scale },
          at,
          lines,
          marks,
          isSparse: true,
        };
  });
  const about = `Medians over the trials of a load.${marks.length > 0 ? ' The mark is the most that is held.' : ''}`;
  return { is: 'curves', name: 'Load', choices: [{ label: 'load', about, panels: present(...panels) }] };
}
