/** Writes figures: always with their unit, their uncertainty and what is unknown about them. */

import type { Unit } from '../../core/measure/figures.js';
import { type GateMetricName, metrics } from '../../core/measure/metrics.js';
import { formatBytes, formatDuration, formatRate } from '../../core/units.js';
import { type Figure, firmHalfWidth, leastTrials, spreadShare } from '../fold/figure.js';
import type { QuantileFigure } from '../fold/latency.js';
import type { Duration } from '../results/read-trial.js';

/** Stands where there is nothing to show. */
export const nothing = '–';

const writers: Readonly<Record<Unit, (value: number) => string>> = {
  us: formatDuration,
  ms: (ms) => formatDuration(1000 * ms),
  '/s': formatRate,
  B: (bytes) => formatBytes(Math.round(bytes)),
  '%': percentText,
  share: (share) => percentText(100 * share),
  count: countText,
};

/** `12,345/s`, `1.24 ms`, `60.2 MiB`. */
export function valueText(unit: Unit, value: number): string {
  return writers[unit](value);
}

export function metricText(metric: GateMetricName, value: number): string {
  return valueText(metrics[metric].unit, value);
}

/** A share as a signed percentage: `+3.2 %`, `-12 %`. */
export function changeText(share: number | undefined): string {
  if (share === undefined) return nothing;
  return `${share > 0 ? '+' : ''}${percentText(100 * share)}`;
}

/** What is missing where a quantile of a kind with many receivers is not firm. */
export const firmByTrials = `half of its 95 % interval over trials is ${100 * firmHalfWidth} % of it or more, or there are fewer than ${leastTrials} trials`;

/** `98 %`, `1.2 %`. */
export function percentText(percent: number): string {
  return `${percent.toFixed(Math.abs(percent) < 9.95 ? 1 : 0)} %`;
}

/** `0.62×`, `12.4×`. */
export function ratioText(ratio: number | undefined): string {
  if (ratio === undefined) return nothing;
  return ratio < 99.95 ? `${ratio.toFixed(ratio < 9.995 ? 2 : 1)}×` : `${countText(Math.round(ratio))}×`;
}

/** Whole numbers with their digits grouped: `1,234`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** The median and, where there are several trials, how far the furthest lay from it: `198,000/s ±1.2 %`. */
export function figureText(figure: Figure | undefined, write: (value: number) => string, trials: number): string {
  if (figure === undefined) return nothing;
  return trials < 2 ? write(figure.median) : `${write(figure.median)} ±${percentText(100 * spreadShare(figure))}`;
}

/** Rounded down, so that 100 % means every single one: `100 %`, `99.99 %`; `0 %` means none. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return nothing;
  if (part === whole) return '100 %';
  if (part === 0) return '0 %';
  return `${(Math.floor((10_000 * part) / whole) / 100).toFixed(2)} %`;
}

/** `1.24 ms`, or `≥ 1.00 s` where only a lower bound is known. */
export function durationText({ us, atLeast }: Duration): string {
  return `${atLeast ? '≥ ' : ''}${formatDuration(us)}`;
}

/** As a duration; `~` before it when too few messages stand behind it. A lower bound says enough by itself. */
export function quantileText(quantile: Duration & { readonly firm: boolean }): string {
  return `${quantile.firm || quantile.atLeast ? '' : '~'}${durationText(quantile)}`;
}

/** The single trials from lowest to highest: `1.20 – 1.31 ms`. */
export function rangeText({ lowest, highest }: QuantileFigure): string {
  const [low, high] = [durationText(lowest), durationText(highest)];
  const unit = low.slice(low.lastIndexOf(' '));
  return `${high.endsWith(unit) ? low.slice(0, -unit.length) : low} – ${high}`;
}

/** 0.999 as `99.9 %`. */
export function percentileText(q: number): string {
  // Rounding removes what binary fractions add: 100 x 0.999999 is 99.99990000000001.
  return `${Number((100 * q).toFixed(6))} %`;
}
