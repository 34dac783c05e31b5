/** Owns the check, before anything starts, that this machine has the descriptors and ports that a workload needs. */

import { readFileSync } from 'node:fs';
import { kinds } from '../core/kind.js';
import type { Workload } from '../core/scenario.js';
import type { Transport } from '../core/target.js';

export interface Limits {
  /** Open files in one process; the process that makes the load and the server have as many each. */
  readonly openFiles: number;
  /** Client ports for each destination address. */
  readonly ports: number;
}

/** Files of a process that are not connections: libraries, pipes, event polls, the result file. */
const otherFiles = 100;
/** Connections to one destination address; leaves most of its port range to others. */
const perAddress = 8_000;

/** One expected sequence number for each receiver and sender: 400 MB at most. */
const mostPairs = 100_000_000;

/** Long-polling holds a GET open while it POSTs. */
const socketsEach = (transport: Transport): number => (transport === 'websocket' ? 1 : 2);

function read(path: string, pattern: RegExp): number[] {
  try {
    return (pattern.exec(readFileSync(path, 'utf8')) ?? []).slice(1).map(Number);
  } catch {
    return [];
  }
}

/** Limits of this machine; infinite where they cannot be read. */
export function readLimits(): Limits {
  const [openFiles] = read('/proc/self/limits', /^Max open files\s+(\d+)/m);
  const [first, last] = read('/proc/sys/net/ipv4/ip_local_port_range', /(\d+)\s+(\d+)/);
  return {
    openFiles: openFiles ?? Number.POSITIVE_INFINITY,
    ports: first !== undefined && last !== undefined ? last - first + 1 : Number.POSITIVE_INFINITY,
  };
}

/** Loopback addresses to spread the connections of a workload over: each has a port range of its own. */
export function destinationAddresses(workload: Workload, transport: Transport, limits = readLimits()): string[] {
  const count = Math.ceil((workload.connections * socketsEach(transport)) / Math.min(perAddress, limits.ports));
  return Array.from({ length: Math.min(Math.max(count, 1), 250) }, (_, i) => `127.0.0.${i + 1}`);
}

/** Undefined when the workload fits; otherwise a sentence that says what is missing and what is possible. */
export function preflight(workload: Workload, transport: Transport, limits: Limits): string | undefined {
  const each = socketsEach(transport);
  const files = workload.connections * each + otherFiles;
  if (files > limits.openFiles) {
    const possible = Math.max(0, Math.floor((limits.openFiles - otherFiles) / each));
    return (
      `${workload.connections} connections need ${files} open files in one process and the limit here is ` +
      `${limits.openFiles}: at most ${possible} are possible. Ask for fewer (--connections ${possible}), or raise the ` +
      'hard limit (ulimit -Hn) before starting.'
    );
  }
  const sockets = workload.connections * each;
  const addresses = destinationAddresses(workload, transport, limits).length;
  if (sockets > limits.ports * addresses) {
    const possible = Math.floor((limits.ports * addresses) / each);
    return (
      `${workload.connections} connections need ${sockets} client ports and ${addresses} destination addresses give ` +
      `${limits.ports * addresses}: at most ${possible} are possible. Widen net.ipv4.ip_local_port_range.`
    );
  }
  const pairs = kinds[workload.kind].audience === 'everyone' ? workload.connections * workload.publishers : 0;
  if (pairs > mostPairs)
    return (
      `${workload.connections} receivers that each hear ${workload.publishers} publishers make ${pairs} sequences to ` +
      `check, more than the ${mostPairs} that there is memory for: ask for fewer publishers.`
    );
  return undefined;
}
