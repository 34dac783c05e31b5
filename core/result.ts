/** The lines of a result file: their fields, units, caps and version. Written once by a run, read by every report. */

import { z } from 'zod';
import { clientNames } from './client.js';
import { kindNames } from './kind.js';
import { layersSchema } from './layers/layers.js';
import { memoryByLayerSchema } from './layers/memory-layers.js';
import { calibrationSchema } from './measure/calibration.js';
import { acrossHostsSchema, latencySummarySchema } from './measure/latency.js';
import { generatorMetricsSchema, serverMetricsSchema } from './measure/process-metrics.js';
import { reasonSchema } from './measure/reason.js';
import { sides } from './plan.js';
import { scenarioSchema } from './scenario.js';
import {
  amount,
  complaint,
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
import { searchStepSchema } from './workload/search-settings.js';
import { workloadSchema } from './workload/workload-fields.js';

/** Major version: a reader refuses any other. Adding fields does not change it. */
export const schemaVersion = 1;

/** Characters of one line: seven full histograms and a long timeline fit. */
export const maxLineChars = 4 * 1024 * 1024;

/** Fields that a line has together or not at all. */
const optionalPart = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).optional();

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

export const environmentSchema = z
  .object({
    os: name,
    cpu: name,
    cores: count,
    memoryBytes: amount,
    node: name,
    /** Version of every library measured, by package name. */
    libraries: record(name),
    /** How server and workers were kept apart, e.g. "server on core 0, workers on core 1". */
    pinning: sentence,
  })
  .meta({ id: 'environment' });
export type Environment = Stored<typeof environmentSchema>;

export const gitSchema = z.object({ commit: name, dirty: z.boolean() }).nullable();

export const runLineSchema = z.object({
  type: z.literal('run'),
  schema: z.number(),
  tool: name,
  /** Wall clock, ISO 8601: a label only. */
  startedAt: name,
  scenario: scenarioSchema,
  environment: environmentSchema,
  git: gitSchema,
  seed: z.number(),
  /** The command line that made the file, as a shell would take it; absent in files of earlier versions. */
  command: sentence.optional(),
  /** Targets that could not run here and why. */
  unavailable: record(sentence),
  /** The last calibration of this machine, null when there was none; absent in files of earlier versions. */
  calibration: calibrationSchema.nullable().optional(),
  /** Only in a comparison of two versions in one job (`bench ab`), whose trials are named `base` and `head`. */
  sides: optionalPart({ base: sideLabelSchema, head: sideLabelSchema }),
  /**
   * Only with `sides`: times at which a comparison looks at its forks, so many of them valid, and how sure it must be then;
   * planned before the first fork, in order.
   */
  looks: list(z.object({ forks: positiveCount, alpha: z.number().gt(0).lt(1) }))
    .min(1)
    .optional(),
});
export type RunLine = Stored<typeof runLineSchema>;
export type Look = NonNullable<RunLine['looks']>[number];

