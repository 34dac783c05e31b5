/** Reasons why a trial is invalid, or what must be known beside its figures: a code each, with figures. */

import { z } from 'zod';
import { sides } from '../plan.js';
import { amount, count, name, type Stored, sentence as text } from '../stored-value.js';

const maxFigures = 20;
/** In a fork's line: the reason is one of its other side, which makes this side invalid too. */
const side = z.enum(sides).optional();

/** The unit is the end of a figure's name: `Share` is 0..1, `Us` and `Percent` are what they say, others are counts. */
function reason<Code extends string, Figures extends z.ZodRawShape>(code: Code, figures: Figures) {
  return z.object({ code: z.literal(code), side, ...figures });
}

const known = z.discriminatedUnion('code', [
  // A server or a worker failed; what it said.
  reason('failure', { text }),
  // An agent was lost, stopped or failed; how.
  reason('agent-failed', { agent: name, text }),
  // The counters of a trial contradict each other.
  reason('sends-unaccounted', { scheduled: count, sent: count, dropped: count }),
  reason('deliveries-unaccounted', { delivered: count, missing: count, expected: count }),
  reason('deliveries-never-sent', { deliveries: count }),
  reason('latencies-unaccounted', { delivered: count, latencies: count }),
  reason('connections-failed', { failed: count, connections: count }),
  reason('no-data', {}),
  // The share of stolen time is there where it is large enough to be the cause.
  reason('load-not-sent', { sentShare: amount, leastShare: amount, stolenShare: amount.optional() }),
  reason('generator-late', { lateShare: amount, lagUs: amount, mostLagUs: amount, stolenShare: amount.optional() }),
  // Of too few for a share of them to mean anything.
  reason('sends-late', { late: count, sends: count, lagUs: amount, mostLagUs: amount }),
  // The same, where the worker had nothing to do and the machine did not run it in time.
  reason('sends-held', { late: count, sends: count, lagUs: amount, mostLagUs: amount }),
  // `latency` says which: p50, p99 or the time to the last receiver.
  reason('receive-wait', { latency: name, waitAtLeastUs: amount, waitAtMostUs: amount, latencyUs: amount }),
  reason('generator-limit', { busyShare: amount, mostShare: amount }),
  // Of one core, on average over those of the server; of that, what Redis and a proxy took that are on them, too.
  reason('server-saturated', { cpuPercent: amount, besidePercent: amount.optional() }),
  // Of one core: a thread of this process is the limit, while the server as a whole is not.
  reason('process-saturated', { process: name, cpuPercent: amount }),
  // Of the server and of what has no cores of its own beside it.
  reason('processes-share-cores', { processes: count, cores: count }),
  // Median by second: the middle of the first half of the window, and of the last.
  reason('latency-drifts', { fromUs: amount, toUs: amount }),
  reason('generator-busy', { busyShare: amount }),
  reason('steal-time', { stolenShare: amount }),
  // Others used the cores that were measured on: by more than a little, or by too much.
  reason('server-core-shared', { othersShare: amount }),
  reason('generator-cores-shared', { othersShare: amount }),
  reason('server-stopped', { stoppedUs: amount }),
  reason('generator-stopped', {}),
  reason('one-core', {}),
  reason('other-bench', { command: text, process: count }),
  // Of a user's own server: what ought to have brought messages back and held none, and the first of these.
  reason('unrecognised', { messages: count, first: text }),
  // Of a user's own server that acknowledges: how many acknowledgements held something else than most, and what.
  reason('answers-differ', { differing: count, answers: count, held: text, usual: text }),
  // Of a server that sends unasked: connections that got no more of it, for up to so long before the window ended.
  reason('pushes-ended', { silent: count, connections: count, silentUs: amount, gapUs: amount }),
  // One-way latencies by time stamps of the server, which are as coarse as this.
  reason('coarse-stamps', { stepUs: amount }),
  reason('latencies-clamped', { clamped: count }),
  reason('connections-lost', { lost: count, connections: count }),
  reason('sends-dropped', { dropped: count }),
  reason('cpu-in-ticks', {}),
  reason('cpu-unknown', {}),
  // Of `layers`: why the kernel's count of segments is missing.
  reason('segments-unknown', { why: text }),
  reason('fault-injected', { fault: text }),
  reason('fault-unknown', { faults: text }),
  // A sentence of an earlier version, or a code of a later one with its figures.
  reason('other', { text }),
]);

/** What a report holds. */
export const knownReasonSchema = known.meta({ id: 'reason', description: 'A code with its figures.' });
export type Reason = Stored<typeof known>;
export type ReasonCode = Reason['code'];

/** Of the machine or the generator and not of the server: they spoil times, and no counts. */
export const disturbances: ReadonlySet<ReasonCode> = new Set([
  'load-not-sent',
  'generator-late',
  'sends-late',
  'sends-held',
  'receive-wait',
  'generator-limit',
  'server-core-shared',
  'generator-cores-shared',
  'server-stopped',
  'generator-stopped',
]);

/** What others on the machine did: it may have made the trial slow, and may be over at the next. */
const passing: ReadonlySet<ReasonCode> = new Set([
  'agent-failed',
  'server-core-shared',
  'server-stopped',
  'generator-cores-shared',
  'generator-stopped',
]);

export function isPassing(invalidBecause: readonly Reason[]): boolean {
  return invalidBecause.some(({ code }) => passing.has(code));
}

/** Whether a trial is invalid for nothing else. */
export function isOnlyDisturbed(invalidBecause: readonly Reason[]): boolean {
  return invalidBecause.length > 0 && invalidBecause.every(({ code }) => disturbances.has(code));
}

/**
 * Whether what a trial counted stands although it is invalid: nothing but times is spoilt, or all that was owed is missing,
 * which is the server's doing unless somebody has stopped a process.
 */
export function countsStand(invalidBecause: readonly Reason[]): boolean {
  const others = invalidBecause.filter(({ code }) => code !== 'no-data');
  if (others.length === invalidBecause.length) return isOnlyDisturbed(invalidBecause);
  return others.every(({ code }) => disturbances.has(code) && !code.endsWith('-stopped'));
}

const unknown = z
  .object({ code: name })
  .catchall(z.union([text, z.number(), z.boolean()]))
  .refine((figures) => Object.keys(figures).length <= maxFigures, `more than ${maxFigures} figures`)
  .transform(({ code, ...figures }): Reason => {
    const said = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
    return { code: 'other', text: said.length === 0 ? code : `${code}: ${said.join(', ')}` };
  });

/** Reads sentences of earlier versions and codes of later ones, too. */
export const reasonSchema = z.union([
  known,
  text.transform((said): Reason => ({ code: 'other', text: said })),
  unknown,
]);
