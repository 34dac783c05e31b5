/** The rows of a report: what all trials of one target, client and workload say together. */

import { z } from 'zod';
import { clientNames } from '../../core/client.js';
import { commonFigures, type FigureEntry, type FigureTable, workloadFigures } from '../../core/measure/figures.js';
import { knownReasonSchema } from '../../core/measure/reason.js';
import type { Stored } from '../../core/stored-value.js';
import { protocols } from '../../core/target.js';
import { targetOptionsSchema } from '../../core/variant/target-options.js';
import { workloadSchema } from '../../core/workload/workload-fields.js';
import { contractCountsSchema } from './disturbed-counts.js';
import { figureSchema } from './figure.js';
import { findingSchema } from './finding.js';
import { latencySchema } from './latency.js';

const classesSchema = z.record(z.string(), z.number()).describe('How often each class occurred.');

const invalidTrialSchema = z
  .object({
    id: z.number(),
    block: z.number(),
    attempt: z.number(),
    replaced: z.boolean().optional().describe('A later attempt was valid. Else absent.'),
    reasons: z.array(knownReasonSchema),
    errors: classesSchema,
    counts: contractCountsSchema.optional().describe('Where they stand all the same, as on a busy machine.'),
  })
  .meta({ id: 'invalidTrial' });
export type InvalidTrial = Stored<typeof invalidTrialSchema>;

const trialWarningSchema = z
  .object({
    text: z.string().describe('With the range of the figures.'),
    reasons: z
      .tuple([knownReasonSchema], knownReasonSchema)
      .describe('Of each trial that has it; they differ in their figures alone.'),
    trials: z.number(),
    of: z.number().describe('All valid trials of the row.'),
  })
  .meta({ id: 'trialWarning', description: 'What valid trials of a row warn of.' });
export type TrialWarning = Stored<typeof trialWarningSchema>;

/** What becomes of a figure over trials. */
const folds = {
  median: figureSchema,
  sum: z.number(),
  classes: classesSchema,
  times: z
    .object({ p50Us: figureSchema, p99Us: figureSchema, maxUs: figureSchema })
    .meta({ id: 'times', description: 'Of something that happened many times in each trial.' }),
  histogram: latencySchema,
} as const;
type Folds = typeof folds;
export type TimeFigures = Stored<Folds['times']>;

type Folded<Entry> = Entry extends { fold: 'part'; figures: infer Table }
  ? z.ZodObject<Shape<Table>>
  : Entry extends { fold: 'stages'; figures: infer Table }
    ? z.ZodArray<z.ZodObject<{ stage: z.ZodString } & Shape<Table>>>
    : Entry extends { fold: 'agents'; figures: infer Table }
      ? z.ZodArray<z.ZodObject<{ agent: z.ZodString } & Shape<Table>>>
      : Entry extends { fold: keyof Folds }
        ? Folds[Entry['fold']]
        : never;

/** The fields of a row that the entries of a table of figures become. */
type Shape<Table> = {
  [Name in keyof Table]: Table[Name] extends { optional: true }
    ? z.ZodOptional<Folded<Table[Name]>>
    : Folded<Table[Name]>;
};

function shapeOf<Table extends FigureTable>(table: Table): Shape<Table> {
  const fields = Object.entries(table).map(([name, entry]) => {
    const folded = foldedSchema(entry);
    return [name, entry.optional ? folded.optional() : folded] as const;
  });
  return Object.fromEntries(fields) as unknown as Shape<Table>;
}

function foldedSchema(entry: FigureEntry): z.ZodType {
  switch (entry.fold) {
    case 'part':
      return z.object(shapeOf(entry.figures));
    case 'stages':
      return z.array(z.object({ stage: z.string(), ...shapeOf(entry.figures) }));
    case 'agents':
      return z.array(z.object({ agent: z.string(), ...shapeOf(entry.figures) }));
    case 'median':
    case 'sum':
      return folds[entry.fold].describe(`In ${entry.unit}.`);
    default:
      return folds[entry.fold];
  }
}

/** What the entries of a table of figures become in a row. */
export type Figures<Table> = Stored<z.ZodObject<Shape<Table>>>;

const ratiosSchema = z
  .object({
    deliveredPerSecond: z.number(),
    serviceP50: z.number(),
    serviceP99: z.number(),
    cpuUsPerDelivery: z.number(),
  })
  .partial()
  .describe(
    'This row divided by the first measured row of its table, trial by trial of the same block; absent where they share ' +
      'no known values above 0.',
  );
export type Ratios = Stored<typeof ratiosSchema>;

const rowName = { target: z.string(), trialsPlanned: z.number(), invalid: z.array(invalidTrialSchema) };

const measuredRowSchema = z
  .object({
    ...rowName,
    state: z.literal('measured'),
    client: z.enum(clientNames),
    transport: z.string(),
    protocol: z.enum(protocols).optional().describe('Absent in files of earlier versions.'),
    library: z.string().describe('Package and version of what was measured.'),
    trialsUsed: z.number(),
    connections: z.number(),
    headroomPerSecond: z
      .number()
      .optional()
      .describe(
        'Deliveries a second, for kind connect openings, that the generator managed here against a server that answers ' +
          'without looking; see docs/calibration.md.',
      ),
    ...shapeOf(commonFigures),
    ...shapeOf(workloadFigures),
    settings: z
      .record(z.string(), z.string())
      .describe('A setting that trials of the row disagree about has all its values, joined by " or ".'),
    options: targetOptionsSchema.optional().describe('What the scenario asks of this variant of a target.'),
    warnings: z.array(trialWarningSchema),
    ratios: ratiosSchema,
  })
  .meta({ id: 'measuredRow' });
export type MeasuredRow = Stored<typeof measuredRowSchema>;

const emptyRowSchema = z
  .object({
    ...rowName,
    state: z.enum(['unavailable', 'not run', 'no valid trial']),
    client: z.enum(clientNames).optional().describe('Known when a trial was at least tried.'),
    reason: z.string(),
  })
  .meta({ id: 'emptyRow', description: 'A target that was asked for and has no figures.' });
export type EmptyRow = Stored<typeof emptyRowSchema>;

export type Row = MeasuredRow | EmptyRow;

export const workloadTableSchema = z
  .object({
    workload: workloadSchema,
    rows: z
      .array(z.discriminatedUnion('state', [measuredRowSchema, emptyRowSchema]))
      .describe('Targets in the order of the scenario.'),
    finding: findingSchema,
  })
  .meta({ id: 'table', description: 'The rows of one workload.' });
export type WorkloadTable = Stored<typeof workloadTableSchema>;
