/** Owns which cores would halt under a workload, so that they are to be kept awake. */

import type { Workload } from '../../core/scenario.js';
import { sleepsBetweenMessages } from '../load/wait-strategy.js';
import type { Cores } from '../machine/cores.js';

/** A machine with more cores than this has some to spare, and each loop takes some memory. */
const mostRunners = 8;

/**
 * The server's, and those of runners that sleep: one that spins keeps its core awake itself, and would have to share it.
 * None where no keepAwake is kept.
 */
export function coresToKeepAwake({ keepAwake, server, runners }: Cores, { load, publishers }: Workload): number[] {
  if (!keepAwake || server === undefined) return [];
  return sleepsBetweenMessages(load, publishers) ? [server, ...runners.slice(0, mostRunners)] : [server];
}
