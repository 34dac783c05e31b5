/** Settles before a run which targets and clients take part, and whether each can be had. */

import type { ClientFactory } from '../../core/client.js';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import { losesProcess, usualKinds } from '../../core/kind.js';
import { workloadsOf } from '../../core/scenario/search-workload.js';
import type { Scenario, Workload } from '../../core/scenario.js';
import { type Certificate, type TargetDescription, usualProcesses } from '../../core/target.js';
import { optionsIn, type TargetOptions, targetOptions, unfitFor } from '../../core/variant/target-options.js';
import { makeCertificate } from '../certificate.js';
import { findClient } from '../client-catalogue.js';
import { recordedHeartbeatMs } from '../conversation/layers.js';
import { UsageError } from '../failure.js';
import { describeTarget, loadTarget } from '../server/load-target.js';
import type { OwnProcess } from '../server/own-server-process.js';
import type { ListenRequest } from '../server/server-message.js';
import { ServerProcess } from '../server/server-process.js';
import { isOurs, libraryVersion, targetFile, usedBy } from '../target-catalogue.js';
import { type Addresses, destinationAddresses, preflight, readLimits } from './socket-limits.js';

export interface Participant {
  /** Name of a target, or path of a server module. */
  readonly file: string;
  readonly target: TargetDescription;
  readonly factory: ClientFactory;
  /** Name and version. */
  readonly library: string;
  /** Of a variant. */
  readonly options?: TargetOptions | undefined;
  /** Where it is reached by TLS. */
  readonly certificate?: Certificate | undefined;
  /** What clients connect to and say where it is not the wire contract. */
  readonly endpoint?: Endpoint | undefined;
  /** Of a user's own server, which `file` is not: how it comes to run. */
  readonly ownProcess?: OwnProcess | undefined;
  /** That its server calls for; undefined: one. */
  readonly serverCores?: number | undefined;
  /** Where a server of bench listens for clients on other hosts; undefined: on loopback. */
  readonly listen?: Addresses | undefined;
}

export interface Prepared {
  /** By target name, in the order of the scenario. */
  readonly participants: ReadonlyMap<string, Participant>;
  /** By target name: why it does not take part. */
  readonly unavailable: Readonly<Record<string, string>>;
}

/**
 * @param named targets that the user asked for by name: these must be available.
 * @param folder of the scenario file; the paths in it are relative to it.
 * @param listen where servers listen for clients on other hosts, whose ports are not this machine's.
 * @throws UsageError with every reason why the run cannot start, a line each.
 */
