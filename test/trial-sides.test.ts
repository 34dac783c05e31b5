/** One trial with several sides: their servers run at once and take turns under the same load. */

import { describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { planFork } from '../dist/runners/ab/fork-plan.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { prepare } from '../dist/runners/run/prepare.js';
import type { TrialSide } from '../dist/runners/run/served-sides.js';
import { destinationAddresses } from '../dist/runners/run/socket-limits.js';
import { runTrial } from '../dist/runners/run/trial-run.js';
import { WorkerPool } from '../dist/runners/workers/worker-pool.js';

const workload: Workload = {
  kind: 'echo',
  connections: 4,
  publishers: 4,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 100, drainMs: 10_000 },
  connect: { ratePerSecond: 1000, timeoutMs: 5000 },
};

describe('a trial', () => {
  it('lets three targets of different protocols take turns, and gives each a line of its own', async () => {
    const targets = ['ws', 'socketio-websocket', 'ws-again'];
    const scenario = { name: 'x', question: '', targets: targets.slice(0, 2), workloads: [workload], trials: 1 };
    const { participants } = await prepare(scenario, []);
    const [ws, socketio] = [...participants.values()];
    const sideOf = (participant: typeof ws, i: number): TrialSide => ({
      trial: { id: i + 1, block: 1, target: targets[i]!, workload, seed: 7 },
      participant: participant!,
      addresses: destinationAddresses(workload, participant!.target.transport),
    });
    const pool = new WorkerPool();
    const { lines } = await runTrial(
      {
        sides: [sideOf(ws, 0), sideOf(socketio, 1), sideOf(ws, 2)],
        workers: 1,
        pool,
        cores: divideCores(),
        clock: monotonicClock(),
        takeTurns: (startUs) => planFork(startUs, workload.phases, 2, 3),
      },
      1,
      new AbortController().signal,
    );
    await pool.dismiss();
    expect(lines.map(({ target }) => target)).toEqual(targets);
    expect(lines.map(({ protocol }) => protocol)).toEqual(['websocket', 'socketio', 'websocket']);
    // All are valid or none is; which it is, is up to the machine.
    expect(new Set(lines.map(({ valid }) => valid)).size).toBe(1);
    for (const { counts, seconds, fork, deliveredPerSecond, latencyUs } of lines) {
      expect(seconds).toBeCloseTo(0.16, 9);
      expect(fork).toBeUndefined();
      expect(counts.sent).toBeGreaterThan(0);
      expect(counts).toMatchObject({ owed: counts.sent, delivered: counts.sent, lost: 0, duplicated: 0 });
      expect(deliveredPerSecond * seconds).toBeLessThanOrEqual(counts.sent);
      expect(latencyUs.service.count).toBeLessThanOrEqual(counts.sent);
    }
  });
});
