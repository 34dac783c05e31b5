import { expect, it } from 'vitest';
import { pausesUs, waitUs } from '../dist/calibration/pauses.js';

/** A clock that says the next of these times each time it is read. */
const reading = (times: readonly number[]) => {
  let i = 0;
  return { nowUs: () => times[i++] ?? Number.POSITIVE_INFINITY };
};

it('finds the gaps between readings of the clock, up to the end', () => {
  expect(pausesUs(1, reading([0, 1, 2, 302, 303, 310, 311, 1_001]))).toEqual([300, 7, 690]);
});

it('a pause of 2 ms in 100 ms makes one moment in a hundred wait for more than 1 ms', () => {
  expect(waitUs([2_000], 0.99, 100)).toBeCloseTo(1_000, -1);
});

it('many short pauses make nobody wait for longer than one of them', () => {
  const pauses = Array.from({ length: 100 }, () => 50);
  expect(waitUs(pauses, 0.99, 100)).toBeCloseTo(40, -1);
  expect(waitUs(pauses, 0.999, 100)).toBeLessThanOrEqual(50);
});

it('nobody waits where there was no pause', () => {
  expect(waitUs([], 0.99, 100)).toBe(0);
});
