import { describe, expect, it } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import type { Workload } from '../dist/core/scenario.js';
import { windowFrom } from '../dist/core/schedule.js';
import { type Share, split } from '../dist/core/share.js';
import type { Protocol } from '../dist/core/target.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { WorkerPool } from '../dist/runners/workers/worker-pool.js';

const workload: Workload = {
  kind: 'echo',
  connections: 2,
  publishers: 2,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 100, drainMs: 100 },
  connect: { ratePerSecond: 1000, timeoutMs: 500 },
};

function shares(protocol: string, workers: number): Share[] {
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

/** Has each worker prepare its share of a trial with one side. */
const prepare = (pool: WorkerPool, own: readonly Share[]) =>
  pool.ask('ready', (i) => ({ type: 'trial', shares: [own[i]!] }));

describe('a worker pool', () => {
  it('fails in one sentence when a worker throws, instead of waiting for it', async () => {
    const pool = new WorkerPool();
    await pool.provide(2);
    await expect(prepare(pool, shares('no-such-protocol', 2))).rejects.toThrow(/^a worker failed: .*client/i);
    await pool.dismiss();
  });

  it('is dismissed in peace while all its workers fail', async () => {
    const pool = new WorkerPool();
    await pool.provide(4);
    await expect(prepare(pool, shares('no-such-protocol', 4))).rejects.toThrow(/^a worker failed/);
    // An error event without a listener would end the process, and with it this suite.
    await pool.dismiss();
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('has working workers again after it was dismissed, and rejects what still waited for the old ones', async () => {
    const pool = new WorkerPool();
    await pool.provide(1);
    const waiting = expect(pool.ask('sent', () => ({ type: 'connect' }))).rejects.toThrow('the workers were dismissed');
    await pool.dismiss();
    await waiting;
    await pool.provide(1);
    expect(await prepare(pool, shares('websocket', 1))).toHaveLength(1);
    await pool.dismiss();
  });

  it('counts connections that nobody answers, and runs another trial afterwards', async () => {
    const pool = new WorkerPool();
    await pool.provide(2);
    for (let trial = 0; trial < 2; trial++) {
      await prepare(pool, shares('websocket', 2));
      await pool.ask('connected', () => ({ type: 'connect' }));
      const window = windowFrom(monotonicClock().nowUs(), workload.phases);
      await pool.ask('sent', () => ({ type: 'go', windows: [[window]] }));
      const done = await pool.ask('done', () => ({ type: 'drain', owed: [0], toUs: window.drainToUs }));
      expect(done).toHaveLength(2);
      const tally = new Tally();
      for (const { sides } of done) for (const part of sides) tally.add(Tally.decode(part.tally));
      expect(tally.connectFailed).toBe(2);
      expect(tally.errors.get('connect:ECONNREFUSED')).toBe(2);
      expect(tally.sent).toBe(0);
    }
    await pool.dismiss();
  });
});
