/** A comparison as it is shown: its two sides and its outcome in words, and the tables of its rows. */

import { metrics } from '../../core/measure/metrics.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { type Cell, cell, column, type Table } from '../drawing/table.js';
import { spreadShare } from '../fold/figure.js';
import { groupBy } from '../group-by.js';
import { workText } from '../heading.js';
import { present } from '../present.js';
import { metricText, nothing, percentText } from '../wording/figure-text.js';
import type { ComparedFigure, ComparedRow, ComparedSide, Comparison } from './comparison.js';

/** `main (05b9a39ba00f) → HEAD (e9e68dd0c2b1)`. */
export function titleOf({ base, head }: Comparison): string {
  const [from, to] = [base, head].map(({ label, commit }) => {
    const short = commit?.slice(0, 12);
    return short === undefined || short === label ? label : `${label} (${short})`;
  });
  return `${from} → ${to}`;
}

/** Which version it is and where its figures come from. */
export function sideText({ label, commit, dirty, files, startedAt, tool }: ComparedSide): string {
  const short = commit?.slice(0, 12);
  return present(
    label,
    short !== undefined && short !== label && `commit ${short}`,
    dirty && 'with changes',
    files === 1 ? startedAt : `${files} runs from ${startedAt}`,
    `bench ${tool}`,
  ).join(' · ');
}

/** One row and several of each verdict, in the order in which they are told. */
const outcomes: Readonly<Record<ComparedRow['verdict'], readonly [one: string, several: string]>> = {
  regression: ['regression', 'regressions'],
  improvement: ['improvement', 'improvements'],
  'small change': ['small change', 'small changes'],
  'no change': ['without change', 'without change'],
  inconclusive: ['inconclusive', 'inconclusive'],
  'needs more': ['without a verdict', 'without a verdict'],
  'no data': ['without data', 'without data'],
};

/** `1 regression, 2 without change, 1 inconclusive`; exploratory rows count by themselves where there are gates. */
export function outcomeText({ rows }: Comparison): string {
  const [gates, rest] = [rows.filter(({ gate }) => gate), rows.filter(({ gate }) => !gate)];
  if (gates.length === 0) return counts(rest);
  const gated = `${gates.length === 1 ? 'Gate' : 'Gates'}: ${counts(gates)}`;
  return rest.length === 0 ? gated : `${gated}. Exploratory: ${counts(rest)}`;
}

