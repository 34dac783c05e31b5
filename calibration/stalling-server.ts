/** Owns an echo server whose event loop stops once for a known time, within the measured window. */

import { Header, readHeader } from '../core/message.js';
import type { Target } from '../core/target.js';
import { type Counted, knownServer } from './known-server.js';

export interface Stalled extends Counted {
  /** How long it truly stood still; 0 if it never did. */
  readonly stalledUs: number;
}

/** After the first message of the measured window. */
const afterMs = 800;

export function stallingServer(stallMs: number): Target {
  return knownServer(({ send }) => {
    const header = new Header();
    let awaited = true;
    let stalledUs = 0;
    const stall = (): void => {
      const fromMs = performance.now();
      while (performance.now() - fromMs < stallMs);
      stalledUs = (performance.now() - fromMs) * 1000;
    };
    return {
      message(socket, bytes) {
        send(socket, bytes);
        if (awaited && readHeader(bytes, 0, header) && header.measured) {
          awaited = false;
          setTimeout(stall, afterMs);
        }
      },
      account: () => ({ stalledUs }),
    };
  });
}
