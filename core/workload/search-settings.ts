/** What a search for capacity is: what it varies, between which loads, what must hold; and what each of its trials came to. */

import { z } from 'zod';
import { amount, count, list, name, type Stored } from '../stored-value.js';

export const searchedOver = ['rate', 'connections', 'publishers'] as const;
export type SearchedOver = (typeof searchedOver)[number];

export const usualObjective = 'p99 < 50ms and delivered = 100%';

export const searchSchema = z.object({
  over: z.enum(searchedOver),
  /** Gates that must all hold, each as it was written; every one has been parsed once. */
  objective: list(name).min(1),
  /** The least and the most load that is tried: messages a second, connections or publishers. */
  from: amount,
  to: amount,
  /** Messages a second of each publisher; undefined: the workload has the rate of all of them together. */
  eachPerSecond: amount.optional(),
  /** Every connection publishes, however many there are. */
  allPublish: z.boolean().optional(),
  /** How far the bounds may be apart, as a share of the lower: 0.05 is 5 %. */
  precision: z.number().min(0.001).max(10),
  /** On so many fresh servers the bounds are confirmed. */
  confirmations: count,
  /** At most so many more are asked where one of them disagrees. Undefined: none, as in files of earlier versions. */
  furtherServers: count.optional(),
  /** For all targets together. */
  budgetMs: amount,
});
export type SearchSettings = Stored<typeof searchSchema>;

/** `widen`: a bound moves outwards, because a fresh server disagrees. */
export const searchPhases = ['bracket', 'bisect', 'confirm', 'widen'] as const;
export type SearchPhase = (typeof searchPhases)[number];

/** `generator`: it was the limit, or too late. `disturbed`: nothing can be said, and the load is tried again. */
const trialVerdicts = ['holds', 'fails', 'generator', 'disturbed'] as const;
export type TrialVerdict = (typeof trialVerdicts)[number];

/** What a trial of a search was for, and what it came to. */
export const searchStepSchema = z.object({
  /** In the unit of `SearchSettings.from`. */
  load: amount,
  phase: z.enum(searchPhases),
  /** 0: the server that is searched on; those that follow confirm. */
  server: count,
  verdict: z.enum(trialVerdicts),
  /** So far from what is asked for that one trial is enough. */
  isClear: z.boolean(),
  /** What was not held: a metric of gates; `pace`, the share of the load that was delivered as fast as it was sent; or `ended`, connections. */
  failed: list(
    z.object({
      metric: name,
      /** Us, a second, bytes, a share 0..1 or a count, as gates have it. */
      value: amount,
      /** A lower bound, because messages were unanswered. */
      atLeast: z.boolean().optional(),
    }),
  ),
});
export type SearchStep = Stored<typeof searchStepSchema>;
