/**
 * Owns the bytes of messages that ask to be acknowledged: besides the header, the id is rewritten for each. The id is
 * the sequence number in ten digits, so that it always takes the same place; servers read it as a number.
 */

import { type FrameOfMessage, FrameTemplate, offsetOnWire } from './frame-template.js';
import { maskByte } from './frame.js';

/** As many as the largest sequence number has. */
export const ackIdDigits = 10;

const zero = 0x30;

class AcknowledgedTemplate extends FrameTemplate {
  readonly #lastDigitAt: number;

  constructor(frames: readonly FrameOfMessage[], ackIdAt: number) {
    super(frames);
    this.#lastDigitAt = ackIdAt + ackIdDigits - 1;
  }

  override write(
    slot: number,
    sender: number,
    sequence: number,
    dueUs: number,
    sentUs: number,
    measured: boolean,
  ): void {
    super.write(slot, sender, sequence, dueUs, sentUs, measured);
    const { bytes } = this;
    const last = slot * this.slotBytes + this.#lastDigitAt;
    let rest = sequence;
    for (let at = last; at > last - ackIdDigits; at--) {
      const higher = Math.floor(rest / 10);
      bytes[at] = (zero + rest - 10 * higher) ^ maskByte;
      rest = higher;
    }
  }
}

/** The template for `frames`, which rewrites an id only where one of them has it. */
export function templateOf(frames: readonly FrameOfMessage[]): FrameTemplate {
  const ackIdAt = offsetOnWire(frames, (frame) => frame.ackIdAt);
  return ackIdAt === undefined ? new FrameTemplate(frames) : new AcknowledgedTemplate(frames, ackIdAt);
}
