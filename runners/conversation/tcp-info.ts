/**
 * Reads what the kernel counts of single TCP connections (TCP_INFO, tcp(7)). Node cannot ask for it; `ss` of iproute2
 * prints it without any privilege, so that other traffic of the machine does not come into it.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { answersAtOnce, findOnPath } from '../machine/child-process.js';

/** What one end of a connection has received since it was opened. */
export interface Received {
  /** Those that only acknowledge are among them. */
  readonly segments: number;
  /** TCP payload, what came twice counted once. */
  readonly payloadBytes: number;
  /** Of IP and TCP, of each segment: with time stamps where both ends use them. */
  readonly headerBytes: number;
  /** Most payload that the peer may put into a segment: the MSS less the time stamps. */
  readonly maxSegmentBytes: number;
}

/** By the ports of the connection at this end and at the other. */
export type ReceivedByPorts = ReadonlyMap<string, Received>;

export const portsKey = (local: number, remote: number): string => `${local} ${remote}`;

const ss = 'ss';
const run = promisify(execFile);

/**
 * Of connections that are established.
 * @param filter which connections, as ss takes it (ss(8)).
 * @throws Error, the end of a sentence that begins with what could not be counted.
 */
export async function receivedBy(filter: string): Promise<ReceivedByPorts> {
  if (findOnPath(ss) === undefined) throw new Error('ss is not installed (package iproute2)');
  // Numbers, TCP, TCP_INFO, options, one line a connection, no heading.
  const { stdout } = await run(ss, ['-ntioOH', filter], answersAtOnce).catch((error: Error) => {
    throw new Error(`ss failed: ${error.message.split('\n')[0]}`);
  });
  return parseConnections(stdout);
}

/** RFC 791 and RFC 8200 without options; RFC 9293; RFC 7323, 10 bytes filled up to 12. */
const sizes = { ipv4: 20, ipv6: 40, tcp: 20, timestamps: 12 } as const;

/** Lines of `ss -ntioOH`: state, queues, both addresses, then words of TCP_INFO. A kernel without a count leaves the line out. */
export function parseConnections(text: string): ReceivedByPorts {
  const lines = text.matchAll(/^ESTAB +\d+ +\d+ +(\S+):(\d+) +\S+:(\d+) (.*)$/gm);
  return new Map(
    [...lines].flatMap(([, address = '', local, remote, info = '']) => {
      const figure = (name: string): number | undefined => {
        const digits = new RegExp(`(?:^| )${name}:(\\d+)(?: |$)`).exec(info)?.[1];
        return digits === undefined ? undefined : Number(digits);
      };
      const maxSegmentBytes = figure('advmss');
      if (maxSegmentBytes === undefined || figure('segs_out') === undefined) return [];
      const ip = isIpv6(address) ? sizes.ipv6 : sizes.ipv4;
      const options = /(?:^| )ts(?: |$)/.test(info) ? sizes.timestamps : 0;
      const received: Received = {
        // Left out where they are 0.
        segments: figure('segs_in') ?? 0,
        payloadBytes: figure('bytes_received') ?? 0,
        headerBytes: ip + sizes.tcp + options,
        maxSegmentBytes,
      };
      return [[portsKey(Number(local), Number(remote)), received] as const];
    }),
  );
}

/** In brackets; but a mapped address (RFC 4291, 2.5.5.2) is reached by IPv4. */
const isIpv6 = (address: string): boolean => address.startsWith('[') && !address.startsWith('[::ffff:');
