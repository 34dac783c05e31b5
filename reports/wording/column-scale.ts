/** Writes the figures of a column in one unit, which stands in its head: `19.0 ±1.2` under `µs`. */

import type { Unit } from '../../core/measure/figures.js';
import { significantText } from '../../core/units.js';

/** A unit for readers: a stored value divided by `size` is in it. */
export interface ColumnScale {
  /** Empty for counts. */
  readonly name: string;
  readonly size: number;
}

/** The larger ones first, the last for everything smaller. */
const scales: Readonly<Record<Unit, readonly [ColumnScale, ...ColumnScale[]]>> = {
  us: [
    { name: 's', size: 1_000_000 },
    { name: 'ms', size: 1000 },
    { name: 'µs', size: 1 },
  ],
  ms: [
    { name: 's', size: 1000 },
    { name: 'ms', size: 1 },
  ],
  B: [
    { name: 'GiB', size: 1024 ** 3 },
    { name: 'MiB', size: 1024 ** 2 },
    { name: 'KiB', size: 1024 },
    { name: 'B', size: 1 },
  ],
  '/s': [{ name: '/s', size: 1 }],
  '%': [{ name: '%', size: 1 }],
  share: [{ name: '%', size: 0.01 }],
  count: [{ name: '', size: 1 }],
};

/** The largest in which the smallest value other than 0 is not less than a tenth. */
export function scaleFor(unit: Unit, values: readonly number[]): ColumnScale {
  const known = scales[unit];
  const sizes = values.map(Math.abs).filter((value) => value > 0);
  const least = sizes.length > 0 ? Math.min(...sizes) : 0;
  return known.find(({ size }) => least >= size / 10) ?? known.at(-1) ?? known[0];
}

export function scaledText(value: number, { size }: ColumnScale): string {
  return significantText(value / size);
}

/** Half of the width of an interval, to one digit, or two where it begins with 1: `±0.05`, `±0.12`, `±7`. */
export function halfWidthText({ low, high }: { readonly low: number; readonly high: number }, { size }: ColumnScale) {
  const half = (high - low) / 2 / size;
  // Of what is narrower, a number of JavaScript has no digits beside the median.
  if (!(half > 1e-15)) return '±0';
  const power = 10 ** Math.floor(Math.log10(half));
  const step = half / power < 1.95 ? power / 10 : power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return `±${(Math.round(half / step) * step).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;
}
