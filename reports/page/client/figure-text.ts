/** Writes figures on axes, in tips and in the tables behind charts, as the report itself writes them. */

import { formatBytes, formatDuration, formatRate } from '../../../core/units.js';
import type { Axis, Unit } from '../page.js';

const nothing = '–';

const writers: Readonly<Record<Unit, (value: number) => string>> = {
  us: formatDuration,
  ms: (ms) => formatDuration(1000 * ms),
  s: (s) => `${Number(s.toFixed(2))} s`,
  '/s': formatRate,
  B: (bytes) => formatBytes(Math.round(bytes)),
  share: (share) => `${Number((100 * share).toPrecision(3))} %`,
  '%': (percent) => `${Number(percent.toPrecision(3))} %`,
  count: (count) => Number(count.toPrecision(4)).toLocaleString('en-US'),
  x: (ratio) => `${Number(ratio.toPrecision(3))}×`,
};

export function figureText(unit: Unit, value: number | null | undefined): string {
  return value === null || value === undefined ? nothing : writers[unit](value);
}

/** Of a tick: without zeros behind the point that say nothing. */
export function tickText(unit: Unit, value: number): string {
  return value === 0
    ? '0'
    : figureText(unit, value)
        .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
        .replace(/\.(?=\D|$)/, '');
}

/** What stands at a place of an axis. */
export function placeText({ scale, unit, places }: Axis, value: number): string {
  if (scale === 'places') return places?.[Math.round(value)] ?? '';
  if (scale === 'tail') return `p${Number((100 * (1 - 10 ** -value)).toPrecision(7))}`;
  return figureText(unit, value);
}

/** About as many round numbers from `low` to `high`; of bytes those that are round in KiB, MiB or GiB. */
export function roundTicks(unit: Unit, low: number, high: number, about: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / about;
  const whole = unit === 'B' ? 1024 ** Math.max(0, Math.floor(Math.log2(rough) / 10)) : 1;
  const power = whole * 10 ** Math.floor(Math.log10(rough / whole));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}
