/** The lines of a result file: their fields, units, caps and version. Written once by a run, read by every report. */

import { z } from 'zod';
import { clientNames } from './client.js';
import { kindNames } from './kind.js';
import { calibrationSchema } from './measure/calibration.js';
import { decodeHistogram } from './measure/histogram-encoding.js';
import { generatorMetricsSchema, serverMetricsSchema } from './measure/process-metrics.js';
import { reasonSchema } from './measure/reason.js';
import { sides } from './plan.js';
import { scenarioSchema } from './scenario.js';
import {
  amount,
  count,
  list,
  name,
  positiveCount,
  quantileTriple,
  record,
  type Stored,
  sentence,
  signedAmount,
  stageCost,
} from './stored-value.js';
import { protocols } from './target.js';
import { workloadSchema } from './workload/workload-fields.js';

/** Major version: a reader refuses any other. Adding fields does not change it. */
export const schemaVersion = 1;

const maxHistogramChars = 400_000;
/** A day at 3 million messages a second; all trials of a file together still fit a safe integer. */
const maxHistogramCount = 2 ** 38;

const latencySummarySchema = z.object({
  count,
  min: amount,
  p50: amount,
  p90: amount,
  p99: amount,
  p999: amount,
  max: amount,
  mean: amount,
  /** Values above the range of the histogram, recorded as its highest. */
  clamped: count,
  /** HdrHistogram V2 compressed encoding, base64. */
  histogram: z
    .string()
    .max(maxHistogramChars)
    .superRefine((encoded, context) => {
      try {
        const { count: total } = decodeHistogram(encoded);
        if (total > maxHistogramCount) throw new Error('the histogram counts more messages than any run can send');
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a histogram' });
      }
    }),
});
export type LatencySummary = Stored<typeof latencySummarySchema>;

const environmentSchema = z.object({
  os: name,
  cpu: name,
  cores: count,
  memoryBytes: amount,
  node: name,
  /** Version of every library measured, by package name. */
  libraries: record(name),
  /** How server and workers were kept apart, e.g. "server on core 0, workers on core 1". */
  pinning: sentence,
});
export type Environment = Stored<typeof environmentSchema>;

/** What stands behind a side of a comparison. */
const sideLabelSchema = z.object({
  /** Target name, or the path of the user's own server module as it was given. */
  target: sentence,
  /** As the user named it, `main` for example; absent where two modules are compared without git. */
  revision: name.optional(),
  commit: name.optional(),
  dirty: z.boolean().optional(),
});
export type SideLabel = Stored<typeof sideLabelSchema>;

/** A time at which a comparison looks at its forks, so many of them valid, and how sure it must be then. */
const lookSchema = z.object({ forks: positiveCount, alpha: z.number().gt(0).lt(1) });
export type Look = Stored<typeof lookSchema>;

export const runLineSchema = z.object({
  type: z.literal('run'),
  schema: z.number(),
  tool: name,
  /** Wall clock, ISO 8601: a label only. */
  startedAt: name,
  scenario: scenarioSchema,
  environment: environmentSchema,
  git: z.object({ commit: name, dirty: z.boolean() }).nullable(),
  seed: z.number(),
  /** Targets that could not run here and why. */
  unavailable: record(sentence),
  /** The last calibration of this machine, null when there was none; absent in files of earlier versions. */
  calibration: calibrationSchema.nullable().optional(),
  /** Only in a comparison of two versions in one job (`bench ab`), whose trials are named `base` and `head`. */
  sides: z.object({ base: sideLabelSchema, head: sideLabelSchema }).optional(),
  /** Only with `sides`: planned before the first fork, in order. */
  looks: list(lookSchema).min(1).optional(),
});
export type RunLine = Stored<typeof runLineSchema>;

const countsSchema = z.object({
  /** Messages that the load model called for. */
  scheduled: count,
  sent: count,
  /** Scheduled but impossible to send. scheduled = sent + dropped. */
  dropped: count,
  /** Deliveries owed for what was sent. owed = delivered + lost. */
  owed: count,
  /** Distinct deliveries received. */
  delivered: count,
  /** Owed and not received when the drain ended. */
  lost: count,
  duplicated: count,
  /** Delivered after a later message of the same sender. */
  reordered: count,
  /** Arrived, but not as the bytes that were sent. */
  corrupted: count,
  /** Arrived in another room than its own; absent where there is one room. */
  misrouted: count.optional(),
  connectFailed: count,
  errors: record(count),
});
export type Counts = Stored<typeof countsSchema>;

/** What one side of a fork did in one of its windows, the settling at the window's beginning left out. */
const forkWindowSchema = z.object({
  seconds: amount,
  delivered: count,
  /** CPU time of all threads of the server's process. */
  serverCpuUs: amount,
});
export type ForkWindow = Stored<typeof forkWindowSchema>;

