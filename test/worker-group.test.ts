import { describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { split } from '../dist/core/share.js';
import type { Protocol } from '../dist/core/target.js';
import { WorkerGroup } from '../dist/runners/workers/worker-pool.js';

const workload: Workload = {
  kind: 'echo',
  connections: 2,
  publishers: 2,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 100, drainMs: 100 },
  connect: { ratePerSecond: 1000, timeoutMs: 500 },
};

const barriers = { ready() {}, connected: () => 0, sent: async () => 0 };

function shares(protocol: string, workers: number) {
  const shared = {
    workload,
    client: 'wire',
    transport: 'websocket',
    addresses: ['127.0.0.1'],
    port: 1,
    seed: 1,
  } as const;
  return split({ ...shared, protocol: protocol as Protocol }, workers);
}

describe('a group of workers', () => {
  it('fails in one sentence when a worker throws, instead of waiting for it', async () => {
    const group = new WorkerGroup(2);
    await expect(group.run(shares('no-such-protocol', 2), barriers)).rejects.toThrow(/^a worker failed: .*client/i);
    await group.terminate();
  });

  it('is dismissed in peace while all its workers fail', async () => {
    const group = new WorkerGroup(4);
    const run = group.run(shares('no-such-protocol', 4), barriers);
    await expect(run).rejects.toThrow(/^a worker failed/);
    // An error event without a listener would end the process, and with it this suite.
    await group.terminate();
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('counts connections that nobody answers, and runs another trial afterwards', async () => {
    const group = new WorkerGroup(2);
    for (let trial = 0; trial < 2; trial++) {
      const { tally, workerMetrics } = await group.run(shares('websocket', 2), barriers);
      expect(workerMetrics).toHaveLength(2);
      expect(tally.connectFailed).toBe(2);
      expect(tally.errors.get('connect:ECONNREFUSED')).toBe(2);
      expect(tally.sent).toBe(0);
    }
    await group.terminate();
  });
});
