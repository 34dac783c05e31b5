/** The cores of a trial: who uses them, and which are kept awake. */

import type { Workload } from '../../core/scenario.js';
import { sleepsBetweenMessages } from '../load/spin-timer.js';
import { processTree } from '../machine/core-time.js';
import { allowedCores, type CoreDemand, type Cores } from '../machine/cores.js';
import type { KeepAwake } from '../machine/keep-awake.js';
import type { TrialCores } from '../machine/process-metrics.js';
import type { ServerUnderTest } from '../server/server-under-test.js';
import type { Participant } from './prepare.js';

/** The cores of a run are divided once, for the largest of its servers. @param isAsked whether the user said how many it has. */
export function demandOf(
  participants: Iterable<Participant>,
  isAsked: boolean,
  agents: { readonly areElsewhere: boolean } | undefined,
): CoreDemand {
  const all = [...participants];
  return {
    server: Math.max(1, ...all.map(({ serverCores = 1 }) => serverCores)),
    hasCompanions: all.some(({ target }) => target.companions !== undefined),
    leavesOne: isAsked || agents?.areElsewhere === true,
  };
}

/** Of all that serve in a trial: the servers of its sides run at once, and the cores of the smaller are among the larger's. */
function coresOf(cores: Cores, servers: readonly ServerUnderTest[]): Cores {
  const [most = cores] = servers
    .map((server) => server.cores)
    .toSorted((one, other) => (other.server?.length ?? 0) - (one.server?.length ?? 0));
  return servers.some(({ hasCompanions }) => hasCompanions) ? most : { ...most, beside: undefined };
}

/**
 * Without cores of their own, server and generator have all.
 * @param others ids of further processes that make load on this machine.
 */
export function usedCores(
  cores: Cores,
  servers: readonly ServerUnderTest[],
  keepAwake: KeepAwake,
  workers: number,
  others: readonly number[] = [],
): TrialCores {
  const { server, beside = [], runners } = coresOf(cores, servers);
  const pids = [...new Set(servers.flatMap((server) => server.pids.flatMap(processTree)))];
  const generators = [process.pid, ...others, ...servers.flatMap(({ proxyPid }) => proxyPid ?? [])];
  if (server === undefined) {
    const use = { cores: allowedCores(), pids: [...pids, ...generators], loops: [], busyThreads: workers + 1 };
    return { server: use, generator: use };
  }
  const ofServer = [...server, ...beside];
  return {
    server: { cores: ofServer, pids, loops: keepAwake.pidsOn(ofServer), busyThreads: ofServer.length },
    generator: { cores: runners, pids: generators, loops: keepAwake.pidsOn(runners), busyThreads: workers },
  };
}

/** A machine with more cores than this has some to spare, and each loop takes some memory. For the server and for the workers. */
const mostKeptAwake = 8;

/**
 * The server's, and those of workers that sleep: one that spins keeps its core awake itself, and would have to share it.
 * None where cores are not kept awake.
 */
export function coresToKeepAwake(
  cores: Cores,
  { load, publishers }: Workload,
  servers: readonly ServerUnderTest[] = [],
): number[] {
  const { keepAwake, server, beside = [], runners } = coresOf(cores, servers);
  if (!keepAwake || server === undefined) return [];
  const ofServer = [...server, ...beside].slice(0, mostKeptAwake);
  return sleepsBetweenMessages(load, publishers) ? [...ofServer, ...runners.slice(0, mostKeptAwake)] : ofServer;
}
