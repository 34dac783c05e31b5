/** Noise: by how much equal trials of one server differ on this machine, and so which change how many trials reveal. */

import type { Noise } from '../../core/measure/calibration.js';
import { type Claim, echoes, inFlight } from '../claim.js';

const target = 'ws';
const repeats = { full: 8, quick: 4 } as const;
const measureMs = { full: 1_500, quick: 400 } as const;
/** Trials of each side in a usual comparison. */
const trials = 10;
/** Standard normal quantiles: a two-sided test at 5 % that misses one change in five. */
const power = 1.96 + 0.84;

/**
 * From the rates of equal trials in the order in which they ran: neighbours are the two sides of a comparison, so that a
 * machine that drifts slowly does not count as noise (von Neumann's mean square of successive differences).
 */
export function noiseOf(rates: readonly number[]): Noise {
  const steps = rates.slice(1).map((rate, i) => Math.log(rate / (rates[i] ?? Number.NaN)));
  const lnRatioDeviation = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
  const visible = Math.expm1((power * lnRatioDeviation) / Math.sqrt(trials));
  return { lnRatioDeviation, visiblePercent: 100 * visible, trials };
}

export function noiseClaim(keep: (noise: Noise) => void): Claim {
  return {
    name: 'noise',
    title: 'noise between equal trials',
    check: async (rig, pace) => {
      const rates: number[] = [];
      for (let i = 0; i < repeats[pace]; i++)
        rates.push((await rig.shipped(target, echoes(inFlight(1), measureMs[pace]))).deliveredPerSecond);
      const claim = `noise: ${rates.length} equal trials of ${target}`;
      if (rates.some((rate) => rate === 0))
        return [{ claim, groundTruth: '-', measured: 'a trial delivered nothing', outcome: 'fails' }];
      const noise = noiseOf(rates);
      keep(noise);
      const spread = (100 * Math.expm1(noise.lnRatioDeviation)).toFixed(1);
      const visible = noise.visiblePercent.toFixed(1);
      const measured = `${spread} % apart: ${trials} trials of each side reveal a change of ${visible} %`;
      return [{ claim, groundTruth: '-', measured, outcome: 'noted' }];
    },
  };
}
