/** Deals the workers of a trial to agents: in proportion to their free cores, as far as their descriptors and ports go. */

import type { Workload } from '../../core/scenario.js';
import type { Transport } from '../../core/target.js';
import { besideTheLoad, otherFiles, socketsEach } from '../run/socket-limits.js';
import type { Presence } from './presence.js';

/** One worker for so many connections, and one on each agent at least. */
const connectionsPerWorker = 2_000;

type Capacity = Pick<Presence, 'name' | 'slots' | 'openFiles' | 'ports'>;

/** What the connections of a workload need. */
export interface Demand {
  readonly workload: Workload;
  readonly transport: Transport;
  /** Destination addresses, each of which has a port range of its own. */
  readonly addresses: number;
}

/** As many workers as the connections call for, unless the scenario says how many; never more than agents offer. */
export function workersOn(agents: readonly Capacity[], connections: number, asked: number | undefined): number {
  const slots = agents.reduce((sum, agent) => sum + agent.slots, 0);
  const called = asked ?? Math.max(agents.length, Math.ceil(connections / connectionsPerWorker));
  return Math.max(1, Math.min(connections, slots, called));
}

/** How many workers each agent has, in the order of `agents`: next comes whoever would have the fewest for its cores. */
export function deal(agents: readonly Capacity[], workers: number): number[] {
  const dealt = agents.map(() => 0);
  for (let worker = 0; worker < workers; worker++) {
    const loads = agents.map(({ slots }, i) => ((dealt[i] ?? 0) + 1) / slots);
    const next = loads.indexOf(Math.min(...loads));
    dealt[next] = (dealt[next] ?? 0) + 1;
  }
  return dealt;
}

/** Why agents cannot hold their parts of the connections, a sentence for each that cannot. */
export function beyondLimits(agents: readonly Capacity[], workers: number, demand: Demand): string[] {
  const { workload, transport, addresses } = demand;
  const each = Math.ceil((workload.connections + besideTheLoad(workload)) / workers) * socketsEach(transport);
  return deal(agents, workers).flatMap((own, i) => {
    const agent = agents[i];
    const sockets = own * each;
    if (agent === undefined || own === 0) return [];
    const { name, openFiles, ports } = agent;
    const found: string[] = [];
    if (sockets + otherFiles > openFiles)
      found.push(
        `agent ${name} would open ${sockets} sockets and may have ${openFiles} open files: raise its hard limit (ulimit -Hn), ` +
          'start further agents, or ask for fewer connections',
      );
    if (sockets > ports * addresses)
      found.push(
        `agent ${name} would need ${sockets} client ports and has ${ports * addresses} for ${addresses} destination ` +
          'addresses: give --listen further addresses, or start further agents',
      );
    return found;
  });
}
