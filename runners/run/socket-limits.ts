/** Whether this machine has the descriptors, ports and memory that a workload needs, and over which addresses its sockets are spread. */

import { hasGuests, isBehindProxy, isPushed, isShared } from '../../core/kind.js';
import type { Workload } from '../../core/scenario.js';
import { roomsOf } from '../../core/share.js';
import { socketsPerAddress, type Transport } from '../../core/target.js';
import { readProc } from '../machine/proc.js';

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
