/** Proves that durations, rates and sizes are read and written as documented. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  durations,
  formatBytes,
  formatDuration,
  formatRate,
  formatSeconds,
  rates,
  sizes,
  writeDuration,
  writeRate,
  writeSize,
} from '../dist/core/units.js';

function complaint(parsed: number | Error): string {
  expect(parsed).toBeInstanceOf(Error);
  return (parsed as Error).message;
}

test('durations, rates and sizes come out in milliseconds, messages a second and bytes', () => {
  expect(durations.parse('500ms')).toBe(500);
  expect(durations.parse('10s')).toBe(10_000);
  expect(durations.parse('1.5 s')).toBe(1500);
  expect(durations.parse('1.001s')).toBe(1001);
  expect(durations.parse('2m')).toBe(120_000);
  expect(durations.parse('1h')).toBe(3_600_000);
  expect(rates.parse('200/s')).toBe(200);
  expect(rates.parse('0.5/s')).toBe(0.5);
  expect(rates.parse('12000/min')).toBe(200);
  expect(sizes.parse('64B')).toBe(64);
  expect(sizes.parse('1.5KiB')).toBe(1536);
  expect(sizes.parse('1MiB')).toBe(1_048_576);
});

test('a bare number is told which unit is missing', () => {
  expect(complaint(rates.parse('20'))).toContain('write 20/s');
  expect(complaint(durations.parse('3'))).toContain('write 3s');
  expect(complaint(sizes.parse('128'))).toContain('write 128B');
});

test('a unit that is nearly right is corrected', () => {
  expect(complaint(sizes.parse('4KB'))).toContain('write 4KiB');
  expect(complaint(sizes.parse('4kib'))).toContain('write 4KiB');
  expect(complaint(durations.parse('3S'))).toContain('write 3s');
  expect(complaint(rates.parse('20/m'))).toMatch(/write 20\/(s|min)$/);
});

test('negative, fractional and meaningless values are refused in words', () => {
  expect(complaint(rates.parse('-20/s'))).toContain('negative');
  expect(complaint(sizes.parse('1.5B'))).toContain('whole number of bytes');
  expect(complaint(durations.parse('0.5ms'))).toContain('whole number of milliseconds');
  expect(complaint(durations.parse('soon'))).toContain('write it like 10s');
  expect(complaint(sizes.parse('toString'))).toContain('is not a size');
  expect(complaint(sizes.parse('1toString'))).toContain('is not a unit of a size');
});

test('what is written is read back as the same value and matches the pattern of the JSON Schema', () => {
  fc.assert(
    fc.property(fc.nat(3_600_000), (ms) => {
      expect(writeDuration(ms)).toMatch(new RegExp(durations.pattern));
      expect(durations.parse(writeDuration(ms))).toBe(ms);
    }),
  );
  const perSecond = fc.oneof(
    fc.integer({ min: 1, max: 10_000_000 }),
    fc.integer({ min: 1, max: 600 }).map((perMinute) => perMinute / 60),
    fc.double({ min: 0.01, max: 10_000_000, noNaN: true }),
  );
  fc.assert(
    fc.property(perSecond, (rate) => {
      expect(writeRate(rate)).toMatch(new RegExp(rates.pattern));
      expect(rates.parse(writeRate(rate))).toBe(rate);
    }),
  );
  const bytes = fc.oneof(
    fc.nat(4_000_000),
    fc.nat(4000).map((kib) => kib * 1024),
  );
  fc.assert(
    fc.property(bytes, (size) => {
      expect(writeSize(size)).toMatch(new RegExp(sizes.pattern));
      expect(sizes.parse(writeSize(size))).toBe(size);
    }),
  );
});

test('any text is either read as a number that is not negative or refused with a message', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^-?[0-9.e]{0,30} ?[KMkmiB/s]{0,4}$/));
  for (const parse of [durations.parse, rates.parse, sizes.parse])
    fc.assert(
      fc.property(text, (any) => {
        const parsed = parse(any);
        if (parsed instanceof Error) expect(parsed.message).not.toBe('');
        else expect(parsed).toBeGreaterThanOrEqual(0);
      }),
    );
});

test('figures for readers carry three significant digits and the largest fitting unit', () => {
  expect([0, 0.842, 8, 842, 999.4, 999.6, 1240, 12_400, 10_000_000, 3.6e9].map(formatDuration)).toEqual([
    '0 µs',
    '0.842 µs',
    '8.00 µs',
    '842 µs',
    '999 µs',
    '1.00 ms',
    '1.24 ms',
    '12.4 ms',
    '10.0 s',
    '3,600 s',
  ]);
  expect([0, 1 / 60, 20, 99.96, 999.7, 12_345].map(formatRate)).toEqual([
    '0/s',
    '0.017/s',
    '20.0/s',
    '100/s',
    '1,000/s',
    '12,345/s',
  ]);
  expect([0, 64, 999, 1000, 1023.9, 1536, 1_048_576, 3 * 2 ** 30].map(formatBytes)).toEqual([
    '0 B',
    '64 B',
    '999 B',
    '1,000 B',
    '1.00 KiB',
    '1.50 KiB',
    '1.00 MiB',
    '3.00 GiB',
  ]);
});

test('seconds in a sentence are rounded', () => {
  expect([50, 999.6, 1000, 1000.0001, 1449.9, 10_000, 600_000].map(formatSeconds)).toEqual([
    ...['50 ms', '1 s', '1 s', '1 s', '1.4 s', '10 s', '600 s'],
  ]);
});

test('a difference keeps its sign, and what is no number is shown as such', () => {
  expect(formatDuration(-1240)).toBe('-1.24 ms');
  expect([formatDuration(Number.NaN), formatRate(Number.POSITIVE_INFINITY), formatBytes(Number.NaN)]).toEqual([
    'n/a',
    'n/a',
    'n/a',
  ]);
});
