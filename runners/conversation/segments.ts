/** Segments of a recorded conversation between two moments at which nothing was on its way, and the bytes of their headers. */

import type { Segments } from '../../core/layers/layers.js';
import type { Offsets, ReceivedSoFar, RecordingRelay } from './recording-relay.js';
import type { Received } from './tcp-info.js';

/** How much has passed so far: as the relay saw it, and as the kernel counted it, or why it could not. */
export interface Passed {
  readonly offsets: Offsets;
  readonly received: ReceivedSoFar | Error;
}

export async function passedBy(relay: RecordingRelay): Promise<Passed> {
  const received = await relay.received().catch((error: Error) => error);
  return { offsets: relay.offsets(), received };
}

/** Of each direction, with the most payload that a segment may have. */
export interface SegmentsBetween {
  readonly in: Segments;
  readonly out: Segments;
  readonly maxSegmentBytes: number;
}

/** It may not be so another time. */
export class Disturbed extends Error {}

/** @returns an Error, the end of a sentence that begins with what could not be counted, where the kernel's count is no use. */
export function segmentsBetween(from: Passed, to: Passed): SegmentsBetween | Error {
  const { received: before } = from;
  const { received: after } = to;
  if (before instanceof Error) return before;
  if (after instanceof Error) return after;
  let maxSegmentBytes = 0;
  let disturbed: Disturbed | undefined;
  const way = (direction: 'in' | 'out'): Segments => {
    let [segments, headerBytes] = [0, 0];
    for (const [place, { [direction]: bytes }] of to.offsets.entries()) {
      const relayed = bytes - (from.offsets[place]?.[direction] ?? 0);
      const counted = difference(before[place]?.[direction], after[place]?.[direction]);
      // A connection that was closed long ago, such as that of long-polling before an upgrade.
      if (counted === undefined && relayed === 0) continue;
      if (counted === undefined) disturbed = new Disturbed('a connection was opened or closed meanwhile');
      else if (counted.payloadBytes !== relayed)
        disturbed = new Disturbed('something was on its way while it was counted');
      else {
        segments += counted.segments;
        headerBytes += counted.segments * counted.headerBytes;
        maxSegmentBytes = Math.max(maxSegmentBytes, counted.maxSegmentBytes);
      }
    }
    return { segments, headerBytes };
  };
  const between = { in: way('in'), out: way('out'), maxSegmentBytes: 0 };
  return disturbed ?? { ...between, maxSegmentBytes };
}

function difference(before: Received | undefined, after: Received | undefined): Received | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [segments, payloadBytes] = [after.segments - before.segments, after.payloadBytes - before.payloadBytes];
  return { ...after, segments, payloadBytes };
}
