/** What is said about head against base, and the verdicts: gates corrected together after Holm, the rest after Benjamini-Hochberg. */

import { z } from 'zod';
import type { RelativeGate } from '../../core/gates/gate.js';
import { judge, verdicts, worseUpwards } from '../../core/gates/verdict.js';
import { type MetricName, metricNames, metrics, usualMetricsOf } from '../../core/measure/metrics.js';
import { environmentSchema, type Look, type RunLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { benjaminiHochberg, holm } from '../../core/statistics/corrections.js';
import type { Difference } from '../../core/statistics/intervals.js';
import type { Stored } from '../../core/stored-value.js';
import { workloadSchema } from '../../core/workload/workload-fields.js';
import { figureSchema } from '../fold/figure.js';
import { explanationSchema } from './explanation.js';

/** Two-sided; what a verdict of files from different jobs is given at. */
export const usualAlpha = 0.05;

const comparedSideSchema = z.object({
  label: z.string().describe('As the user named it, or else the commit or the time of the run.'),
  commit: z.string().optional().describe('Of all its files; absent where there is none or several.'),
  dirty: z.boolean().describe('A working tree had changes that are not in the commit.'),
  files: z.number().describe('Result files behind it.'),
  startedAt: z.string().describe('Of its first file, as are the next two.'),
  tool: z.string(),
  environment: environmentSchema,
});
export type ComparedSide = Stored<typeof comparedSideSchema>;

const marks = ['at least', 'not firm'] as const;
/** `at least`: a lower bound, because messages were unanswered. `not firm`: a quantile that too little stands behind. */
export type Mark = (typeof marks)[number];

const comparedFigureSchema = figureSchema
  .extend({ mark: z.enum(marks).optional() })
  .meta({ id: 'comparedFigure', description: 'Over the forks or trials used.' });
export type ComparedFigure = Stored<typeof comparedFigureSchema>;

const relativeGateSchema = z.object({
  is: z.literal('relative'),
  text: z.string(),
  metric: z.enum(metricNames),
  byShare: z.number(),
}) satisfies z.ZodType<RelativeGate>;

const comparedRowSchema = z.object({
  target: z.string(),
  workload: workloadSchema,
  metric: z.enum(metricNames),
  base: comparedFigureSchema.optional(),
  head: comparedFigureSchema.optional(),
  samples: z.object({ base: z.number(), head: z.number() }).describe('Forks or trials used.'),
  change: z
    .object({ share: z.number(), low: z.number(), high: z.number() })
    .optional()
    .describe(
      'Head against base as a share with its 95 % interval, the sign as measured; absent where a side has no figure.',
    ),
  p: z.number().optional().describe('Adjusted: after Holm among gates, after Benjamini-Hochberg among the rest.'),
  verdict: z.enum([...verdicts, 'needs more', 'no data']),
  needs: z
    .number()
    .optional()
    .describe('With "needs more": the least number of forks, or of trials of each side, that can reach a verdict.'),
  gate: relativeGateSchema.optional().describe('The gate that this row decides; absent: exploratory.'),
  leastShare: z.number().describe('The least effect of interest that the verdict used.'),
});
export type ComparedRow = Stored<typeof comparedRowSchema>;

export const comparisonSchema = z
  .object({
    design: z
      .enum(['forks', 'trials'])
      .describe('forks: both sides measured in one job (`bench ab`); trials: result files of different jobs.'),
    base: comparedSideSchema,
    head: comparedSideSchema,
    rows: z.array(comparedRowSchema),
    warnings: z.array(z.string()).describe('What must be read with the figures, a sentence each, the gravest first.'),
    gateable: z
      .boolean()
      .describe('False when the two sides cannot be gated against each other; the warnings say why.'),
    otherWork: z
      .array(z.string())
      .optional()
      .describe('How the work of head differs from that of base, a sentence each; absent where it does not.'),
    broken: z.string().optional().describe('How head breaks the contract, where both sides were measured in one job.'),
    explanation: explanationSchema.optional().describe('With `bench ab --explain`.'),
  })
  .meta({ id: 'comparison', description: 'What `bench compare` and `bench ab` print.' });
/** Plain JSON. Every text in it comes from files or the user and is to be escaped for wherever it is shown. */
export type Comparison = Stored<typeof comparisonSchema>;

/** `usual`: what a load model is judged by; `all`: every metric there is. */
export type Breadth = 'usual' | 'all';

/** Both together stay at .05 of false alarms. */
export const usualLooks: readonly [Look, Look] = [
  { forks: 12, alpha: 0.01 },
  { forks: 20, alpha: 0.04 },
];

/** The look at which a file with so many valid forks is judged: the first that they do not exceed. */
export function lookAt(valid: number, { looks = usualLooks }: Pick<RunLine, 'looks'>): Look {
  return looks.find(({ forks }) => valid <= forks) ?? looks.at(-1) ?? usualLooks[1];
}

/** A row before it is judged; `difference` is that of ln(figure), head against base, undefined where a side has none. */
export interface UnjudgedRow extends Omit<ComparedRow, 'change' | 'p' | 'verdict' | 'needs'> {
  readonly difference: Difference | undefined;
}

/**
 * @param leastSamples the least number of samples with which `hypotheses` corrected together can reach `alpha`:
 * `leastForks` or `leastTrials`.
 */
export function judgeRows(
  rows: readonly UnjudgedRow[],
  alpha: number,
  leastSamples: (hypotheses: number, alpha: number) => number,
): ComparedRow[] {
  const gates = rows.filter(({ gate }) => gate !== undefined);
  const rest = rows.flatMap((row) =>
    row.gate === undefined && row.difference !== undefined ? [{ row, p: row.difference.p }] : [],
  );
  // A gate without data was declared all the same: it keeps its place in the correction.
  const gateP = holm(gates.map(({ difference }) => difference?.p ?? 1));
  const restP = benjaminiHochberg(rest.map(({ p }) => p));
  const adjusted = new Map([
    ...gates.map((row, i) => [row, gateP[i]] as const),
    ...rest.map(({ row }, i) => [row, restP[i]] as const),
  ]);
  return rows.map((row) => {
    const { difference, ...known } = row;
    if (difference === undefined) return { ...known, change: undefined, p: undefined, verdict: 'no data' };
    const p = adjusted.get(row) ?? 1;
    const judged = { ...known, change: changeOf(difference), p };
    const hypotheses = row.gate === undefined ? 1 : gates.length;
    if (hypotheses * difference.leastP > alpha)
      return { ...judged, verdict: 'needs more', needs: leastSamples(hypotheses, alpha) };
    const worse = worseUpwards(difference, metrics[row.metric].better);
    return { ...judged, verdict: judge(worse, p, Math.log1p(row.leastShare), alpha) };
  });
}

function changeOf({ estimate, ci95 }: Difference): NonNullable<ComparedRow['change']> {
  return { share: Math.expm1(estimate), low: Math.expm1(ci95.low), high: Math.expm1(ci95.high) };
}

export interface Question {
  readonly metric: MetricName;
  /** Undefined: exploratory. */
  readonly gate?: RelativeGate | undefined;
  /** Least effect of interest, as a share. */
  readonly leastShare: number;
}

/** A question a gate, and one for each other metric that is usual of this work. A gate brings its own least effect. */
export function questionsFor(work: Workload, gates: readonly RelativeGate[], breadth: Breadth, factor = 1): Question[] {
  const { gated, beside } = usualMetricsOf(work.kind, work.load.model);
  const named = new Set([...gated, ...beside, ...gates.map(({ metric }) => metric)]);
  const all = breadth === 'all' ? new Set([...named, ...metricNames]) : named;
  return [...all].flatMap((metric): Question[] => {
    const own = gates.filter((gate) => gate.metric === metric);
    if (own.length === 0) return [{ metric, leastShare: factor * metrics[metric].leastShare }];
    return own.map((gate) => ({ metric, gate, leastShare: gate.byShare }));
  });
}
