/** Busy server: an echo server on `ws` that spends extra CPU on every message, in a loop of a known number of turns. */

import { knownServer } from '../../calibration/behaviours/known-server.js';
import type { Target } from '../../core/target.js';

/** Read by nobody; written, so that no optimiser leaves the loop out. */
let sink = 1;

function spin(turns: number): void {
  let x = sink;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 1_103_515_245) + 12_345) | 0;
  sink = x;
}

/** Turns of the loop that take 1 us on this machine: the most of several readings, as others may take the core away. */
export function turnsPerUs(): number {
  const turns = 5_000_000;
  const readings = Array.from({ length: 7 }, () => {
    const fromMs = performance.now();
    spin(turns);
    return turns / ((performance.now() - fromMs) * 1000);
  });
  return Math.max(...readings);
}

export function busyServer(turns: number): Target {
  return knownServer(({ send }) => ({
    message(socket, bytes) {
      spin(turns);
      send(socket, bytes);
    },
  }));
}
