/** The report of one run: its trials folded into one table a workload, one row a target and client. */

import { z } from 'zod';
import { quantiles } from '../core/measure/latency.js';
import type { TrialFigureName } from '../core/measure/trial-figure.js';
import { environmentSchema, gitSchema, type RunLine } from '../core/result.js';
import type { Stored } from '../core/stored-value.js';
import { formatDuration } from '../core/units.js';
import { workloadKey } from '../core/workload/workload-fields.js';
import { capacityOf, capacitySchema } from './capacity/capacity.js';
import { ratioOf, valuesOf } from './findings/estimate.js';
import { notesOn, urgentNotes } from './findings/notes.js';
import { findingOf } from './findings/sentences.js';
import { contractCounts } from './fold/disturbed-counts.js';
import { foldTrials } from './fold/fold.js';
import {
  type EmptyRow,
  type InvalidTrial,
  type MeasuredRow,
  type Ratios,
  type Row,
  workloadTableSchema,
} from './fold/row.js';
import { groupBy } from './group-by.js';
import { type Memory, memoryOf, memorySchema } from './memory/memory-layers.js';
import { type ReadTrial, rankedAt } from './results/read-trial.js';
import type { Result } from './results/result-reader.js';

export const reportSchema = z
  .object({
    name: z.string(),
    question: z.string().describe('May be empty.'),
    tool: z.string().describe('Version of bench that measured.'),
    startedAt: z.string().describe('Wall clock, ISO 8601: a label only.'),
    seed: z.number(),
    git: gitSchema,
    environment: environmentSchema,
    trialsPlanned: z.number(),
    partial: z.boolean().describe('The run did not finish or a part of its file is missing.'),
    interrupted: z.boolean(),
    stopAboveP95Us: z
      .number()
      .optional()
      .describe('Of a ladder: a target whose p95 is above this is not asked for the steps that follow.'),
    capacity: capacitySchema.optional().describe('Of a search: its answer.'),
    memory: memorySchema.optional(),
    tables: z
      .array(workloadTableSchema)
      .describe('One for each workload of the scenario, in its order; of a search for each load, in ascending order.'),
    command: z
      .string()
      .optional()
      .describe('The command line that made the result; absent in files of earlier versions.'),
    urgent: z.array(z.string()).describe('Those of the notes without which no figure must be read.'),
    notes: z
      .array(z.string())
      .describe('What holds for the whole run and must be read with its figures, one sentence or two each.'),
  })
  .meta({ id: 'report', description: 'What `bench report` and `bench run` print.' });
/** Plain JSON. Every text in it comes from the file and is to be escaped for wherever it is shown. */
export type Report = Stored<typeof reportSchema>;

export function summarise(result: Result): Report {
  const { run, trials, end, partial } = result;
  const byWorkload = groupBy(trials, ({ workload }) => workloadKey(workload));
  const { search } = run.scenario;
  const planned = search ? [] : run.scenario.workloads;
  const workloads = new Map(planned.map((workload) => [workloadKey(workload), workload]));
  const found = [...byWorkload].toSorted(([, [a]], [, [b]]) => (a.search?.load ?? 0) - (b.search?.load ?? 0));
  for (const [key, [first]] of found) if (!workloads.has(key)) workloads.set(key, first.workload);
  const stoppedBefore = ladderOf(result);
  const tables = [...workloads].map(([key, workload]) => {
    const own = byWorkload.get(key) ?? [];
    const rows = foldTable(result, own, (target) => stoppedBefore(target, key));
    return { workload, rows, finding: findingOf(workload, rows, own) };
  });
  const { tool, startedAt, seed, git, environment, command } = run;
  const { name, question, trials: trialsPlanned, stopAboveP95Us } = run.scenario;
  const about = { name, question, tool, startedAt, seed, git, environment, trialsPlanned, command, stopAboveP95Us };
  const interrupted = end?.interrupted ?? false;
  const capacity = capacityOf(result);
  const { memory, ...withoutMemory } = memoryIn(result);
  const notes = { urgent: urgentNotes(result), notes: [...notesOn(result, tables), ...withoutMemory.notes] };
  return { ...about, partial, interrupted, ...(capacity && { capacity }), ...(memory && { memory }), tables, ...notes };
}

function memoryIn({ end }: Result): { readonly memory?: Memory | undefined; readonly notes: readonly string[] } {
  const { memoryByLayer } = end ?? {};
  if (memoryByLayer === undefined) return { notes: [] };
  if (typeof memoryByLayer === 'string') return { notes: [`Memory by layer could not be measured: ${memoryByLayer}.`] };
  return { memory: memoryOf(memoryByLayer), notes: [] };
}

/** Why a target has no trial, where there is more to say than that. */
type WhyNot = (target: string) => string | undefined;