/** One side of a fork: a pair of fresh servers, both alive, between which the load alternates in short windows. */
const forkSideSchema = z.object({
  side: z.enum(sides),
  /** The n-th window of base and the n-th of head are neighbours in time. */
  windows: list(forkWindowSchema),
});

/** What slow readers were owed in the whole trial, and what they got when they read again: the rest was dropped. */
const slowReadersSchema = z.object({
  readers: count,
  owed: count,
  delivered: count,
  /** Of the server, from the start of the measured window to its end. */
  serverRssGrowthBytes: signedAmount,
});
export type SlowReaders = Stored<typeof slowReadersSchema>;

/** What an outage did. */
const reconnectionSchema = z.object({
  cutOff: count,
  reconnected: count,
  /** Of those that came back, from the outage to being ready. */
  reconnectUs: quantileTriple,
  /** Most connections that came back within one second. */
  peakPerSecond: amount,
  /** Deliveries that a connection missed while it was away and was given when it was back. */
  recovered: count,
  /** Deliveries that it missed and was never given. */
  lost: count,
});
export type Reconnection = Stored<typeof reconnectionSchema>;

/** What connections cost that only are there; of each, or of the whole server in an hour with the usual heartbeat. */
const holdingSchema = z.object({
  /** Of both ends, from /proc/net/sockstat and /proc/meminfo; null where there are none. */
  kernelBytesPerConnection: signedAmount.nullable(),
  serverRssBytesPerConnection: signedAmount,
  serverHeapBytesPerConnection: signedAmount,
  serverExternalBytesPerConnection: signedAmount,
  /** TCP payload of a connection in an hour. */
  bytesInPerHour: amount,
  bytesOutPerHour: amount,
  /** CPU time of the server for one connection in an hour. */
  serverCpuUsPerHour: amount,
});
export type Holding = Stored<typeof holdingSchema>;

export const trialLineSchema = z.object({
  type: z.literal('trial'),
  id: count,
  target: name,
  kind: z.enum(kindNames),
  client: z.enum(clientNames),
  /** Absent in files of earlier versions. */
  protocol: z.enum(protocols).optional(),
  transport: name,
  library: name,
  block: count,
  /** 1 unless earlier attempts of this trial were invalid. */
  attempt: positiveCount,
  workload: workloadSchema,
  connections: positiveCount,
  /** Length of the measured window. */
  seconds: amount,
  /** Whole trial, warm-up included: every message is accounted for. */
  counts: countsSchema,
  /** Messages due in the measured window: scheduled, sent inside it, and their deliveries. */
  measured: z.object({ scheduled: count, sent: count, owed: count, delivered: count }),
  /** Deliveries that arrived within the measured window, a second. */
  deliveredPerSecond: amount,
  sentPerSecond: amount,
  /** TCP payload bytes of all connections: in a delivery, out a send; heartbeats and polling included. */
  bytesPerMessage: z.object({ in: amount, out: amount }),
  latencyUs: z.object({
    /** received - due; null for a closed loop, which has no schedule to be late against. */
    response: latencySummarySchema.nullable(),
    /** received - sent. */
    service: latencySummarySchema,
    /**
     * Until the last receiver had the message: from due, from sent in a closed loop. Of the messages that reached all of
     * theirs. Absent where each message has one receiver.
     */
    last: latencySummarySchema.optional(),
  }),
  connectUs: record(quantileTriple),
  /** null when the server died before it could report. */
  server: serverMetricsSchema.nullable(),
  runner: generatorMetricsSchema,
  settings: record(z.union([sentence, z.number(), z.boolean()])),
  valid: z.boolean(),
  /** Empty when the trial is valid. */
  invalidBecause: list(reasonSchema),
  /** Warnings, printed beside the figures; they do not make a trial invalid. */
  doubts: list(reasonSchema),
  /** Of a connection, by stage. Absent in files of earlier versions. */
  connectCosts: record(stageCost).optional(),
  /** Most connections that became ready within one second. */
  connectPeakPerSecond: amount.optional(),
  /** Kind push: how late the server itself was, sent - due. */
  pushLagUs: quantileTriple.optional(),
  slowReaders: slowReadersSchema.optional(),
  visits: z.object({ made: count, delivered: count }).optional(),
  reconnection: reconnectionSchema.optional(),
  holding: holdingSchema.optional(),
  /** Only in a comparison of two versions in one job; `block` is the number of the fork, and `seconds` that of all windows. */
  fork: forkSideSchema.optional(),
});
export type TrialLine = Stored<typeof trialLineSchema>;

export const endLineSchema = z.object({
  type: z.literal('end'),
  trials: count,
  invalid: count,
  interrupted: z.boolean(),
  seconds: amount,
});
export type EndLine = Stored<typeof endLineSchema>;

export type ResultLine = RunLine | TrialLine | EndLine;

/** Quantiles that reports show, with the sends needed before one is shown as firm: sends x (1 - q) >= 100. */
export const quantiles = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;
export const firmTailCount = 100;
