/**
 * Keeps V8's own work out of what is measured: while it has the generator's core, a message that is due leaves late.
 *
 * The optimizing compilers are paused. They work on threads of their own, which share the core: where the kernel switches
 * threads 250 times a second, a compilation keeps it for up to 4 ms. Garbage is collected before the window, or after it.
 *
 * Node documents `setFlagsFromString` as unsafe once the process runs. These flags only affect functions that become hot,
 * and contexts and threads that begin later; `test/engine.test.ts` shows their effect on the Node that runs the test.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Share } from '../../core/share.js';

/** Whether this Node compiles with Maglev by default: 20 and 22 do not. */
export const hasMaglev = Number.parseInt(process.versions.node, 10) >= 24;
/** What Maglev compiles while the other one is off is never optimized further. */
const compilers = hasMaglev ? ['opt', 'maglev'] : ['opt'];

/** Functions that are optimized stay so; others go on as they are. A compilation that has begun is finished. */
export function pauseOptimizer(): void {
  for (const compiler of compilers) setFlagsFromString(`--no-${compiler}`);
}

export function resumeOptimizer(): void {
  for (const compiler of compilers) setFlagsFromString(`--${compiler}`);
}

type Collect = (options?: { readonly type: 'minor' }) => void;

let gc: Collect | undefined;

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  gc ??= runInNewContext('gc') as Collect;
  return gc;
}

/**
 * Collects all garbage of this thread. V8 then discards optimized code that refers to what has died, and the code that
 * follows is slower, so threads that make the load do not.
 */
export function collectGarbage(): void {
  collector()();
}

/**
 * Node 22 collects earlier all the same: its V8 (12.4) lowers the limit with what dies young, whatever it begins with.
 * @param postpone whether threads that begin from now on collect their old generation only once it takes 256 MB.
 */
export function postponeCollections(postpone: boolean): void {
  setFlagsFromString(`--initial-old-space-size=${postpone ? 256 : 0}`);
}

/**
 * Promotes the live objects of this thread to the old generation, those of connections that were just opened above all: what
 * survives two minor collections is promoted. Otherwise the next two copy it, which takes 3 to 24 ms with 1,000 connections.
 */
export function promoteObjects(): void {
  const collect = collector();
  for (let time = 0; time < 2; time++) collect({ type: 'minor' });
}

/**
 * Whether the generator is compiled by the time that is measured, as far as it will be, and a message that leaves late
 * would be its fault. The libraries are so large that a warm-up does not run through all of them.
 */
export function isCompiled({ client, workload: { load, phases } }: Pick<Share, 'client' | 'workload'>): boolean {
  return load.model === 'open' && phases.warmupMs > 0 && client === 'wire';
}
