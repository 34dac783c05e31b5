/** Looks at the layers of a trial's server, which is still there: a recorded conversation, and the CPU of its profile. */

import { layeredCpu } from '../../core/layers/cpu-layers.js';
import { eachAmount, type Segments } from '../../core/layers/layers.js';
import type { Reason } from '../../core/measure/reason.js';
import type { ProfileReading } from '../../core/profile/profile-reading.js';
import type { Layers } from '../../core/result.js';
import type { Clock } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import { cut } from '../../core/stored-value.js';
import { settings } from '../../core/target.js';
import { converse } from './conversation.js';

const minuteMs = 60_000;
/** Of a server whose heartbeat is to be recorded: it is not waited for as long as usual. */
export const recordedHeartbeatMs = 1_000;

/** Samples of the profile while it is measured: few, because the figures of the trial are told beside it. */
export const layersProfile = { intervalUs: 500 };

export interface LayersFound {
  readonly layers: Layers;
  /** What has to be known beside them. */
  readonly warnings: readonly Reason[];
}

/**
 * @param share of all connections. @param delivered while the profile was taken.
 * @throws Error in one sentence when the server does not answer.
 */
export async function layersOf(
  share: Share,
  clock: Clock,
  profile: ProfileReading | undefined,
  delivered: number,
): Promise<LayersFound> {
  // A user's own server has a heartbeat of its own, which may be long.
  const waitMs = share.endpoint ? 0 : (share.options?.heartbeatMs ?? recordedHeartbeatMs);
  const { message, heartbeat, maxSegmentBytes } = await converse(share, clock, waitMs);
  const inMinute = (bytes: number): number => (minuteMs / settings.heartbeatMs) * bytes;
  const segmentsInMinute = (each: Segments | undefined): Segments | undefined =>
    each && { segments: inMinute(each.segments), headerBytes: inMinute(each.headerBytes) };
  const layers: Layers = {
    bytesIn: message.in,
    bytesOut: message.out,
    ...(heartbeat && {
      idleBytesIn: eachAmount(heartbeat.in, inMinute),
      idleBytesOut: eachAmount(heartbeat.out, inMinute),
      idleTcpIn: segmentsInMinute(heartbeat.tcpIn),
      idleTcpOut: segmentsInMinute(heartbeat.tcpOut),
    }),
    framesIn: message.framesIn,
    framesOut: message.framesOut,
    tcpIn: message.tcpIn,
    tcpOut: message.tcpOut,
    ...(typeof maxSegmentBytes === 'number' && { maxSegmentBytes }),
    cpuUs: profile && layeredCpu(profile, delivered),
  };
  if (!(maxSegmentBytes instanceof Error)) return { layers, warnings: [] };
  return { layers, warnings: [{ code: 'segments-unknown', why: cut(maxSegmentBytes.message) }] };
}
