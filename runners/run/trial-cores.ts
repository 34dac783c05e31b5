/** The cores of a trial: who uses them, and which are kept awake. */

import type { Workload } from '../../core/scenario.js';
import { sleepsBetweenMessages } from '../load/spin-timer.js';
import { processTree } from '../machine/core-time.js';
import { allowedCores, type Cores } from '../machine/cores.js';
import type { KeepAwake } from '../machine/keep-awake.js';
import type { TrialCores } from '../machine/process-metrics.js';
import type { ServerUnderTest } from '../server/server-under-test.js';

/**
 * Without cores of their own, server and generator have all.
 * @param others ids of further processes that make load on this machine.
 */
export function usedCores(
  { server, runners }: Cores,
  servers: readonly ServerUnderTest[],
  keepAwake: KeepAwake,
  workers: number,
  others: readonly number[] = [],
): TrialCores {
  const pids = [...new Set(servers.flatMap((server) => server.pids.flatMap(processTree)))];
  const generators = [process.pid, ...others, ...servers.flatMap(({ proxyPid }) => proxyPid ?? [])];
  if (server === undefined) {
    const use = { cores: allowedCores(), pids: [...pids, ...generators], loops: [], busyThreads: workers + 1 };
    return { server: use, generator: use };
  }
  return {
    server: { cores: [server], pids, loops: keepAwake.pidsOn([server]), busyThreads: 1 },
    generator: { cores: runners, pids: generators, loops: keepAwake.pidsOn(runners), busyThreads: workers },
  };
}

/** A machine with more cores than this has some to spare, and each loop takes some memory. */
const mostKeptAwake = 8;

/**
 * The server's, and those of workers that sleep: one that spins keeps its core awake itself, and would have to share it.
 * None where cores are not kept awake.
 */
export function coresToKeepAwake({ keepAwake, server, runners }: Cores, { load, publishers }: Workload): number[] {
  if (!keepAwake || server === undefined) return [];
  return sleepsBetweenMessages(load, publishers) ? [server, ...runners.slice(0, mostKeptAwake)] : [server];
}