export async function prepare(
  scenario: Scenario,
  named: readonly string[],
  folder = '.',
  listen?: Addresses,
): Promise<Prepared> {
  const participants = new Map<string, Participant>();
  const unavailable: Record<string, string> = {};
  const problems: string[] = [];
  const limits = { ...readLimits(), ...(listen && { ports: Number.POSITIVE_INFINITY }) };
  const variants = new Map(scenario.labelled?.map(({ label, options = {} }) => [label, options]));
  const asked = scenario.targets.map((name) => variants.get(name) ?? {});
  const recovers = scenario.workloads.some(({ outage }) => outage?.recovery) || asked.some(({ recovery }) => recovery);
  const certificate = asked.some(({ tls }) => tls) ? await makeCertificate() : undefined;
  const isBlocked = scenario.workloads.some(({ blocking }) => blocking !== undefined);
  if (recovers && scenario.client === 'wire')
    problems.push('The wire client cannot take up an old session, which recovery asks for; use the library client.');
  for (const name of scenario.targets) {
    const file = usedBy(scenario, name, folder);
    const options = variants.get(name) ?? {};
    const { target, ...first } = await opened(file, options).catch((error: Error) => {
      throw new UsageError(about(name, error));
    });
    let { server } = first;
    try {
      const reason = target.unavailable ?? unfit(target, scenario);
      if (reason) {
        unavailable[name] = reason;
        if (named.includes(name)) problems.push(`target ${name} is not available: ${reason}`);
        continue;
      }
      for (const [option] of optionsIn(options)) {
        const unfitted = unfitFor(option, target);
        if (unfitted !== undefined) problems.push(`target ${name}: ${targetOptions[option].key} ${unfitted}`);
      }
      // Where clients are elsewhere, the limits are those of the server.
      const serving = listen ? (processesOf(target, options) ?? 1) : 1;
      const inAll = { ...limits, openFiles: limits.openFiles * serving };
      for (const workload of workloadsOf(scenario)) {
        const problem = preflight(workload, target.transport, inAll);
        if (problem) problems.push(`target ${name}: ${problem}`);
      }
      const staysOnPolling = isBlocked && target.transport === 'upgrade';
      if (staysOnPolling && scenario.client === 'wire')
        problems.push(`target ${name}: the wire client cannot stay on long-polling; use the library client.`);
      const client = recovers || staysOnPolling ? 'library' : scenario.client;
      const factory = await findClient(target.protocol, target.transport, client);
      const version = target.version ?? libraryVersion(target.library, targetFile(file));
      const library = `${target.library} ${version ?? '(version unknown)'}`;
      const serverCores = serverCoresOf(file, target, options, scenario.serverCores);
      const made = { file, target, factory, library, options, serverCores, listen };
      const participant = { ...made, ...(options.tls && { certificate }) };
      participants.set(name, participant);
      if (problems.length > 0) continue;
      const needed = workloadsOf(scenario).map((workload) => ({
        workload,
        addresses: listen ?? destinationAddresses(workload, target.transport, limits),
      }));
      const [most] = needed.toSorted((one, other) => other.addresses.length - one.addresses.length);
      if (most === undefined) continue;
      // Not every target of ours can listen on several, and a search would take that for a load that is not held.
      if (most.addresses.length > 1) server ??= (await loaded(file, options)).server;
      await server?.tryListening(listenRequest(most.workload, most.addresses, participant));
    } catch (error) {
      problems.push(about(name, error));
    } finally {
      await server?.stop();
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (participants.size === 0)
    throw new UsageError('none of the targets of this scenario is available here; see `bench targets`');
  return { participants, unavailable };
}

/** How many processes of a server serve; undefined where nobody says. */
export function processesOf(
  { options: obeyed }: Pick<TargetDescription, 'options'>,
  { processes = usualProcesses }: TargetOptions = {},
): number | undefined {
  return obeyed?.includes('processes') ? processes : undefined;
}

/** One for each process. A server of the user's own may be of several, or of several threads, without saying so. */
function serverCoresOf(
  file: string,
  target: TargetDescription,
  options: TargetOptions,
  asked: number | undefined,
): number {
  const processes = processesOf(target, options) ?? (isOurs(file) ? 1 : asked);
  return Math.min(processes ?? 1, asked ?? Number.POSITIVE_INFINITY);
}

function about(name: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes(name) ? message : `target ${name}: ${message}`;
}

/** What a target is; a user's module is asked in a process of its own, which can show that it starts. */
async function opened(
  file: string,
  options: TargetOptions,
): Promise<{ readonly target: TargetDescription; readonly server?: ServerProcess }> {
  if (isOurs(file)) return { target: describeTarget(file, await loadTarget(file)) };
  return loaded(file, options);
}

const loaded = (file: string, { nodeFlags }: TargetOptions) => ServerProcess.load({ target: file, nodeFlags });

/** What a server is asked for in a trial. */
export function listenRequest(
  workload: Workload,
  [host, ...alsoListen]: Addresses,
  { options = {}, certificate }: Pick<Participant, 'options' | 'certificate'>,
): ListenRequest {
  const { tls: _, nodeFlags: __, ...asked } = options;
  const { kind, outage, layers } = workload;
  return {
    ...asked,
    ...{ host, port: 0, alsoListen, kind, tls: certificate },
    heartbeatMs: asked.heartbeatMs ?? workload.heartbeatMs ?? (layers ? recordedHeartbeatMs : undefined),
    recovery: asked.recovery ?? outage?.recovery,
  };
}

/** Why the question of the scenario makes no sense for a target; undefined when it does. */
function unfit({ kinds, protocol, options }: TargetDescription, { workloads }: Scenario): string | undefined {
  const unserved = workloads.find(({ kind }) => !(kinds ?? usualKinds).includes(kind));
  if (unserved !== undefined) {
    const says = kinds ? `kinds: ${kinds.join(', ')}` : `nothing of kinds, which means ${usualKinds.join(' and ')}`;
    return `it does not serve ${unserved.kind}: its module says ${says}`;
  }
  if (protocol === 'websocket' && workloads.some(({ outage }) => outage?.recovery))
    return 'plain WebSocket has no session to recover';
  if (workloads.some(losesProcess) && !options?.includes('processes'))
    return 'it serves from one process, and none would be left when it is killed';
  return undefined;
}

/** Where the connections of a trial go. */
export function addressesOf(workload: Workload, { target, endpoint, ownProcess, listen }: Participant): Addresses {
  if (endpoint === undefined || ownProcess === undefined)
    return listen ?? destinationAddresses(workload, target.transport);
  const { hostname, addresses } = endpoint;
  const [first = hostname, ...others] = addresses;
  return [first, ...others];
}
