/**
 * Claims that the receive wait is what the generator adds to a burst: a server notes when it wrote a message to each of
 * many receivers, and our latency is longer by as long as deliveries lay readable before they were read.
 */

import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import { formatCount, formatDuration } from '../../core/units.js';
import { type Claim, echoes, evenly, expecting, type Finding } from '../claim.js';
import type { Wrote } from '../servers/burst.js';

const sizeBytes = 128;
/** Few enough a second that the server has written one to everyone before the next. */
const bursts = [
  { receivers: 1_000, perSecond: 25 },
  { receivers: 5_000, perSecond: 5 },
] as const;
const phases = { full: { warmupMs: 1_000, measureMs: 3_000 }, quick: { warmupMs: 600, measureMs: 1_200 } } as const;
/** Of our latency. */
const tolerance = 0.1;

/** Ours must be what the server says and the wait, which is known between two bounds; all in us. */
function explained(
  claim: string,
  oursUs: number,
  wroteUs: number,
  waitAtLeastUs: number,
  waitAtMostUs: number,
): Finding {
  const toleranceUs = tolerance * oursUs;
  const [least, most] = [wroteUs + waitAtLeastUs - toleranceUs, wroteUs + waitAtMostUs + toleranceUs];
  const wait = `${formatDuration(waitAtLeastUs)} to ${formatDuration(waitAtMostUs)}`;
  const groundTruth = `${formatDuration(wroteUs)} + wait of ${wait}, ± 10 %`;
  return expecting(claim, groundTruth, formatDuration(oursUs), oursUs >= least && oursUs <= most);
}

export const burstClaims: readonly Claim[] = bursts.map(({ receivers, perSecond }) => {
  const title = `burst to ${formatCount(receivers, 'receiver')}`;
  return {
    name: 'burst',
    title,
    check: async (rig, pace) => {
      const workload = echoes(evenly(perSecond), phases[pace].measureMs, {
        kind: 'broadcast',
        connections: receivers,
        publishers: 1,
        payload: { sizeBytes, type: 'text' },
        phases: phases[pace],
      });
      const { line, groundTruth } = await rig.spinning<Wrote>('burst', workload);
      const { latencyUs, receiveWaitUs: wait } = line;
      const [each, last] = [groundTruth.eachUs, groundTruth.lastUs].map((encoded) => decodeHistogram(encoded));
      if (wait?.last === undefined || latencyUs.last === undefined || each === undefined || last === undefined)
        return [{ claim: title, groundTruth: 'a receive wait', measured: 'none', outcome: 'wrong' }];
      const { atLeast, atMost } = wait.last;
      return [
        explained(`${title}: mean`, latencyUs.service.mean, each.mean, wait.atLeast.mean, wait.atMost.mean),
        explained(`${title}: last, median`, latencyUs.last.p50, last.quantile(0.5), atLeast.p50, atMost.p50),
      ];
    },
  };
});
