/** Hands over what a user's own server sends unasked: that it came, and when the server says that it sent it. */

import type { ClientSetup } from '../../../core/client.js';
import { type SentAt, stampUnits } from '../../../core/exchange/endpoint.js';
import type { Clock } from '../../../core/schedule.js';

/** Further from now than this, in us, is no time of sending: another unit, or another clock. */
const oldestUs = 60e6;
const youngestUs = -1e6;
const ticks = 5;

export class OwnPushes {
  /** Of the wall clock before the clock of the trial. */
  readonly #aheadUs: number;

  constructor(
    private readonly setup: ClientSetup,
    private readonly sentAt: SentAt | undefined,
  ) {
    this.#aheadUs = sentAt ? wallClockAheadUs(setup.clock) : 0;
  }

  /** What stands between `start` and `end` is the arguments of an event as JSON, or a message. @returns true. */
  deliver(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    const { inbox } = this.setup;
    if (this.sentAt === undefined) {
      inbox.pushed(receiver, receivedUs, undefined);
      return true;
    }
    const sentUs = this.#sentUs(bytes, start, end, this.sentAt);
    const ageUs = receivedUs - sentUs;
    if (ageUs > youngestUs && ageUs < oldestUs) inbox.pushed(receiver, receivedUs, sentUs);
    else inbox.unrecognised(receiver, bytes, start, end);
    return true;
  }

  /** On the clock of the trial; NaN where there is none. */
  #sentUs(bytes: Uint8Array, start: number, end: number, { keys, unit }: SentAt): number {
    let found: unknown;
    try {
      const json: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString());
      found = this.setup.protocol === 'socketio' ? (json as unknown[])[0] : json;
    } catch {
      return Number.NaN;
    }
    for (const key of keys) found = Object(found)[key];
    const stampUs = typeof found === 'number' ? found * stampUnits[unit] : Date.parse(String(found)) * stampUnits.ms;
    return stampUs - this.#aheadUs;
  }
}

/**
 * How much the wall clock is ahead of `clock`, in us; blocks for a few ms. The wall clock is read in whole ms, so its ticks
 * are waited for: the largest of several differences is that of the tick that was seen soonest.
 */
function wallClockAheadUs(clock: Clock): number {
  let aheadUs = Number.NEGATIVE_INFINITY;
  for (let tick = 0; tick < ticks; tick++) {
    const beforeMs = Date.now();
    let nowMs = beforeMs;
    while (nowMs === beforeMs) nowMs = Date.now();
    aheadUs = Math.max(aheadUs, nowMs * 1000 - clock.nowUs());
  }
  return aheadUs;
}
