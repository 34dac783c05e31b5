import { describe, expect, it } from 'vitest';
import { firstSide, planFork } from '../dist/runners/ab/fork-plan.js';
import type { TrialPlan } from '../dist/runners/run/trial-run.js';
import { isMeasured } from '../dist/runners/workers/window-meter.js';

const startUs = 1_000_000;
const warmUp = (warmupMs: number) => ({ warmupMs, measureMs: 0, drainMs: 500 });

/** All windows in order of time, A for the side that begins. */
function sequence({ windows }: TrialPlan): string {
  return windows
    .flatMap((own, side) => own.map(({ startUs }) => ({ startUs, name: 'ABCDEF'[side] })))
    .sort((a, b) => a.startUs - b.startUs)
    .map(({ name }) => name)
    .join('');
}

describe('the plan of a fork', () => {
  it('alternates between the sides and reverses the order every other pair', () => {
    expect(sequence(planFork(startUs, warmUp(0), 4))).toBe('ABBAABBA');
    expect(sequence(planFork(startUs, warmUp(0), 3))).toBe('ABBAAB');
  });

  it('lets more than two sides take turns the same way', () => {
    const plan = planFork(startUs, warmUp(0), 4, 6);
    expect(sequence(plan)).toBe('ABCDEFFEDCBAABCDEFFEDCBA');
    const means = plan.windows.map((own) => own.reduce((sum, window) => sum + window.startUs, 0) / own.length);
    expect(new Set(means).size).toBe(1);
  });

  it('gives each window 10 ms of quiet, 30 ms to settle and 80 ms that are measured', () => {
    const { windows, span, measuredShare } = planFork(startUs, warmUp(0), 1);
    expect(windows).toEqual([
      [{ startUs: 1_010_000, measureFromUs: 1_040_000, measureToUs: 1_120_000, drainToUs: 1_130_000 }],
      [{ startUs: 1_130_000, measureFromUs: 1_160_000, measureToUs: 1_240_000, drainToUs: 1_250_000 }],
    ]);
    expect(measuredShare).toBe(80 / 110);
    expect(span).toEqual({ startUs, measureFromUs: startUs, measureToUs: 1_240_000, drainToUs: 1_740_000 });
  });

  it('never has both sides sending at once, and wastes no time between them', () => {
    const { windows, span } = planFork(startUs, warmUp(1_000), 10);
    const all = windows.flat().sort((a, b) => a.startUs - b.startUs);
    for (const [i, window] of all.entries()) {
      const nextUs = all[i + 1]?.startUs ?? span.measureToUs + 10_000;
      expect(nextUs - window.measureToUs).toBe(10_000);
      expect(window.drainToUs).toBeLessThanOrEqual(nextUs);
    }
  });

  it.each([
    [0, 0],
    [1, 1],
    [240, 2],
    [480, 4],
    [10_000, 4],
  ])('warms each side up for %i ms in %i windows that measure nothing', (warmupMs, warming) => {
    const { windows, span } = planFork(startUs, warmUp(warmupMs), 10);
    expect(windows).toHaveLength(2);
    for (const own of windows)
      expect(own.map(isMeasured)).toEqual([...Array(warming).fill(false), ...Array(10).fill(true)]);
    expect(span.measureFromUs - span.startUs).toBe(2 * warming * 120_000);
  });

  it('puts each side first and second equally often, so that a machine that drifts treats both alike', () => {
    const [first, second] = planFork(startUs, warmUp(1_000), 10).windows.map((own) =>
      own.filter(isMeasured).reduce((total, window) => total + window.startUs, 0),
    );
    expect(first).toBeGreaterThan(0);
    expect(first).toBe(second);
  });

  it('is plain JSON in whole us, whatever time it starts at', () => {
    const plan = planFork(1_000_000.4, warmUp(500), 10);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(Object.values(plan.windows[0]![3]!).every(Number.isInteger)).toBe(true);
    expect(plan.span.startUs).toBe(1_000_001);
  });
});

describe('the side that begins', () => {
  it('is the same for the same seed and fork, and either one about as often over many forks', () => {
    const firsts = Array.from({ length: 1_000 }, (_, fork) => firstSide(7, fork + 1));
    expect(firsts).toEqual(Array.from({ length: 1_000 }, (_, fork) => firstSide(7, fork + 1)));
    const bases = firsts.filter((side) => side === 'base').length;
    expect(bases).toBeGreaterThan(420);
    expect(bases).toBeLessThan(580);
  });

  it('differs between seeds', () => {
    const order = (seed: number): string =>
      Array.from({ length: 40 }, (_, fork) => firstSide(seed, fork + 1)[0]).join('');
    expect(new Set([1, 2, 3, 4].map(order)).size).toBe(4);
  });
});
