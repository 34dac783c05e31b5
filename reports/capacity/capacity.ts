/** The answer of a search for capacity: for each target the bounds of the most load that it holds, and what was tried. */

import { z } from 'zod';
import { usedPercent } from '../../core/measure/process-metrics.js';
import { isSaturated } from '../../core/measure/validity.js';
import { Search, type SearchEnd } from '../../core/search/search.js';
import type { Stored } from '../../core/stored-value.js';
import {
  type SearchSettings,
  type SearchStep,
  searchedOver,
  searchStepSchema,
} from '../../core/workload/search-settings.js';
import { figureOf } from '../fold/figure.js';
import type { WorkloadTable } from '../fold/row.js';
import { groupBy } from '../group-by.js';
import { type Duration, quantileIn, type ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';

const ends = [
  ...(['found', 'generator', 'holds all', 'fails all', 'unsettled', 'unfinished'] as const satisfies SearchEnd[]),
  'not measured',
] as const;

const pointSchema = z
  .object({
    load: z.number(),
    trials: z.number().describe('Those that were judged.'),
    held: z.number().describe('Of these, trials that held it.'),
    p50Us: z.number().optional(),
    p99Us: z.number().optional(),
    p99AtLeast: z.boolean().optional().describe('A lower bound, because messages were unanswered.'),
    cpuPercent: z.number().optional().describe('Of the server.'),
    deliveredShare: z.number().optional(),
  })
  .describe('Medians over the trials of a load. Latency is that which the objective is about.');
export type CapacityPoint = Stored<typeof pointSchema>;

const stepSchema = searchStepSchema.extend({
  trial: z.number().describe('Its id.'),
  cpuPercent: z.number().optional(),
  p99Us: z.number().optional(),
});
export type CapacityStep = Stored<typeof stepSchema>;

const capacityRowSchema = z
  .object({
    target: z.string(),
    end: z.enum(ends),
    lower: z.number().optional().describe('The most load that was held.'),
    upper: z.number().optional().describe('The least load that was not held.'),
    generatorAt: z.number().optional().describe('The load at which the generator was the limit.'),
    confirmed: z.number().describe('Fresh servers that were tried at the bounds.'),
    disagreement: z
      .object({
        load: z.number(),
        held: z.number().describe('Servers that held it, or more.'),
        servers: z.number().describe('Those, and the servers that did not hold it, or less.'),
      })
      .optional()
      .describe('Where servers contradict each other: the load that divides them most evenly.'),
    above: z
      .array(searchStepSchema.shape.failed.element)
      .describe('What was not held at the upper bound, of the trial that missed it by the median.'),
    saturated: z.boolean().describe('The CPU of the server was used up at the upper bound.'),
    reason: z.string().optional().describe('Why there is no figure.'),
    points: z.array(pointSchema).describe('By load, ascending.'),
    steps: z.array(stepSchema).describe('The course of the search.'),
  })
  .meta({ id: 'capacityRow' });
export type CapacityRow = Stored<typeof capacityRowSchema>;

export const capacitySchema = z
  .object({
    over: z.enum(searchedOver),
    objective: z.array(z.string()),
    from: z.number(),
    to: z.number(),
    precision: z.number(),
    budgetMs: z.number(),
    rows: z.array(capacityRowSchema).describe('Targets in the order of the scenario.'),
  })
  .meta({ id: 'capacity', description: 'Of a search: the most load that each target holds.' });
export type Capacity = Stored<typeof capacitySchema>;

/**
 * Of a search, the rows of the loads that targets hold, whose warnings limit the answer: trials that were left out were tried
 * again. Of any other run all tables.
 */
export function answerTables({ capacity, tables }: Answered): readonly WorkloadTable[] {
  if (capacity === undefined) return tables;
  const { over, rows } = capacity;
  const bounds = new Map(rows.map(({ target, lower }) => [target, lower]));
  return tables.flatMap((table) => {
    const { connections, publishers, load } = table.workload;
    const rate = load.model === 'open' ? load.ratePerSecond : undefined;
    const tried = { connections, publishers, rate }[over];
    const own = table.rows.flatMap((row) =>
      row.state === 'measured' && tried !== undefined && bounds.get(row.target) === tried
        ? { ...row, invalid: [] }
        : [],
    );
    return own.length > 0 ? [{ ...table, rows: own }] : [];
  });
}

interface Answered {
  readonly capacity?: Capacity | undefined;
  readonly tables: readonly WorkloadTable[];
}

type Tried = ReadTrial & { readonly search: SearchStep };

/** @returns undefined where the run was no search. */
export function capacityOf({ run, trials }: Result): Capacity | undefined {
  const { search, targets } = run.scenario;
  if (search === undefined) return undefined;
  const tried = trials.filter((trial): trial is Tried => trial.search !== undefined);
  const byTarget = groupBy(tried, ({ target }) => target);
  const { over, objective, from, to, precision, budgetMs } = search;
  const rows = [...new Set([...targets, ...byTarget.keys()])].map((target) => {
    const own = byTarget.get(target);
    return own ? rowOf(target, own, search) : emptyRow(target, new Map(Object.entries(run.unavailable)).get(target));
  });
  return { over, objective, from, to, precision, budgetMs, rows };
}

function emptyRow(target: string, unavailable: string | undefined): CapacityRow {
  const reason = unavailable ?? 'the run ended before a trial of it did';
  return { target, end: 'not measured', confirmed: 0, above: [], saturated: false, reason, points: [], steps: [] };
}

/** The search is gone through again, with the verdicts that it was told. */
function rowOf(target: string, trials: readonly Tried[], settings: SearchSettings): CapacityRow {
  const search = new Search(settings);
  for (const { search: step } of trials) search.learn(step, step);
  const { end, lower, upper, generatorAt, confirmed, disagreement } = search.result();
  const atUpper = trials.filter(({ search: { load, verdict } }) => load === upper && verdict === 'fails');
  const typical = atUpper.toSorted((a, b) => p99Of(a).us - p99Of(b).us)[atUpper.length >> 1];
  return {
    target,
    end,
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
    ...(generatorAt !== undefined && { generatorAt }),
    confirmed,
    ...(disagreement && { disagreement }),
    above: typical?.search.failed ?? [],
    saturated: typical?.server ? isSaturated(usedPercent(typical.server), typical.server.cores) : false,
    points: pointsOf(trials),
    steps: trials.map(stepOf),
  };
}

function stepOf(trial: Tried): CapacityStep {
  const { id, search, server, latencyUs } = trial;
  const isMeasured = (latencyUs.response ?? latencyUs.service).count > 0;
  return {
    ...search,
    trial: id,
    ...(server && { cpuPercent: server.cpuPercent }),
    ...(isMeasured && { p99Us: p99Of(trial).us }),
  };
}

function pointsOf(trials: readonly Tried[]): CapacityPoint[] {
  const judged = trials.filter(({ search: { verdict } }) => verdict === 'holds' || verdict === 'fails');
  return [...groupBy(judged, ({ search: { load } }) => load)]
    .toSorted(([a], [b]) => a - b)
    .map(([load, own]): CapacityPoint => {
      const median = (of: (trial: Tried) => number | undefined): number | undefined =>
        figureOf(own.flatMap((trial) => of(trial) ?? []))?.median;
      const p99s = own.map(p99Of);
      const figures = {
        p50Us: median(({ latencyUs: { response, service } }) => (response ?? service).p50),
        p99Us: figureOf(p99s.map(({ us }) => us))?.median,
        cpuPercent: median(({ server }) => server?.cpuPercent),
        deliveredShare: median(({ counts: { owed, delivered } }) => (owed > 0 ? delivered / owed : undefined)),
      };
      return {
        load,
        trials: own.length,
        held: own.filter(({ search: { verdict } }) => verdict === 'holds').length,
        ...Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)),
        ...(p99s.some(({ atLeast }) => atLeast) && { p99AtLeast: true }),
      };
    });
}

/** With what was never answered above all that was. */
function p99Of({ latencyUs: { response, service } }: Tried): Duration {
  return quantileIn(response ?? service, 'p99');
}
