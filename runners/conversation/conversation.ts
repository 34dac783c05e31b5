/** A conversation of one connection with a server, message after message, for what it takes on the wire. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Inbox } from '../../core/client.js';
import { isAcknowledged } from '../../core/kind.js';
import { type ByteLayer, byteLayers, eachAmount, type LayeredBytes, type Segments } from '../../core/layers/layers.js';
import { type StreamFormat, type StreamUnit, unitsOf } from '../../core/layers/stream-layers.js';
import { headerBytes } from '../../core/payload/message.js';
import type { Clock } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import { clientsOf } from '../load/opener.js';
import { type Offsets, RecordingRelay } from './recording-relay.js';
import { Disturbed, type Passed, passedBy, type SegmentsBetween, segmentsBetween } from './segments.js';

export interface Wire {
  readonly in: LayeredBytes;
  readonly out: LayeredBytes;
  /** WebSocket frames, or HTTP requests and responses. */
  readonly framesIn: number;
  readonly framesOut: number;
  /** Absent where the kernel's count is no use. */
  readonly tcpIn?: Segments | undefined;
  readonly tcpOut?: Segments | undefined;
}

export interface Conversation {
  /** Of one message there and back. */
  readonly message: Wire;
  /** Of one heartbeat there and back; undefined where none came in time. */
  readonly heartbeat: Wire | undefined;
  /** Most payload of a segment; or why segments could not be counted, the end of a sentence. */
  readonly maxSegmentBytes: number | Error;
}

const messages = 20;
/** For what is still on its way when the last delivery is there: the next poll, or TCP's delayed acknowledgement (40 ms). */
const settlingMs = 80;
const answerLimitMs = 5_000;
/** A heartbeat in the middle of the messages makes them worth nothing. */
const mostTries = 5;

/**
 * @param share of the trial, whose client it is. @param heartbeatMs how often the server sends one: for so long and a half
 * is waited.
 * @throws Error in one sentence when the server does not answer.
 */
export async function converse(share: Share, clock: Clock, heartbeatMs: number): Promise<Conversation> {
  const { addresses, port, workload, protocol } = share;
  const [host = '127.0.0.1'] = addresses;
  const relay = await RecordingRelay.start(host, port);
  let connection: Connection | undefined;
  try {
    let delivered: () => void = () => {};
    const clientFor = await clientsOf({ ...share, port: relay.port }, clock);
    const opened = await clientFor(inboxFor(() => delivered())).open(0, host);
    connection = opened.connection;
    const { sizeBytes } = workload.payload;
    const sizeOf: SizeOf = { out: sizeBytes, in: isAcknowledged(workload.kind) ? headerBytes : sizeBytes };
    const format = { protocol, secure: share.trust !== undefined || share.endpoint?.secure };
    const read = (from: Offsets, to: Offsets): Window => windowOf(relay, from, to, format, sizeOf);
    let sequence = 0;
    const exchange = async (): Promise<void> => {
      const answer = new Promise<void>((resolve) => {
        delivered = resolve;
      });
      const nowUs = clock.nowUs();
      opened.connection.send(0, sequence++, nowUs, nowUs, false);
      opened.connection.flush();
      const late = sleep(answerLimitMs, 'late', { ref: false });
      if ((await Promise.race([answer, late])) === 'late') throw new Error('the server did not answer a message');
    };
    const heartbeatSince = async (from: Passed): Promise<Wire | undefined> => {
      await sleep(1.5 * heartbeatMs);
      for (let tries = 1; tries <= mostTries; tries++) {
        const to = await passedBy(relay);
        const { heartbeatsIn: beats, heartbeatsOut, ...idle } = read(from.offsets, to.offsets);
        if (idle.messages > 0 || (beats === 0 && heartbeatsOut === 0)) break;
        if (beats === heartbeatsOut) return divided(idle, beats, segmentsBetween(from, to));
        // Of the last one, the ping has come and the pong is still on its way.
        await sleep(settlingMs);
      }
      return undefined;
    };
    // The first message may find things as no later one does.
    await exchange();
    for (let tries = 1; ; tries++) {
      await sleep(settlingMs);
      const from = await passedBy(relay);
      for (let i = 0; i < messages; i++) await exchange();
      await sleep(settlingMs);
      const to = await passedBy(relay);
      const window = read(from.offsets, to.offsets);
      const segments = segmentsBetween(from, to);
      const isDisturbed = segments instanceof Disturbed || hasHeartbeat(window, format.secure === true);
      if (isDisturbed && tries < mostTries) continue;
      return {
        message: divided(format.secure ? withPayload(window, messages, sizeOf) : window, messages, segments),
        heartbeat: await heartbeatSince(to),
        maxSegmentBytes: segments instanceof Error ? segments : segments.maxSegmentBytes,
      };
    }
  } finally {
    connection?.close();
    relay.stop();
  }
}

