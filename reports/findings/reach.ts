/** How far each target of a ladder or a sweep went, in one sentence: to which step, and what ended it there. */

import { formatDuration } from '../../core/units.js';
import type { VerdictCode } from '../fold/finding.js';
import type { Row, WorkloadTable } from '../fold/row.js';
import { present } from '../present.js';

/** What became of a target at a step. */
type Outcome = 'passed' | 'too much' | 'generator limit' | 'not measured';

interface Reach {
  readonly target: string;
  /** Steps passed before the first that was not. */
  readonly steps: number;
  /** What became of it at that one; undefined where it passed all. */
  readonly end: Outcome | undefined;
}

/** How a sentence says that a step was too much. */
interface Bound {
  /** After the last step that was not. */
  readonly before: string;
  /** Of the first step of all. */
  readonly atOnce: string;
  /** Of targets that passed every step. */
  readonly within: string;
}

const pace: Bound = {
  before: 'before less was delivered than was asked for',
  atOnce: 'less was delivered than was asked for',
  within: 'with all that was asked for',
};

/**
 * @param labels of the workloads, in their order.
 * @param stopAboveP95Us of a ladder; undefined: of a plain sweep, in which a target can only fall behind.
 * @returns undefined where there are no steps, and of a plain sweep where every target kept up at each.
 */
export function reachSentence(
  tables: readonly WorkloadTable[],
  labels: readonly string[],
  stopAboveP95Us: number | undefined,
): string | undefined {
  const isLadder = stopAboveP95Us !== undefined;
  if (tables.length < 2 || !(isLadder || areSteps(labels))) return undefined;
  const targets = [...new Set(tables.flatMap(({ rows }) => rows.map(({ target }) => target)))];
  const reaches = targets
    .filter((target) => tables.some(({ rows }) => rowOf(rows, target)?.state !== 'unavailable'))
    .map((target) => reachOf(tables, target, stopAboveP95Us));
  if (reaches.length === 0 || (!isLadder && reaches.every(({ end }) => end === undefined))) return undefined;
  const text = clauses(reaches, labels, isLadder ? boundOf(stopAboveP95Us) : pace).join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function boundOf(p95Us: number): Bound {
  const most = formatDuration(p95Us);
  return { before: `before p95 passed ${most}`, atOnce: `p95 was above ${most}`, within: `with p95 within ${most}` };
}

/** The figure in a label, and what follows it of its unit: `1,000 connections`, or `1,000/s` of `open loop, 1,000/s evenly spaced`. */
const figure = /(\d[\d,.]*)(\/s| .*)?/;

/** Whether the workloads differ in one figure alone, which rises. */
function areSteps(labels: readonly string[]): boolean {
  const values = labels.map((label) => Number(figure.exec(label)?.[1]?.replaceAll(',', '') ?? Number.NaN));
  const areAlike = new Set(labels.map((label) => label.replace(/\d[\d,.]*/, ''))).size === 1;
  return areAlike && values.every((value, i) => value > (values[i - 1] ?? Number.NEGATIVE_INFINITY));
}

function reachOf(tables: readonly WorkloadTable[], target: string, stopAboveP95Us: number | undefined): Reach {
  const outcomes = tables.map((table) => outcomeOf(table, target, stopAboveP95Us));
  const steps = outcomes.findIndex((outcome) => outcome !== 'passed');
  return steps < 0 ? { target, steps: tables.length, end: undefined } : { target, steps, end: outcomes[steps] };
}

function outcomeOf({ rows, finding }: WorkloadTable, target: string, stopAboveP95Us: number | undefined): Outcome {
  const row = rowOf(rows, target);
  const verdict: VerdictCode | undefined = finding.headline.rows.find(
    (each) => each.target === target && each.client === row?.client,
  )?.verdict.code;
  if (verdict === 'generator limit') return 'generator limit';
  if (row?.state !== 'measured') return 'not measured';
  if (stopAboveP95Us === undefined) return verdict === 'cannot keep up' ? 'too much' : 'passed';
  const { p95 } = (row.response ?? row.service).quantiles;
  return p95.atLeast || p95.us > stopAboveP95Us ? 'too much' : 'passed';
}

/** The first that has figures, where several clients measured a target. */
function rowOf(rows: readonly Row[], target: string): Row | undefined {
  const own = rows.filter((row) => row.target === target);
  return own.find(({ state }) => state === 'measured') ?? own[0];
}

function clauses(reaches: readonly Reach[], labels: readonly string[], bound: Bound): string[] {
  const at = (step: number): string => stepText(labels.at(step) ?? '', false);
  const all = reaches.filter(({ end }) => end === undefined);
  const some = reaches.filter(({ end, steps }) => end === 'too much' && steps > 0);
  const none = reaches.filter(({ end, steps }) => end === 'too much' && steps === 0);
  const others = reaches.filter(({ end }) => end === 'generator limit' || end === 'not measured');
  const reached = some.map(({ target, steps }, i) => `${stepText(labels[steps - 1] ?? '', i > 0)} on ${target}`);
  const ended = others.map(({ target, steps, end }) =>
    end === 'generator limit'
      ? `with ${target} the generator was the limit at ${at(steps)}`
      : `${target} was not measured at ${at(steps)}`,
  );
  return present(
    some.length > 0 && `up to ${reached.join(', ')} ${bound.before}`,
    all.length > 0 && `every step, up to ${at(-1)}, on ${namesOf(all)} ${bound.within}`,
    none.length > 0 && `none of the steps on ${namesOf(none)}: ${bound.atOnce} at ${at(0)} already`,
    ...ended,
  );
}

const namesOf = (reaches: readonly Reach[]): string => reaches.map(({ target }) => target).join(', ');

/** @param isSaid the noun was, in this sentence. */
function stepText(label: string, isSaid: boolean): string {
  const [all, number, unit] = figure.exec(label) ?? [];
  if (all === undefined || label.includes(' · ')) return label;
  return isSaid && unit?.startsWith(' ') ? (number ?? all) : all;
}
