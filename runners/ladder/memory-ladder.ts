/** Measures what a connection takes of memory by layer: of servers of which each has one layer more, batch after batch. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { type MemoryByLayer, type MemoryLayer, memoryLayers } from '../../core/layers/memory-layers.js';
import { usualCompression } from '../../core/variant/per-message-deflate.js';
import { deflatedFrame } from '../clients/deflate/deflated-frame.js';
import { maskedFrame, opcodes } from '../clients/websocket/frame.js';
import { Handshake } from '../clients/websocket/handshake.js';
import { HostedProcess } from '../machine/child-process.js';
import { kernelSocketBytes } from '../machine/kernel-memory.js';
import type { FromLayerServer, LadderPlan, LayerRequest, ToLayerServer } from './ladder-plan.js';

const path = fileURLToPath(new URL('./layer-server.js', import.meta.url));
const host = '127.0.0.1';
const limitMs = 20_000;

/** @throws Error in one sentence when a server fails, or the reason of `signal` when that aborts. */
export async function memoryByLayer(plan: LadderPlan, signal: AbortSignal): Promise<MemoryByLayer> {
  const servers: MemoryByLayer['servers'][number][] = [];
  for (const layer of memoryLayers) {
    signal.throwIfAborted();
    servers.push(await memoryOf(layer, plan));
  }
  return { connections: plan.connections, servers };
}

/**
 * Code that V8 compiles, optimizes or discards while connections come is not memory of a connection: with 80 connections
 * it was up to 5 KB for each. With these flags two batches differ by some 10 bytes a connection.
 */
const flags = ['--expose-gc', '--no-flush-bytecode', '--no-opt', '--no-sparkplug', '--no-lazy-feedback-allocation'];

class LayerServer extends HostedProcess<ToLayerServer, FromLayerServer> {
  constructor(request: LayerRequest, core: number | undefined) {
    const cores = core === undefined ? undefined : [core];
    super({ name: `${request.layer} server`, path, request, flags, cores });
  }
}

async function memoryOf(layer: MemoryLayer, plan: LadderPlan): Promise<MemoryByLayer['servers'][number]> {
  const server = new LayerServer({ layer, host }, plan.core);
  const sockets: Socket[] = [];
  try {
    const { port } = await server.next('listening', limitMs);
    const more = async () => {
      for (let i = 0; i < plan.connections; i++) sockets.push(await opened(layer, port));
      const { heapBytes, rssBytes } = await server.ask(
        { type: 'memory', connections: sockets.length },
        'memory',
        limitMs,
      );
      return { heapBytes, rssBytes, kernelBytes: kernelSocketBytes() };
    };
    // The first batch compiles code and fills tables that the later ones find.
    const readings = [await more()];
    for (let batch = 0; batch < plan.batches; batch++) readings.push(await more());
    const each = (of: (reading: (typeof readings)[number]) => number): number[] =>
      readings.slice(1).map((reading, i) => (of(reading) - of(readings[i] ?? reading)) / plan.connections);
    const tellsKernel = readings.every(({ kernelBytes }) => kernelBytes !== undefined);
    return {
      layer,
      heapBytes: each(({ heapBytes }) => heapBytes),
      rssBytes: each(({ rssBytes }) => rssBytes),
      ...(tellsKernel && { kernelBytes: each(({ kernelBytes = 0 }) => kernelBytes) }),
    };
  } finally {
    for (const socket of sockets) socket.resetAndDestroy();
    await server.stop();
  }
}

const paths: Readonly<Partial<Record<MemoryLayer, string>>> = {
  websocket: '/',
  deflate: '/',
  tls: '/',
  engineio: '/engine.io/?EIO=4&transport=websocket',
  socketio: '/socket.io/?EIO=4&transport=websocket',
  room: '/socket.io/?EIO=4&transport=websocket',
};

/** A message that is compressed, long enough for the server to compress its own. */
function compressedMessage(): Buffer {
  const text = Buffer.alloc(usualCompression.thresholdBytes, 'x');
  const { opcode, payload } = deflatedFrame({ opcode: opcodes.text, payload: text }, 0, 15, usualCompression);
  return maskedFrame(opcode, payload);
}

/** Ready as far as the client can tell; the server counts on its own. What comes in is thrown away. */
async function opened(layer: MemoryLayer, port: number): Promise<Socket> {
  const tcp = connect({ host, port, noDelay: true });
  await once(tcp, 'connect', { signal: AbortSignal.timeout(limitMs) });
  const socket = layer === 'tls' ? await encrypted(tcp) : tcp;
  // The server ends them, or has failed, which it says itself.
  for (const each of new Set([tcp, socket])) each.on('error', () => {});
  const asked = paths[layer];
  if (asked === undefined) {
    tcp.resume();
    return tcp;
  }
  const deflate = layer === 'deflate';
  socket.write(new Handshake(`${host}:${port}`, asked, undefined, { deflate }).request);
  const isSocketio = layer === 'socketio' || layer === 'room';
  await once(socket, 'data', { signal: AbortSignal.timeout(limitMs) });
  // The server hears frames only once it has answered the handshake.
  if (isSocketio) socket.write(maskedFrame(opcodes.text, Buffer.from('40')));
  if (deflate) socket.write(compressedMessage());
  socket.on('data', () => {});
  return tcp;
}

/** The certificate is one that the server has just made: there is nobody to be trusted, and nothing that is secret. */
async function encrypted(tcp: Socket): Promise<TLSSocket> {
  const socket = connectTls({ socket: tcp, rejectUnauthorized: false });
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(limitMs) });
  return socket;
}
