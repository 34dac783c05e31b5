/**
 * The yardstick: the least that a Node process can do as a WebSocket client, over `node:net` with a reused read
 * buffer. It counts bytes and nothing else: no parsing, no checking, no clock, no recording. Runs as a process of its
 * own and prints one line of JSON.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { maskedFrame, opcodes } from '../runners/clients/websocket/frame.js';

export interface BareRequest {
  readonly port: number;
  readonly connections: number;
  /** Payload of a message in bytes. */
  readonly sizeBytes: number;
  /** Messages in each write, all in flight at once; the next write leaves when all of them came back. 0: send nothing. */
  readonly inflight: number;
  /** Messages a second that the first connection sends, whatever comes back; used with `inflight` 0. */
  readonly publishPerSecond?: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Poll the event loop instead of sleeping in it. */
  readonly spin: boolean;
  /** Idle cores may halt meanwhile: what a program has that sleeps on a machine of its own. */
  readonly mayHalt?: boolean;
}

export interface BareResult {
  /** Messages a second, by bytes received. */
  readonly perSecond: number;
  readonly rssBytesPerConnection: number;
}

function maskedFrames(sizeBytes: number, count: number): Buffer {
  const frame = maskedFrame(opcodes.text, Buffer.alloc(sizeBytes, 'a'));
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

function unmaskedFrameBytes(sizeBytes: number): number {
  return sizeBytes + (sizeBytes < 126 ? 2 : 4);
}

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
let receivedBytes = 0;

/** One connection: as soon as all bytes of a round came back, the next round leaves. */
async function open(port: number, frames: Buffer | undefined, roundBytes: number): Promise<Socket> {
  let upgraded = false;
  let restBytes = roundBytes;
  let opened: () => void;
  const ready = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (length) => {
        if (!upgraded) {
          upgraded = true;
          opened();
          return true;
        }
        receivedBytes += length;
        if (frames === undefined) return true;
        restBytes -= length;
        if (restBytes === 0) {
          restBytes = roundBytes;
          socket.write(frames);
        }
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await ready;
  return socket;
}

async function openAll(request: BareRequest, frames: Buffer | undefined, roundBytes: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const atOnce = 256;
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < request.connections) {
      begun++;
      sockets.push(await open(request.port, frames, roundBytes));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, request.connections) }, one));
  return sockets;
}

/** Sends what is due since the last turn of the event loop, in one write. */
function publish(socket: Socket, sizeBytes: number, perSecond: number): void {
  const frame = maskedFrames(sizeBytes, 1);
  const fromMs = performance.now();
  let sent = 0;
  const turn = (): void => {
    const due = Math.floor(((performance.now() - fromMs) * perSecond) / 1000) - sent;
    if (due > 0) socket.write(due === 1 ? frame : maskedFrames(sizeBytes, due));
    sent += due;
    setImmediate(turn);
  };
  turn();
}

async function measure(request: BareRequest): Promise<BareResult> {
  const { inflight, sizeBytes, connections, publishPerSecond } = request;
  const frames = inflight > 0 ? maskedFrames(sizeBytes, inflight) : undefined;
  const rssBefore = process.memoryUsage.rss();
  const sockets = await openAll(request, frames, unmaskedFrameBytes(sizeBytes) * inflight);
  const rssBytesPerConnection = (process.memoryUsage.rss() - rssBefore) / connections;
  if (request.spin) {
    const again = (): void => void setImmediate(again);
    again();
  }
  if (frames !== undefined) for (const socket of sockets) socket.write(frames);
  const [first] = sockets;
  if (publishPerSecond !== undefined && first !== undefined) publish(first, sizeBytes, publishPerSecond);
  await sleep(request.warmupMs);
  const fromMs = performance.now();
  const fromBytes = receivedBytes;
  await sleep(request.measureMs);
  const seconds = (performance.now() - fromMs) / 1000;
  return {
    perSecond: (receivedBytes - fromBytes) / unmaskedFrameBytes(sizeBytes) / seconds,
    rssBytesPerConnection,
  };
}

const result = await measure(JSON.parse(process.argv[2] ?? '') as BareRequest);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
