/** What layers of bytes and of CPU are called, in the order in which they are told. */

import type { ByteLayer, CpuLayer } from '../../core/layers/layers.js';

export const byteLayerNames = {
  payload: 'payload',
  socketio: 'Socket.IO packet',
  engineio: 'Engine.IO packet',
  websocket: 'WebSocket frame',
  deflate: 'deflate',
  http: 'HTTP',
  tls: 'TLS record',
  unexplained: 'unexplained',
} as const satisfies Record<ByteLayer, string>;

/** What comes on top of the bytes at the sockets. */
export const headersName = 'TCP and IP headers';

export const cpuLayerNames = {
  application: 'application',
  socketio: 'socket.io',
  socketioParser: 'socket.io-parser',
  engineio: 'engine.io',
  ws: 'ws',
  node: 'Node',
  native: 'kernel and native',
  gc: 'garbage collection',
  otherThreads: 'other threads',
  unexplained: 'unexplained',
} as const satisfies Record<CpuLayer, string>;

/** Of layers that some targets do not have: left out where all of them are 0. */
export function layersIn<Layer extends string>(
  names: Readonly<Record<Layer, string>>,
  amounts: readonly Readonly<Record<NoInfer<Layer>, { readonly median: number }>>[],
): (readonly [Layer, string])[] {
  const all = Object.entries(names) as [Layer, string][];
  return all.filter(([layer]) => amounts.some((each) => Math.abs(each[layer].median) > 1e-9));
}
