/** Parses and formats durations, rates and sizes; everywhere else they are plain numbers. */

import { nearest, quote } from './printable.js';

interface Quantity {
  readonly noun: string;
  readonly example: string;
  /** From a number of that unit to the base: ms, messages a second or bytes. The first is suggested for bare numbers. */
  readonly units: Readonly<Record<string, (value: number) => number>>;
  /** Set where a fraction of the base unit makes no sense: its plural. */
  readonly wholeBase?: string;
}

/** How a figure is written with its unit. */
export interface Notation {
  /** @returns the figure in base units, or an Error whose message says what to write instead. */
  readonly parse: (text: string) => number | Error;
  /** The shortest text from which `parse` reads the same value. */
  readonly write: (value: number) => string;
  /** Source of the regular expression of what `parse` accepts, for the JSON Schema. */
  readonly pattern: string;
}

function notation(quantity: Quantity, write: (value: number) => string): Notation {
  const pattern = `^[0-9]+(\\.[0-9]+)? ?(${Object.keys(quantity.units).join('|')})$`;
  return { parse: (text) => parse(text, quantity), write, pattern };
}

/** `500ms`, `10s`, `2m` or `1h`: whole milliseconds. */
export const durations = notation(
  {
    noun: 'duration',
    example: '10s',
    units: {
      s: (value) => value * 1000,
      ms: (value) => value,
      m: (value) => value * 60_000,
      h: (value) => value * 3_600_000,
    },
    wholeBase: 'milliseconds',
  },
  writeDuration,
);
/** `200/s` or `600/min`: a rate a second. */
export const rates = notation(
  { noun: 'rate', example: '20/s', units: { '/s': (value) => value, '/min': (value) => value / 60 } },
  writeRate,
);
/** `64B`, `4KiB` or `1MiB`: whole bytes. */
export const sizes = notation(
  {
    noun: 'size',
    example: '128B',
    units: { B: (value) => value, KiB: (value) => value * 1024, MiB: (value) => value * 1024 * 1024 },
    wholeBase: 'bytes',
  },
  writeSize,
);

function parse(text: string, { noun, example, units, wholeBase }: Quantity): number | Error {
  const names = Object.keys(units);
  const [, digits, unit] = /^(-?\d{1,30}(?:\.\d{1,20})?) ?([^\s\d.]\S{0,9})?$/.exec(text.trim()) ?? [];
  if (digits === undefined) return new Error(`${quote(text)} is not a ${noun}; write it like ${example}`);
  if (digits.startsWith('-')) return new Error(`${text.trim()} is negative, which a ${noun} cannot be`);
  if (unit === undefined) return new Error(`${digits} has no unit; write ${digits}${names[0]} (${names.join(', ')})`);
  const toBase = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (toBase === undefined) {
    const meant = nearest(unit, names);
    const remedy = meant === undefined ? `write it like ${example}` : `write ${digits}${meant}`;
    return new Error(`${quote(unit)} is not a unit of a ${noun} (${names.join(', ')}); ${remedy}`);
  }
  const exact = toBase(Number(digits));
  if (wholeBase === undefined) return exact;
  const whole = Math.round(exact);
  // The tolerance forgives what a decimal fraction loses in binary: 1.001s is 1001 ms.
  if (Math.abs(exact - whole) > 1e-6) return new Error(`${quote(text)} is not a whole number of ${wholeBase}`);
  return whole;
}

export function writeDuration(ms: number): string {
  if (ms > 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms > 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms > 0 && ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

export function writeRate(perSecond: number): string {
  const perMinute = Math.round(perSecond * 60);
  return perSecond > 0 && perSecond < 1 && perMinute / 60 === perSecond ? `${perMinute}/min` : `${perSecond}/s`;
}

export function writeSize(bytes: number): string {
  if (bytes > 0 && bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)}MiB`;
  return bytes > 0 && bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`;
}

const notANumber = 'n/a';

/** Three significant digits, all digits before the point kept and grouped: 1.24, 12.4, 124, 12,345. */
export function significantText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 99.95) return Math.round(value).toLocaleString('en-US');
  if (magnitude === 0) return '0';
  // Below 0.0005 a figure is noise here, and more decimals would break every table.
  return magnitude < 0.0005 ? '0' : value.toFixed(magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : 3);
}

/** Scales by the first of `units` of which the value, as it will be shown, has at least one, or else by none. */
function scaled(value: number, units: Readonly<Record<string, number>>, base: string): string {
  if (!Number.isFinite(value)) return notANumber;
  const [name, size] = Object.entries(units).find(([, size]) => Math.abs(value) >= size * 0.9995) ?? [base, 1];
  return `${significantText(value / size)} ${name}`;
}

/** Microseconds for a reader: `842 µs`, `1.24 ms`, `10.0 s`; `n/a` when not finite. */
export function formatDuration(us: number): string {
  return scaled(us, { s: 1_000_000, ms: 1000 }, 'µs');
}

/** Milliseconds in a sentence: `10 s`, `1.5 s`, `50 ms`. */
export function formatSeconds(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

/** A rate for a reader: `12,345/s`, `20.0/s`; `n/a` when not finite. */
export function formatRate(perSecond: number): string {
  return Number.isFinite(perSecond) ? `${significantText(perSecond)}/s` : notANumber;
}

/** Bytes for a reader: `64 B`, `1.50 KiB`, `1.00 GiB`; `n/a` when not finite. */
export function formatBytes(bytes: number): string {
  if (Number.isInteger(bytes) && Math.abs(bytes) < 1000) return `${bytes} B`;
  return scaled(bytes, { GiB: 1024 ** 3, MiB: 1024 ** 2, KiB: 1024 }, 'B');
}

/** A number of things for a reader: `1 room`, `3,000 connections`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
