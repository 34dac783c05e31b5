/** Compares result files of different jobs: their trials are two independent samples. Shown, never gated. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { leastTrials } from '../../core/statistics/corrections.js';
import { mannWhitney } from '../../core/statistics/rank-tests.js';
import type { ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';
import {
  type Breadth,
  type ComparedSide,
  type Comparison,
  judgeRows,
  type Question,
  questionsFor,
  type UnjudgedRow,
  usualAlpha,
} from './comparison.js';
import { type Pair, pairTrials } from './pairs.js';
import { comparedFigure, sampleOf } from './sample.js';
import {
  differences,
  droppedLines,
  gathered,
  invalidTrials,
  maxSamples,
  missingFigures,
  runFacts,
  shortages,
  sideWarnings,
  trialFacts,
} from './warnings.js';

const neverGated =
  'The two sides come from different jobs: the difference is shown and never gated, because machines and what else runs ' +
  'on them differ from job to job. `bench ab` measures both sides in one job.';

/** Between jobs an effect must be so many times as large as between forks to be of interest. */
const acrossJobs = 2;

/**
 * Mann-Whitney over the valid trials, on ln of their figures.
 *
 * @param base, head results of one scenario, at least one each; several of a side are its trials together
 */
export function compareTrials(
  base: readonly Result[],
  head: readonly Result[],
  gates: readonly RelativeGate[],
  breadth: Breadth = 'usual',
): Comparison {
  const [baseTrials, headTrials] = [trialsOf(base), trialsOf(head)];
  const { pairs: paired, otherWork, unpaired } = pairTrials(baseTrials, headTrials);
  const targets = head.flatMap(({ run }) => run.scenario.targets);
  // Trials ran in random order.
  const pairs = paired.toSorted((a, b) => targets.indexOf(a.target) - targets.indexOf(b.target));
  const noise = noiseOf([...base, ...head]);
  const missing: string[] = [];
  const unjudged = pairs.flatMap((pair) => {
    const [from, to] = [validOf(pair.base), validOf(pair.head)];
    return questionsFor(pair.workload, gates, breadth, acrossJobs).map((question) => {
      const row = rowOf(
        { ...pair, base: from, head: to },
        { ...question, leastShare: Math.max(noise, question.leastShare) },
      );
      missing.push(...missingFigures(row, { base: from.length, head: to.length }, 'trial'));
      return row;
    });
  });
  const rows = judgeRows(unjudged, usualAlpha, leastTrials);
  const raised = unjudged.some(({ leastShare }) => leastShare === noise);
  return {
    design: 'trials',
    base: sideOf(base),
    head: sideOf(head),
    rows,
    gateable: false,
    ...(otherWork.length > 0 && { otherWork }),
    warnings: gathered([
      neverGated,
      ...sameRuns(base, head),
      ...sideWarnings('base', base),
      ...sideWarnings('head', head),
      ...differences(runFacts(base), runFacts(head)),
      ...otherWork,
      ...unpaired,
      ...differentTrials(pairs, [...base, ...head]),
      ...invalidTrials('base', base),
      ...invalidTrials('head', head),
      ...missing,
      ...shortages(rows, 'trials'),
      ...(raised ? [noiseText(noise)] : []),
      ...droppedLines([...base, ...head]),
    ]),
  };
}

function trialsOf(results: readonly Result[]): ReadTrial[] {
  return inOrder(results).flatMap(({ trials }) => trials);
}

function validOf(trials: readonly ReadTrial[]): ReadTrial[] {
  return trials.filter(({ valid }) => valid);
}

function inOrder(results: readonly Result[]): Result[] {
  return results.toSorted((a, b) => Date.parse(a.run.startedAt) - Date.parse(b.run.startedAt) || 0);
}

/** @param pair with valid trials only. */
function rowOf({ target, workload, base, head }: Pair, { metric, gate, leastShare }: Question): UnjudgedRow {
  const samples = (trials: readonly ReadTrial[]) =>
    trials.slice(-maxSamples).flatMap((trial) => sampleOf(trial, metric) ?? []);
  const [from, to] = [samples(base), samples(head)];
  const ln = (side: typeof from) => side.map(({ value }) => Math.log(value));
  return {
    target,
    workload,
    metric,
    base: comparedFigure(from),
    head: comparedFigure(to),
    samples: { base: from.length, head: to.length },
    difference: from.length > 0 && to.length > 0 ? mannWhitney(ln(from), ln(to)) : undefined,
    gate,
    leastShare,
  };
}

function sideOf(results: readonly Result[]): ComparedSide {
  const [first] = inOrder(results);
  if (first === undefined) throw new Error('a side of a comparison has no result');
  const { git, startedAt, tool, environment } = first.run;
  const commits = new Set(results.map(({ run }) => run.git?.commit));
  const commit = commits.size === 1 ? git?.commit : undefined;
  const dirty = results.some(({ run }) => run.git?.dirty);
  const label = commit?.slice(0, 12) ?? startedAt;
  return { label, commit, dirty, files: results.length, startedAt, tool, environment };
}

/** The smallest change of a rate that the noisiest of these machines shows, as a share; 0 where none was calibrated. */
function noiseOf(results: readonly Result[]): number {
  return Math.max(...results.map(({ run }) => (run.calibration?.noise?.visiblePercent ?? 0) / 100));
}

function noiseText(share: number): string {
  const percent = (100 * share).toFixed(1);
  return `Changes below ${percent} % are noise by the calibration of this machine: no smaller effect is of interest.`;
}

function sameRuns(base: readonly Result[], head: readonly Result[]): string[] {
  const key = ({ run: { startedAt, seed } }: Result) => `${startedAt} ${seed}`;
  const known = new Set(base.map(key));
  const shared = head.filter((result) => known.has(key(result))).length;
  return shared === 0 ? [] : ['base and head hold the same run: what is the same on both sides cannot differ.'];
}

/** Client, transport and server settings, target by target. */
function differentTrials(pairs: readonly Pair[], results: readonly Result[]): string[] {
  const known = new Set(results.flatMap(({ run }) => Object.keys(run.environment.libraries)));
  return [...new Set(pairs.map(({ target }) => target))].flatMap((target) => {
    const own = pairs.filter((pair) => pair.target === target);
    const [base, head] = [own.flatMap((pair) => pair.base), own.flatMap((pair) => pair.head)];
    return differences(trialFacts(base, known), trialFacts(head, known), `${target}: `);
  });
}
