/** The layers to which the bytes of a connection and the CPU of its server are dealt. */

import { z } from 'zod';
import { amount, signedAmount } from '../stored-value.js';

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
export const layeredBytesSchema = z.object(eachPart(byteLayers, () => signedAmount));
export type LayeredBytes = Readonly<z.infer<typeof layeredBytesSchema>>;

/** Below the sockets, of one direction: segments of TCP, each in a packet of IP, and the bytes of the headers of both. */
export const segmentsSchema = z.object({ segments: amount, headerBytes: amount });
export type Segments = Readonly<z.infer<typeof segmentsSchema>>;

/**
 * `application`: the server's own code and packages that are no layer. `node`: JavaScript of Node itself, such as node:net and
 * node:http. `native`: the kernel and native code of Node. `otherThreads`: the compiler, helpers of the garbage collector, and
 * the profiler. `unexplained`: CPU of the thread without a sample at work, such as waiting for events. They add up to `total`, the CPU of the process.
 */
export const cpuLayers = [
  'application',
  'socketio',
  'socketioParser',
  'engineio',
  'ws',
  'node',
  'native',
  'gc',
  'otherThreads',
  'unexplained',
] as const;
export type CpuLayer = (typeof cpuLayers)[number];

/** In us a delivery. */
export const layeredCpuSchema = z.object(eachPart(cpuLayers, () => signedAmount));
export type LayeredCpu = Readonly<z.infer<typeof layeredCpuSchema>>;

/**
 * What a trial says of them. Bytes are of a recorded conversation: of one message each way, and of the heartbeats of an idle
 * minute with the usual heartbeat, absent where none came.
 */
export const layersSchema = z.object({
  bytesIn: layeredBytesSchema,
  bytesOut: layeredBytesSchema,
  idleBytesIn: layeredBytesSchema.optional(),
  idleBytesOut: layeredBytesSchema.optional(),
  /** WebSocket frames, or HTTP requests and responses, of one message each way. */
  framesIn: amount,
  framesOut: amount,
  /**
   * Of the same conversation below the sockets. Absent where the kernel could not be asked, as are those of an idle
   * minute where nothing came in it.
   */
  tcpIn: segmentsSchema.optional(),
  tcpOut: segmentsSchema.optional(),
  idleTcpIn: segmentsSchema.optional(),
  idleTcpOut: segmentsSchema.optional(),
  /** Most payload of one segment: 65,483 on loopback, 1,448 over Ethernet. */
  maxSegmentBytes: amount.optional(),
  /** CPU of the server in us a delivery; absent where it cannot be profiled. */
  cpuUs: layeredCpuSchema.optional(),
});

/** Of each layer, and of their sum. */
export function eachPart<Layer extends string, T>(
  layers: readonly Layer[],
  of: (part: Layer | 'total') => T,
): Record<Layer | 'total', T> {
  const parts = [...layers, 'total' as const].map((part) => [part, of(part)] as const);
  return Object.fromEntries(parts) as Record<Layer | 'total', T>;
}

export function eachAmount(bytes: LayeredBytes, of: (amount: number) => number): LayeredBytes {
  return eachPart(byteLayers, (part) => of(bytes[part]));
}

const layeredBytes = (csv: string) =>
  eachPart(byteLayers, (part) => ({ fold: 'median', unit: 'B', csv: `${csv}_${part}` }) as const);
const segments = (csv: string) =>
  ({
    fold: 'part',
    optional: true,
    figures: {
      segments: { fold: 'median', unit: 'count', csv: `${csv}_segments` },
      headerBytes: { fold: 'median', unit: 'B', csv: `${csv}_tcp_ip_header_bytes` },
    },
  }) as const;
const count = <const Csv extends string>(csv: Csv) => ({ fold: 'median', unit: 'count', csv }) as const;

/** `socketioParser` as `socketio_parser`. */
const inColumns = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Of one message each way, of an idle minute, and of a delivery, as entries of the table of figures. */
export const layerFigures = {
  bytesIn: { fold: 'part', figures: layeredBytes('layers_bytes_in') },
  bytesOut: { fold: 'part', figures: layeredBytes('layers_bytes_out') },
  idleBytesIn: { fold: 'part', figures: layeredBytes('layers_idle_minute_bytes_in'), optional: true },
  idleBytesOut: { fold: 'part', figures: layeredBytes('layers_idle_minute_bytes_out'), optional: true },
  framesIn: count('layers_frames_in'),
  framesOut: count('layers_frames_out'),
  tcpIn: segments('layers_in'),
  tcpOut: segments('layers_out'),
  idleTcpIn: segments('layers_idle_minute_in'),
  idleTcpOut: segments('layers_idle_minute_out'),
  maxSegmentBytes: { fold: 'median', unit: 'B', csv: 'layers_max_segment_bytes', optional: true },
  cpuUs: {
    fold: 'part',
    optional: true,
    figures: eachPart(
      cpuLayers,
      (part) => ({ fold: 'median', unit: 'us', csv: `layers_cpu_us_${inColumns(part)}` }) as const,
    ),
  },
} as const;
