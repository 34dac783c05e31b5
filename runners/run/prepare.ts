/**
 * Settles before a run which targets and clients take part, and whether this machine has the descriptors, ports and memory
 * that the workloads need.
 */

import type { ClientFactory } from '../../core/client.js';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import { hasGuests, isBehindProxy, isPushed, isShared, losesProcess, usualKinds } from '../../core/kind.js';
import type { Scenario, Workload } from '../../core/scenario.js';
import { workloadsOf } from '../../core/search/search-workload.js';
import { roomsOf } from '../../core/share.js';
import {
  type Certificate,
  socketsPerAddress,
  type TargetDescription,
  type Transport,
  usualProcesses,
} from '../../core/target.js';
import { optionsIn, type TargetOptions, targetOptions, unfitFor } from '../../core/variant/target-options.js';
import { makeCertificate } from '../certificate.js';
import { findClient } from '../client-catalogue.js';
import { recordedHeartbeatMs } from '../conversation/layers.js';
import { UsageError } from '../failure.js';
import { readProc } from '../machine/proc.js';
import { describeTarget, loadTarget } from '../server/load-target.js';
import type { OwnProcess } from '../server/own-server-process.js';
import type { ListenRequest } from '../server/server-message.js';
import { ServerProcess } from '../server/server-process.js';
import { isOurs, libraryVersion, targetFile, usedBy } from '../target-catalogue.js';

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
  if (recovers && scenario.client === 'wire')
    problems.push('The wire client cannot take up an old session, which recovery asks for; use the library client.');
  for (const name of scenario.targets) {
    const file = usedBy(scenario, name, folder);
    const options = variants.get(name) ?? {};
    const { target, ...loaded } = await opened(file, options).catch((error: Error) => {
      throw new UsageError(about(name, error));
    });
    let { server } = loaded;
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
      const factory = await findClient(target.protocol, target.transport, recovers ? 'library' : scenario.client);
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
      if (most.addresses.length > 1) server ??= await hosted(file, options);
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
  { nodeFlags }: TargetOptions,
): Promise<{ readonly target: TargetDescription; readonly server?: ServerProcess }> {
  if (isOurs(file)) return { target: describeTarget(file, await loadTarget(file)) };
  return ServerProcess.load({ target: file, nodeFlags });
}

async function hosted(file: string, { nodeFlags }: TargetOptions): Promise<ServerProcess> {
  return (await ServerProcess.load({ target: file, nodeFlags })).server;
}

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

export interface Limits {
  /** Open files in one process; the process that makes the load, the server and a proxy have as many each. */
  readonly openFiles: number;
  /** Client ports for each destination address. */
  readonly ports: number;
}

/** Files of a process that are not connections: libraries, pipes, event polls, the result file. */
export const otherFiles = 100;

/** One expected sequence number for each receiver and sender: 400 MB at most. */
const mostPairs = 100_000_000;

/** Long-polling holds a GET open while it POSTs. */
export const socketsEach = (transport: Transport): number => (transport === 'websocket' ? 1 : 2);

/** Limits of this machine; infinite where they cannot be read. */
export function readLimits(): Limits {
  const [, openFiles = Number.POSITIVE_INFINITY] = /^Max open files\s+(\d+)/m.exec(readProc('/proc/self/limits')) ?? [];
  const [, first = 1, last = Number.POSITIVE_INFINITY] =
    /(\d+)\s+(\d+)/.exec(readProc('/proc/sys/net/ipv4/ip_local_port_range')) ?? [];
  return { openFiles: Number(openFiles), ports: Number(last) - Number(first) + 1 };
}

export type Addresses = readonly [string, ...string[]];

/** Loopback addresses to spread the connections of a workload over: each has a port range of its own. */
export function destinationAddresses(workload: Workload, transport: Transport, limits = readLimits()): Addresses {
  const sockets = (workload.connections + besideTheLoad(workload)) * socketsEach(transport);
  const count = Math.ceil(sockets / Math.min(socketsPerAddress, limits.ports));
  const others = Math.min(Math.max(count, 1), 250) - 1;
  return ['127.0.0.1', ...Array.from({ length: others }, (_, i) => `127.0.0.${i + 2}`)];
}

/** Where the connections of a trial go. */
export function addressesOf(workload: Workload, { target, endpoint, ownProcess, listen }: Participant): Addresses {
  if (endpoint === undefined || ownProcess === undefined)
    return listen ?? destinationAddresses(workload, target.transport);
  const { hostname, addresses } = endpoint;
  const [first = hostname, ...others] = addresses;
  return [first, ...others];
}

/** Undefined when the workload fits; otherwise a sentence that says what is missing and what is possible. */
export function preflight(
  workload: Workload,
  transport: Transport,
  limits: Limits,
  addresses: readonly string[] = destinationAddresses(workload, transport, limits),
): string | undefined {
  return (
    tooManyFiles(workload, transport, limits) ??
    tooFewPorts(workload, transport, limits, addresses.length) ??
    tooManyPairs(workload)
  );
}

/**
 * Visitors that may be there at the same time: twice their mean, which Poisson arrivals rarely exceed. A guest of kind
 * presence has two connections for a moment.
 */
export function besideTheLoad({ kind, publishers, visitors }: Workload): number {
  if (hasGuests(kind)) return 2 * publishers;
  return visitors === undefined ? 0 : Math.ceil((2 * visitors.ratePerSecond * visitors.stayMs) / 1000);
}

function tooManyFiles(workload: Workload, transport: Transport, { openFiles }: Limits): string | undefined {
  const { connections } = workload;
  // It holds both ends of every connection.
  const proxied = isBehindProxy(workload);
  const each = socketsEach(transport) * (proxied ? 2 : 1);
  const others = otherFiles + besideTheLoad(workload) * each;
  const files = connections * each + others;
  if (files <= openFiles) return undefined;
  const possible = Math.max(0, Math.floor((openFiles - others) / each));
  const fewer = possible > 0 ? `Ask for fewer (--connections ${possible}), or raise` : 'Raise';
  return (
    `${connections} connections${proxied ? ' through a proxy' : ''} need ${files} open files in one process and the limit ` +
    `here is ${openFiles}: at most ${possible} are possible. ${fewer} the hard limit (ulimit -Hn) before starting.`
  );
}

function tooFewPorts(workload: Workload, transport: Transport, limits: Limits, addresses: number): string | undefined {
  const each = socketsEach(transport);
  const visitors = besideTheLoad(workload);
  const sockets = (workload.connections + visitors) * each;
  if (sockets <= limits.ports * addresses) return undefined;
  const possible = Math.max(0, Math.floor((limits.ports * addresses) / each) - visitors);
  return (
    `${workload.connections} connections need ${sockets} client ports and ${addresses} destination addresses give ` +
    `${limits.ports * addresses}: at most ${possible} are possible. Widen net.ipv4.ip_local_port_range.`
  );
}

function tooManyPairs(workload: Workload): string | undefined {
  if (!isShared(workload.kind)) return undefined;
  const senders = isPushed(workload.kind) ? 1 : Math.ceil(workload.publishers / roomsOf(workload));
  const pairs = workload.connections * senders;
  if (pairs <= mostPairs) return undefined;
  return (
    `${workload.connections} receivers that each hear ${senders} publishers make ${pairs} sequences to ` +
    `check, more than the ${mostPairs} that there is memory for: ask for fewer publishers.`
  );
}
