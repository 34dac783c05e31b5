/** A generator that measures wrongly on purpose says so. That `bench calibrate` then fails is proven there. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bench, readLines, temporaryFolder } from './bench-command.js';

describe('a generator that measures wrongly on purpose', () => {
  it.each([
    ['latency', { code: 'fault-injected', fault: 'latency' }],
    ['burst', { code: 'fault-injected', fault: 'burst' }],
    ['nonsense', { code: 'fault-unknown', faults: 'latency, count, burst' }],
  ])('says so beside every result: %s', async (name, reason) => {
    const out = join(temporaryFolder(), 'out.jsonl');
    // A closed loop cannot be late, so that one attempt is enough.
    const flags = '--target ws --trials 1 --connections 5 --inflight 1 --warmup 0s --duration 200ms --quiet';
    await bench(['run', 'echo', ...flags.split(' '), '--out', out], undefined, { BENCH_SABOTAGE: name });
    const trial = readLines(out).find((line) => line.type === 'trial');
    expect(trial).toMatchObject({ doubts: expect.arrayContaining([reason]) });
  });
});