function foldTable(result: Result, trials: readonly ReadTrial[], whyNot: WhyNot): Row[] {
  const byTarget = groupBy(trials, ({ target }) => target);
  const { targets: named, search } = result.run.scenario;
  // Each target of a search has loads of its own.
  const targets = new Set([...(search ? [] : named), ...byTarget.keys()]);
  const folded = [...targets].flatMap((target) => foldTarget(result, target, byTarget.get(target) ?? [], whyNot));
  const reference = folded.find((row) => row.state === 'measured');
  const validOf = ({ target, client }: UnrelatedRow): ReadTrial[] =>
    (byTarget.get(target) ?? []).filter((trial) => trial.valid && trial.client === client);
  return folded.map((row) =>
    row.state === 'measured' ? { ...row, ratios: ratiosTo(validOf(reference ?? row), validOf(row)) } : row,
  );
}

type UnrelatedRow = Omit<MeasuredRow, 'ratios'>;

function foldTarget(
  { run, partial, isRunning }: Result,
  target: string,
  trials: readonly ReadTrial[],
  whyNot: WhyNot,
): (UnrelatedRow | EmptyRow)[] {
  const trialsPlanned = run.scenario.trials;
  if (trials.length === 0) {
    const name = { target, trialsPlanned, invalid: [] };
    const unavailable = new Map(Object.entries(run.unavailable)).get(target);
    if (unavailable !== undefined) return [{ ...name, state: 'unavailable', reason: unavailable }];
    const reason = isRunning
      ? 'no trial of it has ended yet'
      : partial
        ? 'the run ended before a trial of it did'
        : 'the file holds no trial of it';
    return [{ ...name, state: 'not run', reason: whyNot(target) ?? reason }];
  }
  return [...groupBy(trials, ({ client }) => client)].map(([client, own]) => {
    const valid = own.filter((trial) => trial.valid);
    const ids = new Set(valid.map(({ id }) => id));
    const invalid = own.filter((trial) => !trial.valid).map((trial) => describeInvalid(trial, ids.has(trial.id)));
    const [first, ...others] = valid;
    if (first !== undefined)
      return {
        ...foldTrials([first, ...others], { trialsPlanned, invalid }),
        ...headroomOf(run, first),
        ...optionsOf(run, target),
      };
    const reason = own.length === 1 ? 'its only trial was invalid' : `all of its ${own.length} trials were invalid`;
    return { target, trialsPlanned, invalid, state: 'no valid trial', client, reason };
  });
}

function optionsOf({ scenario }: RunLine, target: string): Pick<MeasuredRow, 'options'> {
  const options = scenario.labelled?.find(({ label }) => label === target)?.options;
  return options === undefined ? {} : { options };
}

function headroomOf({ calibration }: RunLine, { client, protocol, kind }: ReadTrial) {
  const known = new Map(Object.entries(calibration?.headroom ?? {}));
  const headroomPerSecond = known.get(`${client} ${protocol} ${kind}`);
  return headroomPerSecond === undefined ? {} : { headroomPerSecond };
}

function describeInvalid(line: ReadTrial, isReplaced: boolean): InvalidTrial {
  const { id, block, attempt, invalidBecause: reasons, counts } = line;
  const counted = { errors: counts.errors, counts: contractCounts(line) };
  return { id, block, attempt, ...(isReplaced && { replaced: true }), reasons, ...counted };
}

/** What rows are related by. */
const related: Readonly<Record<keyof Ratios, TrialFigureName>> = {
  deliveredPerSecond: 'deliveredPerSecond',
  serviceP50: 'service.p50',
  serviceP99: 'service.p99',
  cpuUsPerDelivery: 'server.cpuUsPerDelivery',
};

/** As the headline has them: trials of the same block are compared. */
function ratiosTo(base: readonly ReadTrial[], own: readonly ReadTrial[]): Ratios {
  const ratios = Object.entries(related).flatMap(([name, figure]) => {
    const ratio = ratioOf(valuesOf(own, figure), valuesOf(base, figure), 'lower');
    return ratio === undefined ? [] : [[name, ratio.value] as const];
  });
  return Object.fromEntries(ratios);
}

/** A p95 among messages that were never answered is above whatever came. */
function isSlower({ latencyUs: { response, service } }: ReadTrial, mostUs: number): boolean {
  const { us, atLeast } = rankedAt(response ?? service, quantiles.p95);
  return atLeast || us > mostUs;
}

/** @returns the reason, undefined where the ladder is none. `key` is that of a workload, see `workloadKey`. */
type StoppedBefore = (target: string, key: string) => string | undefined;

function ladderOf({ run, trials }: Result): StoppedBefore {
  const { stopAboveP95Us, workloads } = run.scenario;
  if (stopAboveP95Us === undefined) return () => undefined;
  const steps = new Map(workloads.map((workload, step) => [workloadKey(workload), step]));
  const tooSlow = new Map<string, Set<number>>();
  for (const trial of trials) {
    const step = steps.get(workloadKey(trial.workload));
    if (step === undefined || !isSlower(trial, stopAboveP95Us)) continue;
    tooSlow.set(trial.target, (tooSlow.get(trial.target) ?? new Set()).add(step));
  }
  return (target, key) => {
    const here = steps.get(key) ?? 0;
    const earlier = [...(tooSlow.get(target) ?? [])].filter((step) => step < here);
    if (earlier.length === 0) return undefined;
    const distance = here - Math.max(...earlier);
    return `its p95 was above ${formatDuration(stopAboveP95Us)} ${distance === 1 ? 'one step' : `${distance} steps`} before`;
  };
}
