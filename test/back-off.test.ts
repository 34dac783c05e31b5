/** How long a client waits before it connects again. */

import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../dist/core/random.js';
import { BackOff } from '../dist/runners/episodes/back-off.js';
// The formula that ours must follow; the package does not export it.
import { Backoff } from '../node_modules/socket.io-client/build/esm/contrib/backo2.js';

const Theirs = Backoff as unknown as new (options: object) => { duration(): number };

describe('the delay before a reconnection', () => {
  it.each([
    ['is shorter when the random number moves it down', 0.875, [563, 1125, 2250, 4500, 5000, 5000]],
    ['is longer when the random number moves it up', 0.96875, [1484, 2968, 5000, 5000, 5000, 5000]],
    ['doubles where it is not moved', 0, [1000, 2000, 4000, 5000, 5000, 5000]],
  ])('%s', (_, random, delays) => {
    const backOff = new BackOff(() => random);
    expect(delays.map((_, attempt) => backOff.delayMs(attempt))).toEqual(delays);
  });

  it('is that of socket.io-client for the same random numbers', () => {
    const { next } = seededRandom(1);
    const backOff = new BackOff(() => Math.random());
    const spy = vi.spyOn(Math, 'random');
    try {
      for (let round = 0; round < 200; round++) {
        const theirs = new Theirs({ min: 1000, max: 5000, jitter: 0.5 });
        for (let attempt = 0; attempt < 8; attempt++) {
          spy.mockReturnValue(next());
          expect(backOff.delayMs(attempt)).toBe(theirs.duration());
        }
      }
    } finally {
      spy.mockRestore();
    }
  });

  it('stays the longest however often an attempt has failed', () => {
    expect(new BackOff(() => 0.5).delayMs(5000)).toBe(5000);
  });
});
