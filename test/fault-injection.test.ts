/** A harness that was broken on purpose says so. That `bench calibrate` then turns red is proven there. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bench, readLines, temporaryFolder } from './bench-command.js';

describe('a harness broken on purpose', () => {
  it('says so beside every result, and does nothing when the name is unknown', async () => {
    const out = join(temporaryFolder(), 'out.jsonl');
    for (const [name, reason] of [
      ['latency', { code: 'fault-injected', fault: 'latency' }],
      ['burst', { code: 'fault-injected', fault: 'burst' }],
      ['nonsense', { code: 'fault-unknown', faults: 'latency, count, burst' }],
    ] as const) {
      const flags = [
        '--target',
        'ws',
        '--trials',
        '1',
        '--connections',
        '5',
        '--warmup',
        '0s',
        '--duration',
        '200ms',
        '--quiet',
      ];
      await bench(['run', 'echo', ...flags, '--out', out], undefined, { BENCH_SABOTAGE: name });
      const trial = readLines(out).find((line) => line.type === 'trial');
      expect(trial).toMatchObject({ doubts: expect.arrayContaining([reason]) });
    }
  });
});
