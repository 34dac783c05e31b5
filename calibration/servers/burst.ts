/** Writes each message to everyone, one after the other, and notes when it had written it to each and to the last. */

import { Histogram } from '../../core/measure/histogram.js';
import { encodeHistogram } from '../../core/measure/histogram-encoding.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { monotonicClock } from '../../runners/machine/monotonic-clock.js';
import { bareServer } from '../behaviours/bare-server.js';
import { payloadAt, unmaskedFrameBytes } from '../behaviours/unmasker.js';

/** Encoded histograms of measured messages. */
export interface Wrote {
  /** Of each delivery, since the message was sent. */
  readonly eachUs: string;
  /** Of the last delivery of each message, since it was due. */
  readonly lastUs: string;
}

export default {
  ...bareServer('websocket', ({ membership }) => {
    const clock = monotonicClock();
    const header = new Header();
    const [each, last] = [new Histogram(), new Histogram()];

    const writeToAll = (frame: Buffer): void => {
      const isMessage = readHeader(frame, payloadAt(frame, 0), header);
      let nowUs = 0;
      for (const receiver of membership.everyone) {
        receiver.write(frame);
        nowUs = clock.nowUs();
        if (isMessage && header.measured) each.record(nowUs - header.sentUs);
      }
      if (isMessage && header.measured) last.record(nowUs - header.dueUs);
    };

    return {
      frames(_socket, frames) {
        for (let at = 0; at < frames.length; ) {
          const end = at + unmaskedFrameBytes(frames, at);
          writeToAll(frames.subarray(at, end));
          at = end;
        }
      },
      account: () => ({ eachUs: encodeHistogram(each), lastUs: encodeHistogram(last) }) satisfies Wrote,
    };
  }),
  kinds: ['broadcast'] as const,
};
