/**
 * An echo server that holds each message for a delay of a known distribution, and records in a histogram how long it
 * really held those of the measured window: from reading a message to handing the answer to the kernel.
 */

import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { Histogram } from '../../core/measure/histogram.js';
import { encodeHistogram } from '../../core/measure/histogram-encoding.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { type Random, seededRandom } from '../../core/random.js';
import type { Target } from '../../core/target.js';
import { bareServer } from './bare-server.js';
import { payloadAt, unmaskedFrameBytes } from './unmasker.js';

/** Us, of a seeded random source. */
export type Delay = (random: Random) => number;

export function constantDelay(us: number): Delay {
  return () => us;
}

export function uniformDelay(fromUs: number, toUs: number): Delay {
  return (random) => fromUs + (toUs - fromUs) * random.next();
}

/** `slowShare` of all messages take `slowUs`, the others `fastUs`. */
export function bimodalDelay(fastUs: number, slowUs: number, slowShare: number): Delay {
  return (random) => (random.next() < slowShare ? slowUs : fastUs);
}

/** Pareto: P(delay > x) = (leastUs / x) ^ shape, cut off at `mostUs`. */
export function paretoDelay(leastUs: number, shape: number, mostUs: number): Delay {
  return (random) => Math.min(mostUs, leastUs / (1 - random.next()) ** (1 / shape));
}

export interface Held {
  /** Encoded histogram. */
  readonly heldUs: string;
}

interface Message {
  readonly socket: Socket;
  readonly frame: Buffer;
  readonly arrivedUs: number;
  readonly dueUs: number;
}

const nowUs = (): number => performance.now() * 1000;
/**
 * The server has one core. V8's threads that optimise code would take it for milliseconds at a time from a main thread
 * that spins, and messages that wait for them have not been held by us. (Flags of its garbage collector must not be
 * changed in a running process: it aborts.)
 */
const unoptimised = ['--no-opt', '--no-maglev'];

const seed = 20_061;
/** Sockets are read so often; each turn leaves garbage, and collecting it would hold messages that are not here yet. */
const turnUs = 20;

export function holdingServer(delay: Delay): Target {
  return bareServer('websocket', () => {
    for (const flag of unoptimised) setFlagsFromString(flag);
    const random = seededRandom(seed);
    const heldUs = new Histogram();
    const header = new Header();
    /** The next one due is last. */
    const waiting: Message[] = [];
    let spinning = false;

    /** Spins, a turn of the event loop at a time: a timer would be up to a millisecond late. */
    const release = (): void => {
      const turnEndUs = nowUs() + turnUs;
      for (let us = 0, next = waiting.at(-1); us < turnEndUs && next; ) {
        us = nowUs();
        if (us < next.dueUs) continue;
        const { socket, frame, arrivedUs } = next;
        waiting.pop();
        next = waiting.at(-1);
        socket.write(frame);
        if (readHeader(frame, payloadAt(frame, 0), header) && header.measured) heldUs.record(nowUs() - arrivedUs);
      }
      spinning = waiting.length > 0;
      if (spinning) setImmediate(release);
    };

    const hold = (message: Message): void => {
      const before = waiting.findLastIndex((other) => other.dueUs >= message.dueUs);
      waiting.splice(before + 1, 0, message);
    };

    return {
      frames(socket, frames) {
        const arrivedUs = nowUs();
        for (let at = 0; at < frames.length; ) {
          const end = at + unmaskedFrameBytes(frames, at);
          hold({ socket, frame: frames.subarray(at, end), arrivedUs, dueUs: arrivedUs + delay(random) });
          at = end;
        }
        if (spinning) return;
        spinning = true;
        setImmediate(release);
      },
      account: () => ({ heldUs: encodeHistogram(heldUs) }) satisfies Held,
    };
  });
}
