/** Computes the headline of a workload: ranked rows of the figures that it is about, each against the reference row. */

import { type HeadlineFigure, headlineOf } from '../../core/headlines.js';
import { type QuantileName, quantiles } from '../../core/measure/latency.js';
import type { Reason, ReasonCode } from '../../core/measure/reason.js';
import { unitOf } from '../../core/measure/trial-figure.js';
import type { Workload } from '../../core/scenario.js';
import { figureOf } from '../fold/figure.js';
import type { Headline, HeadlineCell, HeadlineRow, Ratio, VerdictCode } from '../fold/finding.js';
import { isFirm } from '../fold/latency.js';
import type { MeasuredRow, Row } from '../fold/row.js';
import type { ReadTrial } from '../results/read-trial.js';
import { estimateOf, ratioOf, type Values, valuesOf } from './estimate.js';

/** A target that delivers less than this share of what is asked for cannot keep up; the rest may still be on its way. */
const leastPaceShare = 0.95;
/** What the rows of one target and client are made of. */
interface Source {
  readonly row: Row;
  /** Invalid ones too. */
  readonly tried: readonly ReadTrial[];
  readonly trials: readonly ReadTrial[];
  /** Of each figure of the headline. */
  readonly values: readonly Values[];
}

/** @param trials of the workload, invalid ones too. */
export function headlineRows(workload: Workload, rows: readonly Row[], trials: readonly ReadTrial[]): Headline {
  const { figures } = headlineOf(workload);
  const all = rows.map((row): Source => {
    const tried = trials.filter(({ target, client }) => target === row.target && client === row.client);
    const own = tried.filter(({ valid }) => valid);
    return { row, tried, trials: own, values: figures.map(({ figure }) => valuesOf(own, figure)) };
  });
  const reference = all.find(({ row }) => row.state === 'measured');
  // A figure that no row has is no column.
  const shown = figures.flatMap((figure, i) => (all.some(({ values }) => values[i]?.size) ? [{ figure, i }] : []));
  const cellsOf = (source: Source) =>
    shown.map(({ figure, i }) => cellOf(workload, source, figure, i, source === reference ? undefined : reference));
  const ranked = all
    .map((source) => rowOf(workload, source, cellsOf(source), source === reference))
    .toSorted((a, b) => rankOf(a, shown[0]?.figure) - rankOf(b, shown[0]?.figure));
  return {
    columns: shown.map(({ figure }) => ({ ...figure, unit: unitOf(figure.figure) })),
    reference: reference?.row.target,
    rows: ranked,
  };
}

function cellOf(
  workload: Workload,
  { values, trials }: Source,
  { figure, better }: HeadlineFigure,
  i: number,
  reference: Source | undefined,
): HeadlineCell | null {
  const [own, base] = [values[i], reference?.values[i]];
  const estimate = own && estimateOf(own);
  if (own === undefined || estimate === undefined) return null;
  const ratio = base && ratioOf(own, base, better);
  return { ...estimate, firm: isFirmFigure(workload, figure, own, trials), ...(ratio && { ratio }) };
}

/** Only a quantile can lack what makes it firm. */
function isFirmFigure({ kind }: Workload, figure: string, values: Values, trials: readonly ReadTrial[]): boolean {
  const quantile = figure.split('.').at(-1) ?? '';
  if (!Object.hasOwn(quantiles, quantile)) return true;
  const sent = trials.reduce((sum, { measured }) => sum + measured.sent, 0);
  const durations = [...values.values()].map(({ value, atLeast }) => ({ us: value, atLeast }));
  return isFirm(kind, quantiles[quantile as QuantileName], sent, durations);
}

/** The best first; without the leading figure behind all others, without a trial last. */
function rankOf({ cells: [lead], trials }: HeadlineRow, figure: HeadlineFigure | undefined): number {
  if (trials === 0) return Number.MAX_VALUE;
  if (lead == null) return Number.MAX_VALUE / 2;
  return figure?.better === 'higher' ? -lead.value : lead.value;
}

function rowOf(
  workload: Workload,
  { row, trials, tried }: Source,
  cells: readonly (HeadlineCell | null)[],
  isReference: boolean,
): HeadlineRow {
  // How far it came is told of a target without a valid trial, too.
  const pace = headlineOf(workload).isPaced && paceOf(trials.length > 0 ? trials : tried);
  const code = verdictOf(row, cells[0]?.ratio, pace, isReference);
  const named = { target: row.target, client: row.client, trials: trials.length, cells };
  return {
    ...named,
    verdict: { code, text: verdictText(code, cells[0]?.ratio, row, workload) },
    ...(pace && { pace }),
  };
}

/** Deliveries owed for what should have been sent in the measured window, and those that came within it. */
function paceOf(trials: readonly ReadTrial[]): HeadlineRow['pace'] {
  const asked = trials.flatMap(({ measured: { owed, sent, scheduled }, seconds }) =>
    sent > 0 && seconds > 0 ? [(owed * scheduled) / sent / seconds] : [],
  );
  const [askedPerSecond, deliveredPerSecond] = [
    figureOf(asked)?.median,
    figureOf(trials.map((trial) => trial.deliveredPerSecond))?.median,
  ];
  if (askedPerSecond === undefined || deliveredPerSecond === undefined) return undefined;
  return { askedPerSecond, deliveredPerSecond };
}

function verdictOf(row: Row, ratio: Ratio | undefined, pace: HeadlineRow['pace'], isReference: boolean): VerdictCode {
  if (row.state !== 'measured')
    return isGenerator(row.invalid.map(({ reasons }) => reasons)) ? 'generator limit' : 'not measured';
  if (pace && pace.deliveredPerSecond < leastPaceShare * pace.askedPerSecond)
    return !isServer(row) && warnsOf(row, 'generator-busy') ? 'generator limit' : 'cannot keep up';
  if (isReference) return 'reference';
  return ratio?.verdict ?? 'no ratio';
}

/** Most of these trials are invalid because the generator was the limit, and not because it was disturbed. */
function isGenerator(invalid: readonly (readonly Reason[])[]): boolean {
  const blamed = invalid.filter((reasons) => reasons.some(({ code }) => code === 'generator-limit'));
  return blamed.length > invalid.length / 2;
}

/** Whether the server, or one of its processes, had no CPU left. */
const isServer = (row: MeasuredRow) => warnsOf(row, 'server-saturated') || warnsOf(row, 'process-saturated');

function warnsOf({ warnings }: MeasuredRow, code: ReasonCode): boolean {
  return warnings.some(({ reasons: [first], trials, of }) => first.code === code && trials > of / 2);
}

function verdictText(code: VerdictCode, ratio: Ratio | undefined, row: Row, workload: Workload): string {
  const { words } = headlineOf(workload);
  if (code === 'better' || code === 'worse') return ratio && ratio.value < 1 ? words.lower : words.higher;
  if (code === 'generator limit') return 'generator limit';
  if (code === 'not measured') return row.state;
  return code === 'no ratio' ? '' : code;
}
