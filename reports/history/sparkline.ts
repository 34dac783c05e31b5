/** Draws a series as one line of characters, with its marks below. */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import type { Series } from './panel.js';

const blocks = [...'▁▂▃▄▅▆▇█'];
/** For terminals that know ASCII only: 1 is the lowest. */
const digits = [...'12345678'];

export interface Sparkline {
  /** A character a version; a space where there is no figure. */
  readonly line: string;
  /** `^` under the first version of each new level; empty when there is none. */
  readonly marks: string;
}

/**
 * Heights are logarithmic between the lowest and the highest median. A range below twice the least effect of interest
 * is drawn as if it were that wide, so that noise stays flat.
 *
 * @param width columns at most: the newest versions are drawn.
 */
export function sparkline({ points, shifts }: Series, metric: MetricName, width: number, plain: boolean): Sparkline {
  const first = Math.max(0, points.length - width);
  const heights = points.slice(first).map(({ figure }) => (figure ? Math.log(figure.median) : Number.NaN));
  const known = heights.filter((height) => !Number.isNaN(height));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = Math.max(high - low, 2 * Math.log1p(2 * metrics[metric].leastShare));
  const floor = (low + high - span) / 2;
  const steps = plain ? digits : blocks;
  const line = heights.map((height) => {
    if (Number.isNaN(height)) return ' ';
    return steps[Math.min(steps.length - 1, Math.floor(((height - floor) / span) * steps.length))];
  });
  const marks = line.map((_, i) => (shifts.some(({ at }) => at === first + i) ? '^' : ' '));
  return { line: line.join(''), marks: marks.join('').trimEnd() };
}
