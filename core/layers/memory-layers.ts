/** Memory of a connection by layer: servers, each with one layer more than the one before it, and what a connection takes of each. */

import { z } from 'zod';
import { list, positiveCount, type Stored, signedAmount } from '../stored-value.js';

/**
 * From the bottom, each with all below it:
 *
 *     tcp        sockets of node:net
 *     websocket  ws over Node's HTTP server
 *     engineio   Engine.IO with WebSocket as its only transport
 *     socketio   Socket.IO with the same transport
 *     room       one that all connections are in
 */
export const memoryLayers = ['tcp', 'websocket', 'engineio', 'socketio', 'room'] as const;
export type MemoryLayer = (typeof memoryLayers)[number];

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
