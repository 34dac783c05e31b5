/**
 * Claims that times are correct: latencies, of answers that a server delays by a known distribution, and the stages of a
 * connection, before each of which it waits.
 */

import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import type { Held } from '../behaviours/holding-server.js';
import { type Claim, echoes, evenly, within } from '../claim.js';
import type { Waited } from '../servers/slow-opening.js';

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

const opening = { ratePerSecond: 100, measureMs: { full: 2_000, quick: 800 }, warmupMs: 200 } as const;
const openingToleranceUs = 2_000;

export const stagesClaim: Claim = {
  name: 'stages',
  title: 'stages of a slow opening',
  check: async (rig, pace) => {
    const { ratePerSecond, warmupMs, measureMs } = opening;
    const connections = (ratePerSecond * (warmupMs + measureMs[pace])) / 1000;
    const part = { kind: 'connect', connections, publishers: connections, phases: { warmupMs } } as const;
    const workload = echoes(evenly(ratePerSecond), measureMs[pace], part);
    const { line, groundTruth } = await rig.known<Waited>('slow-opening', workload);
    const upgradeUs = decodeHistogram(groundTruth.upgradeUs).quantile(0.5);
    const connectUs = decodeHistogram(groundTruth.connectUs).quantile(0.5);
    const { websocket, socketio } = line.connectUs;
    return [
      within('waits before the upgrade: websocket p50', upgradeUs, openingToleranceUs, websocket?.p50 ?? 0),
      within('and before the connect: socketio p50', upgradeUs + connectUs, openingToleranceUs, socketio?.p50 ?? 0),
    ];
  },
};
