/** What the user asked for: defaults filled, units resolved, every combination of a sweep written out. Plain JSON. */

import { z } from 'zod';
import { type ClientName, clientNames } from './client.js';
import { kindNames } from './kind.js';
import { payloadTypes } from './message.js';
import { amount, count, list, name, positiveCount, type Stored, sentence } from './stored-value.js';

/** A proxy between clients and server that lets plain HTTP through and does this to a WebSocket upgrade. */
export const blockings = ['refuse', 'swallow', 'cut'] as const;
/** refuse: 403. swallow: no answer. cut: the handshake is answered, then the connection is reset. */
export type Blocking = (typeof blockings)[number];

export const outageKinds = ['reset', 'restart'] as const;

/** Every connection is lost, `afterMs` after the start of the measured window. */
const outageSchema = z.object({
  /** reset: the connections are reset. restart: the server is killed, and a fresh one started. */
  how: z.enum(outageKinds),
  afterMs: amount,
  /** Socket.IO: with connection state recovery. */
  recovery: z.boolean(),
});
export type Outage = Stored<typeof outageSchema>;

/** Connections that come and go during warm-up and measurement, each into the next room; nothing is owed to them. */
const churnSchema = z.object({
  /** Poisson arrivals, of all workers together. */
  ratePerSecond: amount,
  stayMs: amount,
});
export type ConnectionChurn = Stored<typeof churnSchema>;

const loadSchema = z.discriminatedUnion('model', [
  z.object({ model: z.literal('open'), ratePerSecond: amount, arrivals: z.enum(['constant', 'poisson']) }),
  z.object({ model: z.literal('closed'), inflight: positiveCount }),
  /** No messages at all. */
  z.object({ model: z.literal('none') }),
]);
export type Load = Stored<typeof loadSchema>;

/**
 * One set of parameters: what a trial of any target does. A field counts when two workloads are compared, unless its
 * schema is marked with `.meta({ sameWork: true })`.
 */
export const workloadSchema = z.object({
  kind: z.enum(kindNames),
  connections: positiveCount,
  /** How many of the connections send; at most `connections`, 0 where the server or nobody sends. */
  publishers: count,
  /**
   * `ratePerSecond` is the rate of all publishers together, for kind push that of the server, and for kind connect that
   * of connections to be opened; `inflight` is for each publisher.
   */
  load: loadSchema,
  payload: z.object({ sizeBytes: count, type: z.enum(payloadTypes) }),
  phases: z.object({ warmupMs: amount, measureMs: amount, drainMs: amount }),
  connect: z.object({ ratePerSecond: amount, timeoutMs: amount }),
  /** Kind room: how many; connections are dealt to them in turn. */
  rooms: positiveCount.optional(),
  /** Kind ack: what takes longer is counted as `ack-timeout` and not as delivered. */
  ackTimeoutMs: amount.optional(),
  /** Connections that read nothing during the measured window, the last ones by number; they do not send. */
  slowReaders: count.optional(),
  visitors: churnSchema.optional(),
  blocking: z.enum(blockings).optional(),
  outage: outageSchema.optional(),
  /** Heartbeat of the server; undefined: the usual one of `settings`. */
  heartbeatMs: amount.optional(),
});
export type Workload = Stored<typeof workloadSchema>;

/** Targets times workloads: what a report makes rows for, even if no trial of them is in the file. */
const maxRows = 10_000;

export const scenarioSchema = z
  .object({
    /** File name without its ending. */
    name,
    /** First comment line of the file: the question it answers. Empty when there is none. */
    question: sentence,
    targets: list(name).min(1),
    /** Undefined: `wire` where the transport allows, else `library`. */
    client: z.enum(clientNames).optional(),
    /** One for each combination of the values under `sweep`, in the order of the file; one when there is no sweep. */
    workloads: list(workloadSchema).min(1),
    /** Repetitions of every target and workload. */
    trials: positiveCount,
    /** Undefined: chosen at random and recorded. */
    seed: z.number().optional(),
    /** Worker threads; undefined: as many as the machine and the connections call for. */
    runners: positiveCount.optional(),
    /** Each as it was written, `p99 < 50ms` for example; every one has been parsed once. Undefined: none. */
    gates: list(name).optional(),
    /** Of a ladder: a target whose p95 exceeds this is not asked for the workloads that follow. Undefined: no ladder. */
    stopAboveP95Us: amount.optional(),
  })
  .refine(({ targets, workloads }) => targets.length * workloads.length <= maxRows, `more than ${maxRows} rows`);
export type Scenario = Stored<typeof scenarioSchema>;

/** Values from the command line that replace those of the file; same units as in the types above. */
export interface Overrides {
  readonly targets?: readonly string[];
  readonly client?: ClientName;
  readonly connections?: number;
  readonly ratePerSecond?: number;
  readonly inflight?: number;
  readonly sizeBytes?: number;
  readonly measureMs?: number;
  readonly warmupMs?: number;
  readonly trials?: number;
  readonly runners?: number;
  readonly seed?: number;
  readonly gates?: readonly string[];
  /** One short trial of each target and workload. */
  readonly quick?: boolean;
}

/** One thing wrong with a scenario: where, what and what to do about it. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
