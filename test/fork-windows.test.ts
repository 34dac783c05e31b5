import { describe, expect, it } from 'vitest';
import { sides } from '../dist/core/plan.js';
import { type ForkPlan, firstSide, isMeasured, measuredSeconds, planFork } from '../dist/runners/ab/fork-plan.js';

const startUs = 1_000_000;

/** All windows in order of time, A for the side that begins. */
function sequence({ windows }: ForkPlan, first: 'base' | 'head'): string {
  return sides
    .flatMap((side) => windows[side].map((window) => ({ atUs: window.startUs, name: side === first ? 'A' : 'B' })))
    .sort((a, b) => a.atUs - b.atUs)
    .map(({ name }) => name)
    .join('');
}

describe('the plan of a fork', () => {
  it('alternates between the sides and reverses the order every other pair', () => {
    expect(sequence(planFork(startUs, 0, 'base', 4), 'base')).toBe('ABBAABBA');
    expect(sequence(planFork(startUs, 0, 'head', 3), 'head')).toBe('ABBAAB');
  });

  it('gives each window 10 ms of quiet, 30 ms to settle and 80 ms that are measured', () => {
    const { windows, measureFromUs, endUs } = planFork(startUs, 0, 'base', 1);
    expect(windows.base).toEqual([
      { startUs: 1_010_000, measureFromUs: 1_040_000, measureToUs: 1_120_000, drainToUs: 1_130_000 },
    ]);
    expect(windows.head).toEqual([
      { startUs: 1_130_000, measureFromUs: 1_160_000, measureToUs: 1_240_000, drainToUs: 1_250_000 },
    ]);
    expect(measuredSeconds).toBe(0.08);
    expect([measureFromUs, endUs]).toEqual([startUs, 1_240_000]);
  });

  it('never has both sides sending at once, and wastes no time between them', () => {
    const { windows, endUs } = planFork(startUs, 1_000, 'head', 10);
    const all = [...windows.base, ...windows.head].sort((a, b) => a.startUs - b.startUs);
    for (const [i, window] of all.entries()) {
      const nextUs = all[i + 1]?.startUs ?? endUs + 10_000;
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
    const { windows, startUs: fromUs, measureFromUs } = planFork(startUs, warmupMs, 'base', 10);
    for (const side of sides) {
      expect(windows[side].map(isMeasured)).toEqual([...Array(warming).fill(false), ...Array(10).fill(true)]);
    }
    expect(measureFromUs - fromUs).toBe(2 * warming * 120_000);
  });

  it('puts each side first and second equally often, so that a machine that drifts treats both alike', () => {
    const { windows } = planFork(startUs, 1_000, 'base', 10);
    const sum = (side: 'base' | 'head'): number =>
      windows[side].filter(isMeasured).reduce((total, window) => total + window.startUs, 0);
    expect(sum('base')).toBe(sum('head'));
  });

  it('is plain JSON in whole us, whatever time it starts at', () => {
    const plan = planFork(1_000_000.4, 500, 'base', 10);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(Object.values(plan.windows.base[3]!).every(Number.isInteger)).toBe(true);
    expect(plan.startUs).toBe(1_000_001);
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
