/**
 * An echo server of a known capacity: it answers in the order of arrival, and not more than so many messages a second. Below
 * that rate it answers at once; above it, its queue grows by the difference.
 */

import type { Socket } from 'node:net';
import type { Target } from '../../core/target.js';
import { bareServer } from './bare-server.js';
import { unmaskedFrameBytes } from './unmasker.js';

interface Waiting {
  readonly socket: Socket;
  readonly frame: Buffer;
  /** It waits for its own turn and not for that of the event loop, so that a pause of the process takes nothing of the rate. */
  readonly dueUs: number;
}

const nowUs = (): number => performance.now() * 1000;

export function limitedServer(answersPerSecond: number): Target {
  const gapUs = 1e6 / answersPerSecond;
  return bareServer('websocket', () => {
    const queue: Waiting[] = [];
    let first = 0;
    let lastDueUs = 0;
    let answering = false;

    /** A turn of the event loop at a time: a timer would be up to a millisecond late. */
    const answer = (): void => {
      const us = nowUs();
      for (let next = queue[first]; next && next.dueUs <= us; next = queue[++first]) next.socket.write(next.frame);
      answering = first < queue.length;
      if (answering) setImmediate(answer);
      else first = queue.length = 0;
    };

    return {
      frames(socket, frames) {
        const us = nowUs();
        for (let at = 0; at < frames.length; ) {
          const end = at + unmaskedFrameBytes(frames, at);
          lastDueUs = Math.max(us, lastDueUs + gapUs);
          queue.push({ socket, frame: frames.subarray(at, end), dueUs: lastDueUs });
          at = end;
        }
        if (!answering) answer();
      },
    };
  });
}
