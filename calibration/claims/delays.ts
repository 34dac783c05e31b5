/** Claims that latencies are correct: the harness shows the known distribution by which a server delays its answers. */

import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import type { Held } from '../behaviours/holding-server.js';
import { type Claim, echoes, evenly, within } from '../claim.js';

const ratePerSecond = 2_000;
/** The server is compiled by then. */
const warmupMs = 600;
/** Short, so that few trials are disturbed: ground truth and measurement are of the same messages, however many. */
const measureMs = { full: 1_500, quick: 600 } as const;
const p50ToleranceUs = 100;
const p99ToleranceUs = 500;
const p99Tolerance = 0.02;

const distributions = [
  { server: 'hold-constant', title: 'held for 5 ms' },
  { server: 'hold-uniform', title: 'held for 1 to 9 ms' },
  { server: 'hold-bimodal', title: 'held for 1 or 20 ms' },
  { server: 'hold-heavy-tail', title: 'held by a heavy tail' },
] as const;

export const delayClaims: readonly Claim[] = distributions.map(({ server, title }) => ({
  name: 'delays',
  title,
  check: async (rig, pace) => {
    const workload = echoes(evenly(ratePerSecond), measureMs[pace], { phases: { warmupMs } });
    const { line, groundTruth } = await rig.spinning<Held>(server, workload);
    const held = decodeHistogram(groundTruth.heldUs);
    const [p50, p99] = [held.quantile(0.5), held.quantile(0.99)];
    const { service } = line.latencyUs;
    return [
      within(`${title}: p50`, p50, p50ToleranceUs, service.p50),
      within(`${title}: p99`, p99, Math.max(p99ToleranceUs, p99Tolerance * p99), service.p99),
    ];
  },
}));
