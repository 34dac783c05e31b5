/** Settles before a run whether a user's own server can be measured, and how its process is found. */

import type { Endpoint } from '../../core/exchange/endpoint.js';
import { workloadsOf } from '../../core/scenario/search-workload.js';
import type { Scenario } from '../../core/scenario.js';
import type { TargetDescription } from '../../core/target.js';
import { findClient } from '../client-catalogue.js';
import { UsageError } from '../failure.js';
import { divideCores } from '../machine/cores.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import type { Prepared } from '../run/prepare.js';
import { preflight, readLimits } from '../run/socket-limits.js';
import { isHere, type OwnProcess, OwnServerProcess } from '../server/own-server-process.js';
import { tryFirstConnection } from './first-connection.js';

/** What stands for the library of a server that is not ours. */
const library = 'own server';

/** Starts the server if there is a command for it, tries one message, and ends what it started. @throws UsageError */
export async function prepareEndpoint(scenario: Scenario, endpoint: Endpoint, process: OwnProcess): Promise<Prepared> {
  const { protocol, transport, addresses } = endpoint;
  const [label = endpoint.hostname] = scenario.targets;
  const target: TargetDescription = { protocol, transport, library, kinds: undefined, unavailable: undefined };
  const limits = readLimits();
  const problems = workloadsOf(scenario).flatMap((workload) => preflight(workload, transport, limits, addresses) ?? []);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const factory = await findClient(protocol, transport, scenario.client).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const [workload] = scenario.workloads;
  const { command } = process;
  if (command === undefined && scenario.workloads.some(({ outage }) => outage?.how === 'restart'))
    throw new UsageError(
      'outage.how: restart ends the server, which takes one that bench starts: give --start "node server.js", or write how: reset',
    );
  if (endpoint.exchange.sentAt && !isHere(addresses))
    throw new UsageError(
      'exchange.receive.sentAt compares the time stamp of the server with the clock of this machine, which takes a server on it; remove it',
    );
  const server =
    command && (await OwnServerProcess.start(endpoint, process, divideCores(), monotonicClock()).catch(refuse));
  try {
    if (workload) await tryFirstConnection(endpoint, factory, workload);
  } finally {
    await server?.stop();
  }
  const { serverCores } = scenario;
  const participant = { file: label, target, factory, library, endpoint, ownProcess: process, serverCores };
  return { participants: new Map([[label, participant]]), unavailable: {} };
}

function refuse({ message }: Error): never {
  throw new UsageError(message);
}
