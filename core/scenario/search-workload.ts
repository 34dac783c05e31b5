/** The workload of a search at one load. */

import { isPushed } from '../kind.js';
import type { Scenario, Workload } from '../scenario.js';
import type { SearchSettings } from '../workload/search-settings.js';

/** @param workload of the scenario, at any load. */
export function workloadAt(
  workload: Workload,
  { over, eachPerSecond, allPublish }: Pick<SearchSettings, 'over' | 'eachPerSecond' | 'allPublish'>,
  load: number,
): Workload {
  const connections = over === 'connections' ? load : workload.connections;
  const publishers = over === 'publishers' ? load : Math.min(workload.publishers, connections);
  const sending = allPublish && !isPushed(workload.kind) ? connections : publishers;
  const ratePerSecond =
    over === 'rate' ? load : eachPerSecond === undefined ? rateOf(workload) : eachPerSecond * sending;
  const arrivals = workload.load.model === 'open' ? workload.load.arrivals : 'constant';
  return {
    ...workload,
    connections,
    publishers: sending,
    rooms: workload.rooms && Math.min(workload.rooms, connections),
    load: { model: 'open', ratePerSecond, arrivals },
  };
}

/** Those that a run may come to: of a search, the one with the most load besides. */
export function workloadsOf({ workloads, search }: Scenario): readonly Workload[] {
  return search ? [...workloads, ...workloads.map((workload) => workloadAt(workload, search, search.to))] : workloads;
}

function rateOf({ load }: Workload): number {
  return load.model === 'open' ? load.ratePerSecond : 0;
}
