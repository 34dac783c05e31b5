/** Reads the bound of a gate, a number with a unit, and says what is wrong with one that cannot be read. */

import type { MetricUnit } from '../measure/figures.js';
import { nearest, quote } from '../printable.js';

/** Factor to base units, or the exponent that shifts the decimal point, so that 99.99 % is exactly 0.9999. */
type Scale = number | `e${number}`;

interface Bound {
  /** For the sentence about a bound that is missing. */
  readonly example: string;
  /** The unit to suggest for a bare number. */
  readonly usual: string;
  /** By the unit as it is written, which is empty for a bare number. */
  readonly units: Readonly<Record<string, Scale>>;
}

const bounds: Readonly<Record<MetricUnit, Bound>> = {
  // Reports write the micro sign; Unicode has it twice.
  us: { example: '50ms', usual: 'ms', units: { us: 'e0', ms: 'e3', s: 'e6', '\u00b5s': 'e0', '\u03bcs': 'e0' } },
  '/s': { example: '10000/s', usual: '/s', units: { '/s': 'e0', '/min': 1 / 60 } },
  B: { example: '200MiB', usual: 'MiB', units: { B: 'e0', KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } },
  share: { example: '100%', usual: '%', units: { '%': 'e-2' } },
  count: { example: '0', usual: '', units: { '': 'e0' } },
};

export interface BoundFault {
  /** Which of the two is wrong. */
  readonly part: 'number' | 'unit';
  readonly message: string;
}

export function exampleOf(quantity: MetricUnit): string {
  return bounds[quantity].example;
}

/**
 * @param digits as matched: digits with at most one decimal point between them
 * @param unit what stands after them, empty for nothing
 * @param metric as it was written, for the sentence
 * @returns the bound in base units, or why it is none
 */
export function readBound(digits: string, unit: string, quantity: MetricUnit, metric: string): number | BoundFault {
  const { units, usual } = bounds[quantity];
  if (quantity === 'count' && unit !== '')
    return { part: 'unit', message: `${metric} is a count and has no unit; write ${digits} alone` };
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (typeof scale === 'number') return range(Number(digits) * scale, digits, quantity, metric);
  if (scale !== undefined) return range(Number(digits + scale), digits, quantity, metric);
  const listed = Object.keys(units).filter((name) => name.charCodeAt(0) < 128);
  const meant = nearest(unit, Object.keys(units)) ?? usual;
  const wrong = unit === '' ? `${digits} has no unit` : `${quote(unit)} is not a unit of ${metric}`;
  return { part: 'unit', message: `${wrong} (${listed.join(', ')}); write ${digits}${meant} for example` };
}

/** Larger than anything that can be measured; all integers up to it are exact. */
const mostOfAll = 1e15;

function wrongNumber(message: string): BoundFault {
  return { part: 'number', message };
}

function range(value: number, digits: string, quantity: MetricUnit, metric: string): number | BoundFault {
  if (value > mostOfAll) return wrongNumber('the number is larger than anything that is measured');
  if (quantity === 'count' && !Number.isInteger(value))
    return wrongNumber(`${digits} is not a whole number, and ${metric} is a count`);
  if (quantity === 'share' && value > 1) return wrongNumber(`${digits}% is impossible: ${metric} is at most 100%`);
  return value;
}

const mostChangePercent = 1000;

/** Reads by how much a metric may be worse than base. @returns a share, 0.1 for 10 %, or why it is none. */
export function readChange(digits: string, unit: string): number | BoundFault {
  if (unit !== '%') return { part: 'unit', message: `a change from base is a percentage; write ${digits}%` };
  if (Number(digits) === 0) return wrongNumber('no measurement can show 0%; write the least change that matters');
  if (Number(digits) > mostChangePercent) return wrongNumber(`at most ${mostChangePercent}% can be allowed`);
  return Number(`${digits}e-2`);
}
