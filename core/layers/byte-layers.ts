/** The layers to which the bytes of a connection are dealt, and what a message and an idle minute take of each. */

import { z } from 'zod';
import { signedAmount } from '../stored-value.js';

/**
 * From the application down to TCP. `deflate` is what compression adds, below 0 where it saves. `tls` is there where the
 * connection is encrypted; nothing between it and the payload can be told apart then, which is `unexplained`.
 */
export const byteLayers = [
  'payload',
  'socketio',
  'engineio',
  'websocket',
  'deflate',
  'http',
  'tls',
  'unexplained',
] as const;
export type ByteLayer = (typeof byteLayers)[number];

/** Bytes by layer, and their sum, which is what the sockets carried. */
export const layeredBytesSchema = z.object({
  payload: signedAmount,
  socketio: signedAmount,
  engineio: signedAmount,
  websocket: signedAmount,
  deflate: signedAmount,
  http: signedAmount,
  tls: signedAmount,
  unexplained: signedAmount,
  total: signedAmount,
});
export type LayeredBytes = Readonly<z.infer<typeof layeredBytesSchema>>;
