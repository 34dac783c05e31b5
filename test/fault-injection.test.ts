/** A generator that measures wrongly on purpose says so. That `bench calibrate` then fails is proven there. */

import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { bench, readTrials, temporaryFolder } from './bench-command.js';

describe('a generator that measures wrongly on purpose', () => {
  it.each([
    ['latency', { code: 'fault-injected', fault: 'latency' }],
    ['count', { code: 'fault-injected', fault: 'count' }],
    ['nonsense', { code: 'fault-unknown', faults: 'latency, count, burst' }],
  ])('has a reason to give: %s', async (name, reason) => {
    vi.stubEnv('BENCH_SABOTAGE', name);
    // Read once, when the module is loaded.
    const module = `../dist/runners/load/fault-injection.js?${name}`;
    const { injectedFaultWarnings } = await import(/* @vite-ignore */ module);
    vi.unstubAllEnvs();
    expect(injectedFaultWarnings).toEqual([reason]);
  });

  it('gives it beside every result', async () => {
    const out = join(temporaryFolder(), 'out.jsonl');
    const flags = '--target ws --trials 1 --connections 1 --inflight 1 --warmup 0s --duration 100ms --quiet';
    await bench(['run', 'echo', ...flags.split(' '), '--out', out], undefined, { BENCH_SABOTAGE: 'burst' });
    const reason = { code: 'fault-injected', fault: 'burst' };
    expect(readTrials(out)).toEqual([expect.objectContaining({ doubts: expect.arrayContaining([reason]) })]);
  });
});
