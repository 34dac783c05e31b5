/** What the gates of a scenario ask of latency, by which the lateness of sends is judged. */

import { expect, it } from 'vitest';
import { latencyBoundsOf } from '../dist/core/gates/latency-bounds.js';

it('are the least bound on the median and the least on a higher quantile', () => {
  expect(latencyBoundsOf(['p99 < 50ms', 'p90 <= 20ms', 'p50 < 5ms', 'p50 < 4ms', 'max < 1s'])).toEqual({
    medianUs: 4_000,
    tailUs: 20_000,
  });
});

it('are none of gates about anything else', () => {
  const none = { medianUs: undefined, tailUs: undefined };
  expect(latencyBoundsOf()).toEqual(none);
  expect(latencyBoundsOf(['p99 no worse than base by 10%', 'p99 > 1ms', 'rss < 1GiB', 'nonsense'])).toEqual(none);
});

it('count the p95 as such a quantile', () => {
  expect(latencyBoundsOf(['p95 < 30ms', 'p99 < 50ms'])).toMatchObject({ tailUs: 30_000 });
});