function counts(rows: readonly ComparedRow[]): string {
  return Object.entries(outcomes)
    .map(([verdict, words]) => ({ words, count: rows.filter((row) => row.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${count} ${words[count === 1 ? 0 : 1]}`)
    .join(', ');
}

export interface Part {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
}

/** The rows by workload, in order; the title says the work, and the target where there is only one. */
export function partsOf(rows: readonly ComparedRow[]): Part[] {
  const parts = groupBy(rows, ({ workload }) => workloadKey(workload));
  return [...parts.values()].map((own) => {
    const [{ workload }] = own;
    const targets = new Set(own.map(({ target }) => target));
    return { title: [...(targets.size === 1 ? targets : []), workText(workload)].join(' · '), rows: own };
  });
}

/** @param rows of one workload, at least one; a single target has no column of its own. */
export function rowsTable(rows: readonly ComparedRow[], { design, gateable }: Comparison): Table {
  const gated = rows.some(({ gate }) => gate !== undefined);
  return {
    title: 'Head against base',
    names: present(
      new Set(rows.map(({ target }) => target)).size > 1 && column('target', 'left', rows, targetText(rows)),
      column('metric', 'left', rows, ({ metric }) => metrics[metric].label),
    ),
    figures: present(
      column('base', 'right', rows, (row) => figureCell(row, 'base')),
      column('head', 'right', rows, (row) => figureCell(row, 'head')),
      column('change', 'right', rows, changeCell),
      column('95 %\ninterval', 'right', rows, intervalCell),
      column('verdict', 'left', rows, (row) => verdictCell(row, gateable)),
      design === 'forks'
        ? column('forks', 'right', rows, ({ samples }) => String(samples.head))
        : column('trials', 'right', rows, ({ samples }) => `${samples.base} / ${samples.head}`),
      gated && column('gate', 'left', rows, gateCell),
    ),
    footnotes: footnotes(rows, design, gated),
  };
}

/** The name of a target stands at its first row only. */
function targetText(rows: readonly ComparedRow[]) {
  const firsts = new Set(rows.filter(({ target }, i) => target !== rows[i - 1]?.target));
  return (row: ComparedRow): string => (firsts.has(row) ? row.target : '');
}

const marks = { 'at least': '≥ ', 'not firm': '~' } as const;

function figureCell({ metric, samples, ...row }: ComparedRow, side: 'base' | 'head'): Cell {
  const figure: ComparedFigure | undefined = row[side];
  if (figure === undefined) return cell(nothing, 'quiet');
  const { median, mark } = figure;
  const spread = samples[side] > 1 ? ` ±${percentText(100 * spreadShare(figure))}` : '';
  const text = `${mark === undefined ? '' : marks[mark]}${metricText(metric, median)}${spread}`;
  return cell(text, mark === 'at least' ? 'bad' : mark === 'not firm' ? 'quiet' : 'plain');
}

function changeCell({ change, verdict }: ComparedRow): Cell {
  if (change === undefined) return cell(nothing, 'quiet');
  return cell(`${signed(change.share)} %`, verdict === 'needs more' ? 'quiet' : 'plain');
}

/** `-12.3 … -10.1 %`. Too few samples have no interval of 95 %. */
function intervalCell({ change, verdict }: ComparedRow): Cell {
  if (change === undefined || verdict === 'needs more') return cell(nothing, 'quiet');
  return cell(`${signed(change.low)} … ${signed(change.high)} %`);
}

/** A share in percent with its sign: -11.2, +0.5, 0.0, +140. */
export function signed(share: number): string {
  const text = (100 * share).toFixed(Math.abs(share) < 0.9995 ? 1 : 0);
  if (Number(text) === 0) return '0.0';
  return share > 0 ? `+${text}` : text;
}

/** In words, `~` before those by which nothing has been shown. */
function verdictText({ verdict, needs }: ComparedRow): string {
  if (verdict === 'needs more') return `~ needs at least ${needs}`;
  return verdict === 'no change' || verdict === 'inconclusive' ? `~ ${verdict}` : verdict;
}

function verdictCell(row: ComparedRow, gateable: boolean): Cell {
  const text = verdictText(row);
  if (row.verdict === 'regression') return cell(text, gateable && row.gate ? 'bad' : 'warn');
  if (row.verdict === 'no data') return cell(text, row.gate ? 'bad' : 'warn');
  return cell(text, text.startsWith('~') ? 'quiet' : 'plain');
}

function gateCell({ gate }: ComparedRow): Cell {
  return gate === undefined ? cell('exploratory', 'quiet') : cell(`< ${percentText(100 * gate.byShare)} worse`);
}

function footnotes(rows: readonly ComparedRow[], design: Comparison['design'], gated: boolean): string[] {
  const noun = design === 'forks' ? 'fork' : 'trial';
  const figures = rows.flatMap(({ base, head }) => [base, head]);
  const has = (mark: keyof typeof marks) => figures.some((figure) => figure?.mark === mark);
  const spread = rows.some(({ samples }) => Math.max(samples.base, samples.head) > 1);
  return present(
    spread && `Figures are medians over ${noun}s; ± is the distance of the furthest ${noun} from the median.`,
    design === 'forks'
      ? 'Change is the Hodges-Lehmann estimate from head / base of each fork, which is not the ratio of the two medians; the test is the signed-rank one.'
      : 'Change is the Hodges-Lehmann estimate from all pairs of a trial of head and one of base; the test is that of Mann and Whitney.',
    `A verdict of change takes at least: ${leastEffects(rows)}. ~ stands where no change was shown.`,
    gated
      ? 'Gates are corrected together after Holm. Rows without a gate are exploratory (Benjamini-Hochberg) and decide nothing.'
      : 'All rows are exploratory: no gate decides by them, and they are corrected after Benjamini-Hochberg.',
    has('not firm') &&
      `~ before a figure: not firm, too few messages for this quantile, or ${noun}s that differ in it.`,
    has('at least') && '≥ a lower bound: deliveries still missing after the drain rank above all others.',
  );
}

function leastEffects(rows: readonly ComparedRow[]): string {
  const texts = rows.map(({ metric, leastShare }) => `${metrics[metric].label} ${percentText(100 * leastShare)}`);
  return [...new Set(texts)].join(', ');
}
