/** Owns what is settled before a run starts: which targets and clients take part, and whether the machine can do it. */

import type { ClientFactory } from '../../core/client.js';
import { usualKinds } from '../../core/kind.js';
import type { Scenario } from '../../core/scenario.js';
import type { Target } from '../../core/target.js';
import { findClient } from '../client-catalogue.js';
import { UsageError } from '../failure.js';
import { libraryVersion, loadTarget, targetFile } from '../target-catalogue.js';
import { preflight, readLimits } from './preflight.js';

export interface Participant {
  readonly target: Target;
  readonly factory: ClientFactory;
  /** Name and version. */
  readonly library: string;
}

export interface Prepared {
  /** By target name, in the order of the scenario. */
  readonly participants: ReadonlyMap<string, Participant>;
  /** By target name: why it does not take part. */
  readonly unavailable: Readonly<Record<string, string>>;
}

/**
 * @param named targets that the user asked for by name: these must be available.
 * @throws UsageError with every reason why the run cannot start, a line each.
 */
export async function prepare(scenario: Scenario, named: readonly string[]): Promise<Prepared> {
  const participants = new Map<string, Participant>();
  const unavailable: Record<string, string> = {};
  const problems: string[] = [];
  const limits = readLimits();
  const recovers = scenario.workloads.some(({ outage }) => outage?.recovery);
  if (recovers && scenario.client === 'wire')
    problems.push(
      'The wire client cannot take up an old session, which outage.recovery asks for; use the library client.',
    );
  for (const name of scenario.targets) {
    const target = await loadTarget(name).catch((error: Error) => {
      throw new UsageError(error.message);
    });
    const reason = target.unavailable?.() ?? unfit(target, scenario);
    if (reason) {
      unavailable[name] = reason;
      if (named.includes(name)) problems.push(`target ${name} is not available: ${reason}`);
      continue;
    }
    try {
      const factory = await findClient(target.protocol, target.transport, recovers ? 'library' : scenario.client);
      const library = `${target.library} ${libraryVersion(target.library, targetFile(name)) ?? '(version unknown)'}`;
      participants.set(name, { target, factory, library });
    } catch (error) {
      problems.push(`target ${name}: ${error instanceof Error ? error.message : error}`);
    }
    for (const workload of scenario.workloads) {
      const problem = preflight(workload, target.transport, limits);
      if (problem) problems.push(`target ${name}: ${problem}`);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (participants.size === 0)
    throw new UsageError('none of the targets of this scenario is available here; see `bench targets`');
  return { participants, unavailable };
}

/** Why the question of the scenario makes no sense for a target; undefined when it does. */
function unfit({ kinds, protocol }: Target, { workloads }: Scenario): string | undefined {
  const { kind } = workloads[0]!;
  if (!(kinds ?? usualKinds).includes(kind)) {
    const says = kinds ? `kinds: ${kinds.join(', ')}` : `nothing of kinds, which means ${usualKinds.join(' and ')}`;
    return `it does not serve ${kind}: its module says ${says}`;
  }
  if (protocol === 'websocket' && workloads.some(({ outage }) => outage?.recovery))
    return 'plain WebSocket has no session to recover';
  return undefined;
}
