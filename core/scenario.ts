/** What the user asked for: defaults filled, units resolved, every combination of a sweep written out. Plain JSON. */

import { z } from 'zod';
import { clientNames } from './client.js';
import { amount, list, name, positiveCount, type Stored, sentence } from './stored-value.js';
import { targetOptionsSchema } from './variant/target-options.js';
import { searchSchema } from './workload/search-settings.js';
import { workloadSchema } from './workload/workload-fields.js';

/** One set of parameters: what a trial of any target does. */
export type Workload = Stored<typeof workloadSchema>;
export type Load = Workload['load'];
export type Blocking = NonNullable<Workload['blocking']>;
export type ConnectionChurn = NonNullable<Workload['visitors']>;
export type Outage = NonNullable<Workload['outage']>;

/** Targets times workloads: what a report makes rows for, even if no trial of them is in the file. */
const maxRows = 10_000;

export const scenarioSchema = z
  .object({
    /** File name without its ending. */
    name,
    /** First comment line of the file: the question it answers. Empty when there is none. */
    question: sentence,
    /** What stands in reports: names of targets, paths of modules, or labels. */
    targets: list(name).min(1),
    /**
     * What those targets are that the file gives a label, or a path relative to its folder, and what a variant asks of them.
     * Absent: none.
     */
    labelled: list(z.object({ label: name, use: name, options: targetOptionsSchema.optional() })).optional(),
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
    /** Cores of a server of several processes, or of the user's own; undefined: one for each process that is known of. */
    serverCores: positiveCount.optional(),
    /** Each as it was written, `p99 < 50ms` for example; every one has been parsed once. Undefined: none. */
    gates: list(name).optional(),
    /** Of a ladder: a target whose p95 exceeds this is not asked for the workloads that follow. Undefined: no ladder. */
    stopAboveP95Us: amount.optional(),
    /** Of a search for capacity, which makes its workloads of the one that there is. Undefined: no search. */
    search: searchSchema.optional(),
  })
  .refine(({ targets, workloads }) => targets.length * workloads.length <= maxRows, `more than ${maxRows} rows`);
export type Scenario = Stored<typeof scenarioSchema>;
