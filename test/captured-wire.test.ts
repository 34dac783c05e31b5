import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Wire } from '../dist/runners/conversation/conversation.js';
import { temporaryFolder } from './bench-command.js';

const program = fileURLToPath(new URL('./fixtures/captured-conversation.mjs', import.meta.url));
/** Whoever is not root needs a namespace of users as well, in which tcpdump may capture. */
const unshare = process.getuid?.() === 0 ? ['--net'] : ['--net', '--map-current-user', '--keep-caps'];

/** Why nothing can be captured here; undefined where it can. */
function missing(): string | undefined {
  const fails = (command: string, ...args: string[]): boolean => spawnSync(command, args).status !== 0;
  if (fails('unshare', ...unshare, 'ip', 'link', 'set', 'lo', 'up')) return 'no network namespace can be made here';
  if (fails('tcpdump', '--version')) return 'tcpdump is not installed';
  return fails('ss', '-V') ? 'ss is not installed' : undefined;
}

interface Packet {
  readonly fromPort: number;
  readonly toPort: number;
  readonly seq: number;
  readonly ack: number;
  /** Of IP and of TCP. */
  readonly headerBytes: number;
  readonly payload: Buffer;
  readonly opensOrEnds: boolean;
}

/** IPv4 and TCP in Ethernet frames, as tcpdump writes them on loopback: pcap in the byte order of the machine. */
function packetsIn(pcap: Buffer): Packet[] {
  expect([pcap.readUInt32LE(0), pcap.readUInt32LE(20)]).toEqual([0xa1b2c3d4, 1]);
  const packets: Packet[] = [];
  for (let at = 24; at < pcap.length; ) {
    const captured = pcap.readUInt32LE(at + 8);
    expect(captured).toBe(pcap.readUInt32LE(at + 12));
    const frame = pcap.subarray(at + 16, at + 16 + captured);
    at += 16 + captured;
    const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
    const ipHeader = ((ip[0] ?? 0) & 0x0f) * 4;
    const tcp = ip.subarray(ipHeader);
    const tcpHeader = ((tcp[12] ?? 0) >> 4) * 4;
    packets.push({
      fromPort: tcp.readUInt16BE(0),
      toPort: tcp.readUInt16BE(2),
      seq: tcp.readUInt32BE(4),
      ack: tcp.readUInt32BE(8),
      headerBytes: ipHeader + tcpHeader,
      payload: tcp.subarray(tcpHeader),
      // FIN, SYN, RST.
      opensOrEnds: ((tcp[13] ?? 0) & 0x07) !== 0,
    });
  }
  return packets;
}

const messages = 20;

/** What `own` carries in the messages that count, which are its last ones, and the acknowledgements of those of `other`. */
function carried(own: readonly Packet[], other: readonly Packet[], ownBytes: number, otherBytes: number) {
  const firstOf = (packets: readonly Packet[], bytes: number) => endOf(packets) - messages * bytes;
  const [ownFirst, otherFirst] = [firstOf(own, ownBytes), firstOf(other, otherBytes)];
  const counted = own.filter(
    ({ payload, seq, ack, opensOrEnds }) =>
      !opensOrEnds && (payload.length > 0 ? seq >= ownFirst : ack > otherFirst && ack <= endOf(other)),
  );
  return {
    segments: counted.length,
    headerBytes: counted.reduce((sum, { headerBytes }) => sum + headerBytes, 0),
    payload: Buffer.concat(counted.map(({ payload }) => payload)),
  };
}

/** Sequence numbers do not overflow in so short a conversation, but for one time in 10,000. */
const endOf = (packets: readonly Packet[]): number =>
  Math.max(...packets.filter(({ payload }) => payload.length > 0).map(({ seq, payload }) => seq + payload.length));

interface Reported {
  readonly port: number;
  readonly message: Wire;
  readonly maxSegmentBytes: number;
}

const loopback = { mtu: 65_536, maxSegmentBytes: 65_483 };
const ethernet = { mtu: 1_500, maxSegmentBytes: 1_448 };
const cases = [
  { target: 'ws', protocol: 'websocket', sizeBytes: 128, type: 'text', ...loopback },
  { target: 'socketio-websocket', protocol: 'socketio', sizeBytes: 128, type: 'text', ...loopback },
  { target: 'ws', protocol: 'websocket', sizeBytes: 8_000, type: 'binary', ...ethernet },
] as const;

describe('a conversation that tcpdump captures in a network namespace', () => {
  const reason = missing();

  it('has the bytes, segments and headers of TCP and IP that are reported', async (context) => {
    if (reason !== undefined) context.skip(reason);
    const file = join(temporaryFolder(), 'wire.pcap');
    const args = [...unshare, process.execPath, program, file, ...cases.map((each) => JSON.stringify(each))];
    const { stdout } = await promisify(execFile)('unshare', args);
    const reported = JSON.parse(stdout) as Reported[];
    const packets = packetsIn(readFileSync(file));
    const opened = packets.filter(({ opensOrEnds, ack }) => opensOrEnds && ack === 0);
    expect(reported).toHaveLength(cases.length);
    for (const [place, { port, message, maxSegmentBytes }] of reported.entries()) {
      // The client connects to the relay, and the relay to the server.
      const atServer = opened.findIndex(({ toPort }) => toPort === port);
      const relay = opened[atServer - 1];
      const way = (packets: readonly Packet[], end: 'fromPort' | 'toPort', own: number | undefined) =>
        packets.filter(({ [end]: found }) => found === own);
      const [toRelay, fromRelay] = [way(packets, 'toPort', relay?.toPort), way(packets, 'fromPort', relay?.toPort)];
      const [fromServer, toServer] = [way(packets, 'fromPort', port), way(packets, 'toPort', port)];
      const captured = {
        out: carried(toRelay, fromRelay, message.out.total, message.in.total),
        in: carried(fromServer, toServer, message.in.total, message.out.total),
      };
      for (const [direction, tcp] of [['out', message.tcpOut] as const, ['in', message.tcpIn] as const]) {
        const { segments, headerBytes, payload } = captured[direction];
        const { total } = message[direction];
        expect({ place, direction, bytes: payload.length / messages }).toEqual({ place, direction, bytes: total });
        expect(tcp).toEqual({ segments: segments / messages, headerBytes: headerBytes / messages });
        // Each of them begins where a frame does, so that the bytes are those of as many messages.
        const begins = Array.from({ length: messages }, (_, i) => payload[i * total]);
        expect(new Set(begins)).toEqual(new Set([cases[place]?.type === 'text' ? 0x81 : 0x82]));
      }
      expect(maxSegmentBytes).toBe(cases[place]?.maxSegmentBytes);
    }
  });
});
