/** A load of a scenario file that is searched for: the most that each target holds. */

import * as z from 'zod';
import { between, choice, count, expected, map, quantity, type UnitLimit } from '../field-sorts.js';
import { searchedOver, usualObjective } from './search-settings.js';

/** Messages a second, told from a number of connections or publishers. */
export interface SearchedRate {
  readonly perSecond: number;
}

const example = `{ model: search, objective: "${usualObjective}", over: rate, from: 100/s }`;

export const searchLimits = {
  connections: between.counts(1, 100_000),
  publishers: between.counts(1, 100_000),
  precision: between.shares(0.01, 1),
  budget: between.durationsMs(1_000, 86_400_000),
  confirm: between.counts(0, 10),
};

/** Of a search that does not say. */
export const usualSearch = { precision: 0.05, confirm: 2, budget: 170_000 } as const;
const { precision, budget } = searchLimits;
const precisionDefault = precision.write(usualSearch.precision);
const budgetDefault = budget.write(usualSearch.budget);

export function searchLoad(rate: UnitLimit) {
  const rateOf = (key: string, text: string) => quantity(key, rate, text);
  return map('load', example, {
    model: z
      .literal('search')
      .describe('Messages leave on a schedule; the most that each target holds is searched for.'),
    over: choice('over', searchedOver).describe('What is varied.'),
    objective: z
      .string({ error: expected('a text such as "p99 < 50ms"', `objective: "${usualObjective}"`) })
      .max(400, { error: 'too long; at most 400 characters' })
      .meta({ examples: [usualObjective] })
      .describe('What must hold: gates joined by "and".'),
    from: bound('from', rate)
      .optional()
      .describe('The least that is tried: 100/s, or a number. Default: connections or publishers of the file; 100/s.'),
    to: bound('to', rate)
      .optional()
      .describe('The most that is tried. Default: 1000000/s, 20000 connections, or every connection a publisher.'),
    rate: rateOf('rate', '20/s')
      .optional()
      .describe('Over connections or publishers: messages of all publishers together, at every load.'),
    each: rateOf('each', '1/s')
      .optional()
      .describe('In place of rate: messages of each publisher, so that more publishers send more.'),
    arrivals: choice('arrivals', ['constant', 'poisson'])
      .default('constant')
      .describe('Even gaps, or the random gaps of independent users (seeded).'),
    precision: quantity('precision', precision, precisionDefault)
      .prefault(precisionDefault)
      .describe('How far the bounds of the answer may be apart.'),
    confirm: count('confirm', searchLimits.confirm, usualSearch.confirm)
      .default(usualSearch.confirm)
      .describe('Fresh servers on which the bounds are confirmed.'),
    budget: quantity('budget', budget, budgetDefault)
      .prefault(budgetDefault)
      .describe('Time for all targets together; what is known at its end is the answer.'),
  });
}

function bound(key: string, rate: UnitLimit) {
  const otherwise = expected('a number of connections or publishers, or a rate such as 100/s', `${key}: 100/s`);
  const perSecond = quantity(key, rate, '100/s').transform((value): SearchedRate => ({ perSecond: value }));
  return z.union([count(key, searchLimits.connections, 100), perSecond], {
    error: ({ input, errors }) => {
      const [asCount, asRate] = errors as z.core.$ZodIssue[][];
      const own = { number: asCount, string: asRate }[typeof input as string];
      return own?.[0]?.message ?? otherwise({ input });
    },
  });
}
