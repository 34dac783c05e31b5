/**
 * The finding of one workload: its answer in sentences, and the ranked table of what the scenario is about. Plain JSON,
 * so that every format prints the same figures. Names and reasons come from the file and are to be escaped.
 */

import { z } from 'zod';
import type { Unit } from '../../core/measure/figures.js';
import type { Stored } from '../../core/stored-value.js';
import { intervalSchema } from './figure.js';

const units = ['us', '/s', 'B', 'share', 'count', 'ms', '%'] as const satisfies readonly Unit[];

const headlineColumnSchema = z.object({
  /** See `TrialFigureName`. */
  figure: z.string().describe('As in the table of figures, last.p50 being a quantile of a latency.'),
  label: z.string(),
  unit: z.enum(units),
  better: z.enum(['lower', 'higher']),
  isAside: z.literal(true).optional().describe('Left out where there is little room, as in the table of the text.'),
});
export type HeadlineColumn = Stored<typeof headlineColumnSchema>;

const ratioVerdicts = ['better', 'worse', 'unclear', 'no interval'] as const;
const verdictCodes = [
  'reference',
  ...ratioVerdicts,
  'cannot keep up',
  'generator limit',
  'no ratio',
  'not measured',
] as const;
export type VerdictCode = (typeof verdictCodes)[number];

const ratioSchema = z
  .object({
    value: z.number(),
    interval: intervalSchema.optional().describe('Of 95 %, over blocks.'),
    verdict: z.enum(ratioVerdicts),
  })
  .meta({ id: 'ratio', description: 'To the reference row: trials of the same block are compared.' });
export type Ratio = Stored<typeof ratioSchema>;

const headlineCellSchema = z.object({
  value: z
    .number()
    .describe('The median over trials, in the unit of the column; of a quantile that of the quantiles of trials.'),
  atLeast: z.boolean().describe('A lower bound, because messages were unanswered.'),
  firm: z.boolean().describe('False: to be marked ~, because too little stands behind this quantile.'),
  interval: intervalSchema.optional().describe('Of 95 %, over trials; absent with fewer than five of them.'),
  ratio: ratioSchema
    .optional()
    .describe('Absent in the reference row, and where one of both is unknown, 0 or a lower bound.'),
});
export type HeadlineCell = Stored<typeof headlineCellSchema>;

const headlineRowSchema = z.object({
  target: z.string(),
  client: z.string().optional().describe('Absent where no trial was tried.'),
  trials: z.number().describe('Valid trials.'),
  cells: z.array(headlineCellSchema.nullable()).describe('One for each column; null where the row has none.'),
  verdict: z
    .object({ code: z.enum(verdictCodes), text: z.string() })
    .describe(
      '"better" and "worse" are by the leading figure, where the interval of its ratio to the reference excludes 1; ' +
        '"no interval": too few trials to say.',
    ),
  pace: z
    .object({ askedPerSecond: z.number(), deliveredPerSecond: z.number() })
    .optional()
    .describe('Of an open loop: deliveries a second, asked for and delivered; medians over trials.'),
});
export type HeadlineRow = Stored<typeof headlineRowSchema>;

const headlineSchema = z.object({
  columns: z
    .array(headlineColumnSchema)
    .describe('At least one row has a value of each. Rows are ranked by the first.'),
  reference: z.string().optional().describe('The row that ratios are to; absent where nothing was measured.'),
  rows: z.array(headlineRowSchema).describe('The best first; targets without figures last.'),
});
export type Headline = Stored<typeof headlineSchema>;

export const findingSchema = z.object({
  sentences: z
    .array(z.string())
    .describe('The answer first; then what limits it: targets that cannot keep up, the generator, too few trials.'),
  limits: z.array(z.string()).describe('Those of the sentences that say what limits it.'),
  headline: headlineSchema,
});
export type Finding = Stored<typeof findingSchema>;
