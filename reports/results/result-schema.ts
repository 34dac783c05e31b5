/**
 * Owns what a line of a result file may hold when it comes from a stranger: every field checked, every text and list
 * capped. Fields that this version does not know are left out, so that a later minor version stays readable.
 */

import { z } from 'zod';
import { type Kind, kindNames } from '../../core/kind.js';
import { calibrationSchema } from '../../core/measure/calibration.js';
import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import { sides } from '../../core/plan.js';
import type {
  EndLine,
  Holding,
  LatencySummary,
  Reconnection,
  RunLine,
  ServerMetrics,
  TrialLine,
} from '../../core/result.js';
import { blockings, outageKinds, type Scenario, type Workload } from '../../core/scenario.js';
import { protocols } from '../../core/target.js';

const maxNameChars = 200;
const maxSentenceChars = 4_000;
const maxHistogramChars = 400_000;
const maxKeys = 200;
const maxListed = 1_000;
/** Targets times workloads: what a report makes rows for, even if no trial of them is in the file. */
const maxRows = 10_000;
const maxReadings = 10_000;
/** A day at 3 million messages a second; all trials of a file together still fit a safe integer. */
const maxHistogramCount = 2 ** 38;

const name = z.string().max(maxNameChars);
const sentence = z.string().max(maxSentenceChars);
/** zod takes neither NaN nor infinity for a number, and a sum of figures below this cap stays finite and exact enough. */
const amount = z.number().min(0).max(1e15);
const signedAmount = z.number().min(-1e15).max(1e15);
const count = z.int().min(0);
const positiveCount = z.int().min(1);

/** zod drops a key `__proto__`; other keys of Object.prototype become plain own properties. */
function record<T extends z.ZodType>(value: T) {
  return z.record(name, value).refine((keyed) => Object.keys(keyed).length <= maxKeys, `more than ${maxKeys} keys`);
}

const histogram = z
  .string()
  .max(maxHistogramChars)
  .superRefine((encoded, context) => {
    try {
      const { count: total } = decodeHistogram(encoded);
      if (total > maxHistogramCount) throw new Error('the histogram counts more messages than any run can send');
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a histogram' });
    }
  });

const latencySummary: z.ZodType<LatencySummary> = z.object({
  count,
  min: amount,
  p50: amount,
  p90: amount,
  p99: amount,
  p999: amount,
  max: amount,
  mean: amount,
  clamped: count,
  histogram,
});

const quantileTriple = z.object({ p50: amount, p99: amount, max: amount });

const workload: z.ZodType<Workload> = z.object({
  kind: z.enum(kindNames as [Kind, ...Kind[]]),
  connections: positiveCount,
  publishers: count,
  load: z.discriminatedUnion('model', [
    z.object({ model: z.literal('open'), ratePerSecond: amount, arrivals: z.enum(['constant', 'poisson']) }),
    z.object({ model: z.literal('closed'), inflight: positiveCount }),
    z.object({ model: z.literal('none') }),
  ]),
  payload: z.object({ sizeBytes: count, type: z.enum(['text', 'binary']) }),
  phases: z.object({ warmupMs: amount, measureMs: amount, drainMs: amount }),
  connect: z.object({ ratePerSecond: amount, timeoutMs: amount }),
  rooms: positiveCount.optional(),
  ackTimeoutMs: amount.optional(),
  slowReaders: count.optional(),
  visitors: z.object({ ratePerSecond: amount, stayMs: amount }).optional(),
  blocking: z.enum(blockings).optional(),
  outage: z.object({ how: z.enum(outageKinds), afterMs: amount, recovery: z.boolean() }).optional(),
  heartbeatMs: amount.optional(),
});

const client = z.enum(['wire', 'library']);

const scenario: z.ZodType<Scenario> = z
  .object({
    name,
    question: sentence,
    targets: z.array(name).min(1).max(maxListed),
    client: client.optional(),
    workloads: z.array(workload).min(1).max(maxListed),
    trials: positiveCount,
    seed: z.number().optional(),
    runners: positiveCount.optional(),
    gates: z.array(name).max(maxListed).optional(),
    stopAboveP95Us: amount.optional(),
  })
  .refine(({ targets, workloads }) => targets.length * workloads.length <= maxRows, `more than ${maxRows} rows`);

const sideLabel = z.object({
  target: sentence,
  revision: name.optional(),
  commit: name.optional(),
  dirty: z.boolean().optional(),
});

