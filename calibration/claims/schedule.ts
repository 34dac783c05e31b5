/**
 * Claims that messages leave when the schedule says. The send times are those that the server read in the
 * messages; they are compared with what the schedule should be, not with what the harness thinks was due.
 */

import type { Counted } from '../behaviours/known-server.js';
import { atRandom, below, type Claim, echoes, evenly, expecting } from '../claim.js';
import { behindGrid, exponentialP, gapsOf, quantileOf } from './goodness-of-fit.js';

interface Clocked extends Counted {
  /** Of the messages of the measured window, in the order in which they arrived. */
  readonly sentUs: readonly number[];
}

const evenPerSecond = 10_000;
/** Gaps of 1 ms on average: against these, the microseconds by which a message may be late do not bend the shape. */
const randomPerSecond = 1_000;
const evenMs = 1_000;
const randomMs = { full: 4_000, quick: 1_200 } as const;
const lagP50LimitUs = 25;
const lagP99LimitUs = 200;
const leastP = 0.001;

export const scheduleClaims: readonly Claim[] = [
  {
    name: 'schedule',
    title: 'even schedule at 10,000/s',
    // A pause of 10 ms is the whole of a p99 over 1 s, and the claim is about a core that nobody takes away.
    wholeCore: true,
    check: async (rig) => {
      const { line, groundTruth } = await rig.known<Clocked>('clocking', echoes(evenly(evenPerSecond), evenMs));
      const behindUs = behindGrid(groundTruth.sentUs, 1e6 / evenPerSecond);
      const { sendLagUs } = line.runner;
      return [
        below('even schedule, 10,000/s: p99 behind the grid', lagP99LimitUs, quantileOf(behindUs, 0.99)),
        below('send lag at 10,000/s: p50', lagP50LimitUs, sendLagUs.p50),
        below('send lag at 10,000/s: p99', lagP99LimitUs, sendLagUs.p99),
      ];
    },
  },
  {
    name: 'schedule',
    title: 'Poisson schedule',
    check: async (rig, pace) => {
      const { groundTruth } = await rig.known<Clocked>('clocking', echoes(atRandom(randomPerSecond), randomMs[pace]));
      const p = exponentialP(gapsOf(groundTruth.sentUs), 1e6 / randomPerSecond);
      const claim = 'Poisson schedule: gaps are exponential (Kolmogorov-Smirnov)';
      return [expecting(claim, `p > ${leastP}`, `p = ${p.toPrecision(2)}`, p > leastP)];
    },
  },
];
