/**
 * An echo server whose event loop stops once for a known time, within the measured window. It sends back whole reads on a
 * bare socket, so that what piled up meanwhile is sent at once: catching up would be a stall that nobody measured.
 */

import { Header, readHeader } from '../../core/payload/message.js';
import type { Target } from '../../core/target.js';
import { bareServer } from './bare-server.js';
import { payloadAt } from './unmasker.js';

export interface Stalled {
  /** How long it really stopped; 0 if it never did. */
  readonly stalledUs: number;
}

/** After the first message of the measured window. */
const afterMs = 800;

export function stallingServer(stallMs: number): Target {
  return bareServer('websocket', () => {
    const header = new Header();
    let awaited = true;
    let stalledUs = 0;
    const stall = (): void => {
      const fromMs = performance.now();
      while (performance.now() - fromMs < stallMs);
      stalledUs = (performance.now() - fromMs) * 1000;
    };
    return {
      frames(socket, frames) {
        socket.write(frames);
        if (awaited && readHeader(frames, payloadAt(frames, 0), header) && header.measured) {
          awaited = false;
          setTimeout(stall, afterMs);
        }
      },
      account: () => ({ stalledUs }) satisfies Stalled,
    };
  });
}
