/** Agents of a run, as its flags name them: who takes part, where the servers listen for them, and whether that can be. */

import { isIP } from 'node:net';
import type { Options } from 'yargs';
import { workloadsOf } from '../../core/scenario/search-workload.js';
import type { Scenario } from '../../core/scenario.js';
import { AgentPool } from '../../runners/agents/agent-pool.js';
import { UsageError } from '../../runners/failure.js';
import { addressesOf, type Prepared } from '../../runners/run/prepare.js';
import type { Addresses } from '../../runners/run/socket-limits.js';
import { isHere } from '../../runners/server/own-server-process.js';
import { version } from '../package-version.js';
import { redisFrom } from './redis-flags.js';

export const agentsOption = {
  agents: {
    type: 'string',
    describe:
      'Have the agents at this Redis server make the load (`bench agent`). Alone: the one in SOCKETBENCH_REDIS or REDIS_URL',
  },
} as const satisfies Record<string, Options>;

export const listenOption = {
  listen: {
    type: 'string',
    array: true,
    describe: 'With --agents: an IP address at which the servers listen for them. Default: loopback',
  },
} as const satisfies Record<string, Options>;

export interface AgentFlags {
  readonly agents?: string | undefined;
  readonly listen?: string[] | undefined;
  readonly 'allow-remote'?: boolean | undefined;
}

/** @throws UsageError when an address is none, or one off loopback was not allowed. */
export function listenFrom({ agents, listen = [], ...flags }: AgentFlags): Addresses | undefined {
  const [first, ...others] = listen;
  if (first === undefined) return undefined;
  if (agents === undefined) throw new UsageError('--listen: it is for runs with --agents');
  const wrong = listen.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new UsageError('--listen: an IP address of this host is expected, such as 10.0.0.1');
  if (!isHere(listen) && !flags['allow-remote'])
    throw new UsageError(
      '--listen: others could reach the servers at an address off loopback, and agents on other hosts would load them; ' +
        'add --allow-remote if that is meant',
    );
  return [first, ...others];
}

/** @throws UsageError when Redis cannot be used, or its agents cannot carry this run. */
export async function openAgents(
  { agents }: AgentFlags,
  scenario: Scenario,
  prepared: Prepared,
): Promise<AgentPool | undefined> {
  if (agents === undefined) return undefined;
  const pool = await AgentPool.open(redisFrom('--agents', agents), version);
  try {
    requireFit(pool, scenario, prepared);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function requireFit(pool: AgentPool, scenario: Scenario, { participants }: Prepared): void {
  const problems = new Set<string>();
  for (const [name, participant] of participants)
    for (const workload of workloadsOf(scenario)) {
      const { target, endpoint } = participant;
      const addresses = addressesOf(workload, participant);
      if (endpoint) pool.requireKey();
      if (isHere(addresses) && !pool.areHere)
        problems.add(
          `target ${name}: agents on other hosts cannot reach ${addresses[0]}; ` +
            (endpoint
              ? 'give a URL that they can reach'
              : 'give the address of this host that they can reach with --listen'),
        );
      const demand = { workload, transport: target.transport, addresses: addresses.length };
      for (const problem of pool.problems(demand, scenario.runners)) problems.add(problem);
    }
  if (problems.size > 0) throw new UsageError([...problems].join('\n'));
}