export const runLine: z.ZodType<RunLine> = z.object({
  type: z.literal('run'),
  schema: z.number(),
  tool: name,
  startedAt: name,
  scenario,
  environment: z.object({
    os: name,
    cpu: name,
    cores: count,
    memoryBytes: amount,
    node: name,
    libraries: record(name),
    pinning: sentence,
  }),
  git: z.object({ commit: name, dirty: z.boolean() }).nullable(),
  seed: z.number(),
  unavailable: record(sentence),
  calibration: calibrationSchema.nullable().optional(),
  sides: z.object({ base: sideLabel, head: sideLabel }).optional(),
  looks: z
    .array(z.object({ forks: positiveCount, alpha: z.number().gt(0).lt(1) }))
    .min(1)
    .max(maxListed)
    .optional(),
});

const serverMetrics: z.ZodType<ServerMetrics> = z.object({
  cpuUsPerDelivery: amount,
  cpuPercent: amount,
  rssBytes: amount,
  idleRssBytes: amount,
  heapBytes: amount,
  externalBytes: amount,
  eventLoopDelayUs: quantileTriple,
  gcMs: amount,
  gcCount: count,
  timeline: z
    .array(z.object({ atMs: amount, cpuPercent: amount, rssBytes: amount, heapBytes: amount }))
    .max(maxReadings),
});

const holding: z.ZodType<Holding> = z.object({
  kernelBytesPerConnection: signedAmount.nullable(),
  serverRssBytesPerConnection: signedAmount,
  serverHeapBytesPerConnection: signedAmount,
  serverExternalBytesPerConnection: signedAmount,
  bytesInPerHour: amount,
  bytesOutPerHour: amount,
  serverCpuUsPerHour: amount,
});

const reconnection: z.ZodType<Reconnection> = z.object({
  cutOff: count,
  reconnected: count,
  reconnectUs: quantileTriple,
  peakPerSecond: amount,
  recovered: count,
  lost: count,
});

export const trialLine: z.ZodType<TrialLine> = z.object({
  type: z.literal('trial'),
  id: count,
  target: name,
  kind: z.enum(kindNames as [Kind, ...Kind[]]),
  client,
  protocol: z.enum(protocols).optional(),
  transport: name,
  library: name,
  block: count,
  attempt: positiveCount,
  workload,
  connections: positiveCount,
  seconds: amount,
  counts: z.object({
    scheduled: count,
    sent: count,
    dropped: count,
    owed: count,
    delivered: count,
    lost: count,
    duplicated: count,
    reordered: count,
    corrupted: count,
    misrouted: count.optional(),
    connectFailed: count,
    errors: record(count),
  }),
  measured: z.object({ scheduled: count, sent: count, owed: count, delivered: count }),
  deliveredPerSecond: amount,
  sentPerSecond: amount,
  bytesPerMessage: z.object({ in: amount, out: amount }),
  latencyUs: z.object({
    response: latencySummary.nullable(),
    service: latencySummary,
    last: latencySummary.optional(),
  }),
  connectUs: record(quantileTriple),
  server: serverMetrics.nullable(),
  runner: z.object({
    workers: count,
    eventLoopUtilization: amount,
    sendLagUs: quantileTriple,
    cpuPercent: amount,
    rssBytes: amount,
    rssBytesPerConnection: signedAmount,
    heapGrowthBytes: signedAmount,
    timeline: z
      .array(z.object({ atMs: amount, eventLoopUtilization: amount, heapBytes: amount, sendLagP99Us: amount }))
      .max(maxReadings),
    stolenShare: amount,
  }),
  settings: record(z.union([sentence, z.number(), z.boolean()])),
  valid: z.boolean(),
  invalidBecause: z.array(sentence).max(maxListed),
  doubts: z.array(sentence).max(maxListed),
  connectCosts: record(z.object({ roundTrips: amount, bytesIn: amount, bytesOut: amount })).optional(),
  connectPeakPerSecond: amount.optional(),
  pushLagUs: quantileTriple.optional(),
  slowReaders: z
    .object({ readers: count, owed: count, delivered: count, serverRssGrowthBytes: signedAmount })
    .optional(),
  visits: z.object({ made: count, delivered: count }).optional(),
  reconnection: reconnection.optional(),
  holding: holding.optional(),
  fork: z
    .object({
      side: z.enum(sides),
      windows: z.array(z.object({ seconds: amount, delivered: count, serverCpuUs: amount })).max(maxListed),
    })
    .optional(),
});

export const endLine: z.ZodType<EndLine> = z.object({
  type: z.literal('end'),
  trials: count,
  invalid: count,
  interrupted: z.boolean(),
  seconds: amount,
});
