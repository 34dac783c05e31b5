/** The order of trials: complete blocks, balanced places, the same again from the same seed. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan, type Trial } from '../dist/core/plan.js';
import type { Workload } from '../dist/core/scenario.js';

const workloadOf = (connections: number): Workload => ({
  kind: 'echo',
  connections,
  publishers: connections,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
});

const targetNames = ['ws', 'uws', 'socketio', 'socketio-uws', 'mine'];

/** What is to be tried, and a seed. */
const matrices = fc.record({
  targets: fc.integer({ min: 1, max: 5 }).map((n) => targetNames.slice(0, n)),
  workloads: fc.integer({ min: 1, max: 3 }).map((n) => [10, 20, 30].slice(0, n).map(workloadOf)),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

const entryOf = ({ target, workload }: Trial): string => `${target} ${workload.connections}`;

function blocksOf(trials: readonly Trial[]): string[][] {
  const blocks: string[][] = [];
  for (const trial of trials) {
    blocks[trial.block - 1] ??= [];
    blocks[trial.block - 1]!.push(entryOf(trial));
  }
  return blocks;
}

describe('a plan', () => {
  it('holds every target with every workload once in each block', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 20 }), ({ targets, workloads, seed }, repetitions) => {
        const blocks = blocksOf(plan(targets, workloads, repetitions, seed));
        const all = targets.flatMap((target) => workloads.map(({ connections }) => `${target} ${connections}`));
        expect(blocks.length).toBe(repetitions);
        for (const block of blocks) expect(block.toSorted()).toEqual(all.toSorted());
      }),
    );
  });

  it('is carried out block after block, trials numbered from 1', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 20 }), ({ targets, workloads, seed }, repetitions) => {
        const trials = plan(targets, workloads, repetitions, seed);
        expect(trials.map(({ id }) => id)).toEqual(trials.map((_, i) => i + 1));
        const size = targets.length * workloads.length;
        expect(trials.map(({ block }) => block)).toEqual(trials.map((_, i) => Math.floor(i / size) + 1));
      }),
    );
  });

  it('puts each entry at each place equally often over as many blocks as there are entries', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 3 }), ({ targets, workloads, seed }, rounds) => {
        const entries = targets.length * workloads.length;
        const blocks = blocksOf(plan(targets, workloads, entries * rounds, seed));
        for (let place = 0; place < entries; place++) {
          const times = new Map<string, number>();
          for (const block of blocks) times.set(block[place]!, (times.get(block[place]!) ?? 0) + 1);
          expect([...times.values()]).toEqual(Array(entries).fill(rounds));
        }
      }),
    );
  });

  it('never puts an entry at one place more than once more often than another', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 20 }), ({ targets, workloads, seed }, repetitions) => {
        const entries = targets.length * workloads.length;
        const blocks = blocksOf(plan(targets, workloads, repetitions, seed));
        for (const entry of blocks[0]!) {
          const times = Array(entries).fill(0);
          for (const block of blocks) times[block.indexOf(entry)]++;
          expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('is the same again from the same seed', () => {
    fc.assert(
      fc.property(matrices, ({ targets, workloads, seed }) => {
        expect(plan(targets, workloads, 5, seed)).toEqual(plan(targets, workloads, 5, seed));
      }),
    );
  });

  it('is longer, not another, with more repetitions', () => {
    const [short, long] = [3, 9].map((repetitions) => plan(targetNames, [workloadOf(1)], repetitions, 8));
    expect(long!.slice(0, short!.length)).toEqual(short);
  });

  it('differs from seed to seed, each of two targets being first about as often', () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => plan(['a', 'b'], [workloadOf(1)], 1, seed)[0]!.target);
    const times = firsts.filter((target) => target === 'a').length;
    expect(Math.abs(times - 500)).toBeLessThan(60);
  });

  it('reaches all 120 orders of five targets as the seed varies', () => {
    const orders = Array.from({ length: 2000 }, (_, seed) => plan(targetNames, [workloadOf(1)], 1, seed));
    expect(new Set(orders.map((trials) => trials.map(entryOf).join())).size).toBe(120);
  });

  it('gives each trial a seed of its own, another for another run', () => {
    const seeds = [1, 2].flatMap((seed) => plan(targetNames, [workloadOf(1)], 20, seed).map((trial) => trial.seed));
    expect(new Set(seeds).size).toBe(200);
  });
});

describe('the plan of a ladder', () => {
  const ladder = (targets: readonly string[], steps: readonly number[], repetitions: number, seed: number) =>
    plan(targets, steps.map(workloadOf), repetitions, seed, true);

  it('takes each target up all its steps, in the order of the file, before the next', () => {
    const steps = [10, 30, 20];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (targets, blocks, seed) => {
        const names = targetNames.slice(0, targets);
        for (const block of blocksOf(ladder(names, steps, blocks, seed))) {
          const order = [...new Set(block.map((entry) => entry.split(' ')[0]!))];
          expect(order.toSorted()).toEqual(names.toSorted());
          expect(block).toEqual(order.flatMap((target) => steps.map((step) => `${target} ${step}`)));
        }
      }),
    );
  });

  it('puts each target first equally often over as many blocks as there are targets', () => {
    const blocks = blocksOf(ladder(targetNames, [10, 20], 5, 3));
    expect(blocks.map(([first]) => first!.split(' ')[0]!).toSorted()).toEqual(targetNames.toSorted());
  });

  it('numbers its trials from 1 and gives each a seed of its own', () => {
    const trials = ladder(['a', 'b'], [10, 20], 2, 7);
    expect(trials.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(trials.map(({ seed }) => seed)).size).toBe(8);
  });
});
