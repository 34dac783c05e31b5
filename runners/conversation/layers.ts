/** Looks at the layers of a trial's server, which is still there: a recorded conversation, and the CPU of its profile. */

import { layeredCpu } from '../../core/layers/cpu-layers.js';
import { eachAmount } from '../../core/layers/layers.js';
import type { ProfileReading } from '../../core/profile/profile-reading.js';
import type { Layers } from '../../core/result.js';
import type { Clock } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import { settings } from '../../core/target.js';
import { converse } from './conversation.js';

const minuteMs = 60_000;
/** Of a server whose heartbeat is to be recorded: it is not waited for as long as usual. */
export const recordedHeartbeatMs = 1_000;

/** Samples of the profile while it is measured: few, because the figures of the trial are told beside it. */
export const layersProfile = { intervalUs: 500 };

/**
 * @param share of all connections. @param delivered while the profile was taken.
 * @throws Error in one sentence when the server does not answer.
 */
export async function layersOf(
  share: Share,
  clock: Clock,
  profile: ProfileReading | undefined,
  delivered: number,
): Promise<Layers> {
  // A user's own server has a heartbeat of its own, which may be long.
  const waitMs = share.endpoint ? 0 : (share.options?.heartbeatMs ?? recordedHeartbeatMs);
  const { message, heartbeat } = await converse(share, clock, waitMs);
  const inMinute = (bytes: number): number => (minuteMs / settings.heartbeatMs) * bytes;
  return {
    bytesIn: message.in,
    bytesOut: message.out,
    ...(heartbeat && {
      idleBytesIn: eachAmount(heartbeat.in, inMinute),
      idleBytesOut: eachAmount(heartbeat.out, inMinute),
    }),
    framesIn: message.framesIn,
    framesOut: message.framesOut,
    cpuUs: profile && layeredCpu(profile, delivered),
  };
}
