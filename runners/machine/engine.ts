/**
 * Pauses the optimizing compilers of V8 in this process. They work on threads of their own, which share the generator's
 * core: where the kernel switches threads 250 times a second, a compilation keeps the core for up to 4 ms, and the
 * message that is due then leaves late.
 *
 * Node documents `setFlagsFromString` as unsafe once the process runs. These flags only decide whether a function
 * that became hot is given to a compiler; `test/engine.test.ts` shows its effect on the Node that runs the test.
 */

import { setFlagsFromString } from 'node:v8';
import type { Share } from '../../core/share.js';

/** Those that are on by default. What Maglev compiles while the other one is off is never optimized further. */
const compilers = Number.parseInt(process.versions.node, 10) >= 24 ? ['opt', 'maglev'] : ['opt'];

/** Functions that are optimized stay so; others go on as they are. A compilation that has begun is finished. */
export function pauseOptimizer(): void {
  for (const compiler of compilers) setFlagsFromString(`--no-${compiler}`);
}

export function resumeOptimizer(): void {
  for (const compiler of compilers) setFlagsFromString(`--${compiler}`);
}

/**
 * Whether the generator is compiled by the time that is measured, as far as it will be, and a message that leaves late
 * would be its fault. The libraries are so large that a warm-up does not run through all of them.
 */
export function isCompiled({ client, workload: { load, phases } }: Pick<Share, 'client' | 'workload'>): boolean {
  return load.model === 'open' && phases.warmupMs > 0 && client === 'wire';
}