/** Of a server, as its target says them. zod drops a key `__proto__`, which would be lost. */
export const settingsSchema = record(z.union([sentence, z.number(), z.boolean()]));

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
  counts: z.object({
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
    /** Of a user's own server: what else it sent, by the name of the event; absent where there is nothing. */
    others: record(count).optional(),
    /** Of a user's own server: what ought to have brought a message back and held none. */
    unrecognised: count.optional(),
  }),
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
  acrossHosts: acrossHostsSchema.optional(),
  /**
   * Receive wait: how long measured deliveries lay readable before the generator read them, at least and at most; `last`
   * is of the delivery to the last receiver of each message. Absent in files of earlier versions.
   */
  receiveWaitUs: optionalPart({
    atLeast: latencySummarySchema,
    atMost: latencySummarySchema,
    last: optionalPart({ atLeast: quantileTriple, atMost: quantileTriple }),
  }),
  connectUs: record(quantileTriple),
  /** null when the server died before it could report. */
  server: serverMetricsSchema.nullable(),
  runner: generatorMetricsSchema,
  settings: settingsSchema,
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
  /** Kind push at a user's own server: at a connection, from one to the next. */
  pushGapUs: quantileTriple.optional(),
  /** What slow readers were owed in the whole trial, and what they got when they read again: the rest was dropped. */
  slowReaders: optionalPart({
    readers: count,
    owed: count,
    delivered: count,
    /** Of the server, from the start of the measured window to its end. */
    serverRssGrowthBytes: signedAmount,
  }),
  visits: optionalPart({ made: count, delivered: count }),
  /** Of a variant with volatile events: what the server dropped, which it may. It is all that `counts.lost` counts. */
  volatile: optionalPart({ dropped: count }),
  /** What an outage did. */
  reconnection: optionalPart({
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
    /** This and the next two only where one process of several was killed: messages due while their sender was away. */
    unsent: count.optional(),
    /** Deliveries to connections that stayed, of messages that were sent by one that was cut off: lost inside the server. */
    lostInside: count.optional(),
    /** All other deliveries to connections that stayed, which nothing excuses. */
    lostByOthers: count.optional(),
  }),
  /** What connections cost that only are there; of each, or of the whole server in an hour with the usual heartbeat. */
  holding: optionalPart({
    /** Of both ends, from /proc/net/sockstat and /proc/meminfo; null where there are none. */
    kernelBytesPerConnection: signedAmount.nullable(),
    serverRssBytesPerConnection: signedAmount,
    /** Absent where the server was measured from outside, like the next. */
    serverHeapBytesPerConnection: signedAmount.optional(),
    serverExternalBytesPerConnection: signedAmount.optional(),
    /** TCP payload of a connection in an hour. */
    bytesInPerHour: amount,
    bytesOutPerHour: amount,
    /** CPU time of the server for one connection in an hour. */
    serverCpuUsPerHour: amount,
  }),
  /** Only in a search for capacity. */
  search: searchStepSchema.optional(),
  /** Only where the workload asks for `layers`. */
  layers: layersSchema.optional(),
  /**
   * Only in a comparison of two versions in one job: one side of a fork, a pair of fresh servers, both alive, between which
   * the load alternates in short windows. `block` is the number of the fork, and `seconds` that of all windows.
   */
  fork: optionalPart({
    side: z.enum(sides),
    /** The n-th of base and the n-th of head are neighbours in time; the settling at a window's beginning is left out. */
    windows: list(
      z.object({
        seconds: amount,
        delivered: count,
        /** CPU time of all threads of the server's process. */
        serverCpuUs: amount,
      }),
    ),
  }),
});
export type TrialLine = Stored<typeof trialLineSchema>;
export type Counts = TrialLine['counts'];
export type SlowReaders = NonNullable<TrialLine['slowReaders']>;
export type Reconnection = NonNullable<TrialLine['reconnection']>;
export type Layers = NonNullable<TrialLine['layers']>;
export type Holding = NonNullable<TrialLine['holding']>;
export type ForkWindow = NonNullable<TrialLine['fork']>['windows'][number];

export const endLineSchema = z.object({
  type: z.literal('end'),
  trials: count,
  invalid: count,
  interrupted: z.boolean(),
  seconds: amount,
  /** Only where a workload asks for `layers`, or why it could not be measured. */
  memoryByLayer: z.union([memoryByLayerSchema, sentence]).optional(),
});
export type EndLine = Stored<typeof endLineSchema>;

export type ResultLine = RunLine | TrialLine | EndLine;

const lineSchemas = { run: runLineSchema, trial: trialLineSchema, end: endLineSchema };

/** The text of a line in the file, without its end. @throws Error, the name of the field, when no reader would take it. */
export function lineText(line: ResultLine): string {
  const text = JSON.stringify(line);
  const read = lineSchemas[line.type].safeParse(JSON.parse(text));
  if (!read.success) throw new Error(complaint(read.error));
  if (text.length >= maxLineChars) throw new Error(`${text.length} characters are more than a line may have`);
  return text;
}