function inboxFor(delivered: () => void): Inbox {
  const nothing = (): void => {};
  return {
    message: () => {
      delivered();
      return true;
    },
    ...{ endOfRead: nothing, error: nothing, other: nothing, pushed: nothing, unrecognised: nothing, closed: nothing },
  };
}

/** Of a message, in bytes. */
type SizeOf = Readonly<Record<'in' | 'out', number>>;

interface Window extends Wire {
  readonly heartbeatsIn: number;
  readonly heartbeatsOut: number;
  readonly messages: number;
}

/** What passed between two moments at which nothing was on its way. */
function windowOf(
  relay: RecordingRelay,
  from: Offsets,
  to: Offsets,
  format: Omit<StreamFormat, 'messageBytes'>,
  sizeOf: SizeOf,
): Window {
  const way = (direction: 'in' | 'out') => {
    let carried = 0;
    const units = relay.recorded.flatMap((own, place): StreamUnit[] => {
      const [fromByte, toByte] = [from[place]?.[direction] ?? 0, to[place]?.[direction] ?? 0];
      carried += toByte - fromByte;
      const stream = Buffer.concat(own[direction]).subarray(0, toByte);
      return unitsOf(stream, { ...format, messageBytes: sizeOf[direction] }).filter(({ endsAt }) => endsAt > fromByte);
    });
    return { units, carried };
  };
  const [input, output] = [way('in'), way('out')];
  const count = (units: readonly StreamUnit[], of: (unit: StreamUnit) => number) =>
    units.reduce((sum, unit) => sum + of(unit), 0);
  return {
    in: layered(input),
    out: layered(output),
    framesIn: input.units.length,
    framesOut: output.units.length,
    heartbeatsIn: count(input.units, ({ heartbeats }) => heartbeats),
    heartbeatsOut: count(output.units, ({ heartbeats }) => heartbeats),
    messages: count([...input.units, ...output.units], ({ messages }) => messages),
  };
}

/** @param carried by the sockets: what no unit has is unexplained. */
function layered({
  units,
  carried,
}: {
  readonly units: readonly StreamUnit[];
  readonly carried: number;
}): LayeredBytes {
  const sum = (layer: ByteLayer): number => units.reduce((total, { bytes }) => total + bytes[layer], 0);
  const bytes = Object.fromEntries(byteLayers.map((layer) => [layer, sum(layer)])) as Record<ByteLayer, number>;
  const explained = byteLayers.reduce((total, layer) => total + bytes[layer], 0);
  return { ...bytes, unexplained: bytes.unexplained + carried - explained, total: carried };
}

/** What is encrypted shows only how many records there are: the same number for each message. */
function hasHeartbeat({ heartbeatsIn, heartbeatsOut, framesIn, framesOut }: Window, isSecure: boolean): boolean {
  if (isSecure) return framesIn % messages > 0 || framesOut % messages > 0;
  return heartbeatsIn + heartbeatsOut > 0;
}

/** In what is encrypted no message can be found, but each has its size. */
function withPayload(window: Window, count: number, sizeOf: SizeOf): Window {
  const known = (bytes: LayeredBytes, size: number): LayeredBytes => {
    return { ...bytes, payload: count * size, unexplained: bytes.unexplained - count * size };
  };
  return { ...window, in: known(window.in, sizeOf.in), out: known(window.out, sizeOf.out) };
}

function divided({ framesIn, framesOut, ...window }: Wire, parts: number, between: SegmentsBetween | Error): Wire {
  const part = (amount: number): number => amount / parts;
  const [input, output] = [eachAmount(window.in, part), eachAmount(window.out, part)];
  const wire = { in: input, out: output, framesIn: part(framesIn), framesOut: part(framesOut) };
  if (between instanceof Error) return wire;
  const each = ({ segments, headerBytes }: Segments): Segments => {
    return { segments: part(segments), headerBytes: part(headerBytes) };
  };
  return { ...wire, tcpIn: each(between.in), tcpOut: each(between.out) };
}
