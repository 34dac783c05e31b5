/** Memory of a connection by layer: servers, each with one layer more than another, and what a connection takes of each. */

import { z } from 'zod';
import { list, positiveCount, type Stored, signedAmount } from '../stored-value.js';

/**
 * Each with all below it:
 *
 *     tcp        sockets of node:net
 *     websocket  ws over Node's HTTP server
 *     engineio   Engine.IO with WebSocket as its only transport
 *     socketio   Socket.IO with the same transport
 *     room       one that all connections are in
 *     deflate    ws with per-message deflate, after a compressed message each way
 *     tls        ws over Node's HTTPS server
 */
export const memoryLayers = ['tcp', 'websocket', 'engineio', 'socketio', 'room', 'deflate', 'tls'] as const;
export type MemoryLayer = (typeof memoryLayers)[number];

/** What the server of each layer is compared with: one that has all of its layers but this; the first has nothing below it. */
export const layerBelow: Readonly<Partial<Record<MemoryLayer, MemoryLayer>>> = {
  websocket: 'tcp',
  engineio: 'websocket',
  socketio: 'engineio',
  room: 'socketio',
  deflate: 'websocket',
  tls: 'websocket',
};

/** All layers of the server of a layer, from the bottom. */
export function layersUpTo(layer: MemoryLayer): MemoryLayer[] {
  const below = layerBelow[layer];
  return below === undefined ? [layer] : [...layersUpTo(below), layer];
}

/** Of each batch of connections, in bytes a connection; of memory that was given back meanwhile less than 0. */
const batches = list(signedAmount).min(1);

export const memoryByLayerSchema = z.object({
  /** In a batch; all stay open while the next ones come. */
  connections: positiveCount,
  /** In the order of `memoryLayers`: a server with this layer and all below it. */
  servers: list(
    z.object({
      layer: z.enum(memoryLayers),
      /** JavaScript heap after garbage collection, and what belongs to it outside. */
      heapBytes: batches,
      rssBytes: batches,
      /** Of both ends of the connection; absent where the kernel does not tell. */
      kernelBytes: batches.optional(),
    }),
  ),
});
export type MemoryByLayer = Stored<typeof memoryByLayerSchema>;
