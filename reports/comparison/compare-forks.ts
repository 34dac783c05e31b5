/** Compares the two sides of one job, a `bench ab` file: its forks are pairs, and it can be gated. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { sumClasses } from '../../core/measure/tally.js';
import type { Side } from '../../core/plan.js';
import type { SideLabel } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { leastForks } from '../../core/statistics/corrections.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { groupBy } from '../group-by.js';
import { present } from '../present.js';
import { invalidSentences } from '../reasons/reasons.js';
import type { ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';
import {
  type Breadth,
  type ComparedSide,
  type Comparison,
  judgeRows,
  lookAt,
  type Question,
  questionsFor,
  type UnjudgedRow,
} from './comparison.js';
import { comparedFigure, type Fork, forkRatio, sampleOf, validForks } from './sample.js';
import {
  differences,
  dirtiness,
  droppedLines,
  gathered,
  maxSamples,
  missingFigures,
  shortages,
  trialFacts,
} from './warnings.js';

/**
 * Signed-rank over the valid forks, on ln(head / base) of each.
 *
 * @param gates corrected together, at most four of them
 * @param alpha of this look at the forks; by default, of the one that so many valid forks are judged at
 */
export function compareForks(
  result: Result,
  gates: readonly RelativeGate[],
  alpha = lookAt(validForks(result.trials).length, result.run).alpha,
  breadth: Breadth = 'usual',
): Comparison {
  const { run, trials } = result;
  const target = run.sides?.head.target ?? 'head';
  const forks = validForks(trials).slice(-maxSamples);
  const missing: string[] = [];
  const unjudged = workloadsOf(result).flatMap((workload) =>
    questionsFor(workload, gates, breadth).map((question): UnjudgedRow => {
      const row = { target, workload, ...figuresOf(forks, question), ...question };
      missing.push(...missingFigures(row, { base: forks.length, head: row.samples.head }, 'fork'));
      return row;
    }),
  );
  const rows = judgeRows(unjudged, alpha, leastForks);
  const obstacles = obstaclesTo(result);
  return {
    design: 'forks',
    base: sideOf('base', result),
    head: sideOf('head', result),
    rows,
    gateable: obstacles.length === 0,
    warnings: gathered([
      ...obstacles,
      ...dirtySides(run.sides),
      ...differences(factsOf('base', result), factsOf('head', result)),
      ...invalidForks(trials),
      ...missing,
      ...shortages(rows, 'forks'),
      ...droppedLines([result]),
    ]),
  };
}

function figuresOf(forks: readonly Fork[], { metric }: Question) {
  const used = forks.flatMap((fork) => {
    const [ratio, base, head] = [forkRatio(fork, metric), sampleOf(fork.base, metric), sampleOf(fork.head, metric)];
    return ratio === undefined || base === undefined || head === undefined ? [] : [{ ratio, base, head }];
  });
  return {
    base: comparedFigure(used.map(({ base }) => base)),
    head: comparedFigure(used.map(({ head }) => head)),
    samples: { base: used.length, head: used.length },
    difference: used.length > 0 ? signedRank(used.map(({ ratio }) => ratio)) : undefined,
  };
}

/** That of the forks; of a file without any, the one that was asked for. */
function workloadsOf({ run, trials }: Result): readonly Workload[] {
  const [first] = trials;
  return first === undefined ? run.scenario.workloads.slice(0, 1) : [first.workload];
}

function sideOf(side: Side, { run }: Result): ComparedSide {
  const { target, revision, commit, dirty } = run.sides?.[side] ?? ({ target: side } as SideLabel);
  const { startedAt, tool, environment } = run;
  return { label: revision ?? target, commit, dirty: dirty ?? false, files: 1, startedAt, tool, environment };
}

/** Why no gate accepts the file. */
function obstaclesTo({ run, trials, partial, end }: Result): string[] {
  const works = new Set(trials.map(({ workload }) => workloadKey(workload)));
  const clients = new Set(trials.map(({ client, transport }) => `${client} ${transport}`));
  return present(
    run.sides === undefined && 'This is no comparison of two versions in one job (`bench ab`): no gate accepts it.',
    end?.interrupted && 'The run was interrupted: what had finished is shown, but no gate accepts it.',
    partial &&
      !end?.interrupted &&
      'The run did not finish or a part of its file could not be read: it is shown, but no gate accepts it.',
    works.size > 1 && 'The forks did not all do the same work: no gate accepts them.',
    clients.size > 1 && 'The forks were not all measured by the same client and transport: no gate accepts them.',
  );
}

function dirtySides(sides: Result['run']['sides']): string[] {
  return (['base', 'head'] as const).flatMap((side) =>
    sides?.[side].dirty && sides[side].commit ? [dirtiness(side, sides[side].commit)] : [],
  );
}

function factsOf(side: Side, { trials, run }: Result) {
  const own = trials.filter(({ fork }) => fork?.side === side);
  return trialFacts(own, new Set(Object.keys(run.environment.libraries)));
}

/** A fork has two lines and is invalid when one of them is; a repetition of it counts by itself. */
function invalidForks(trials: readonly ReadTrial[]): string[] {
  const forks = groupBy(
    trials.filter(({ valid }) => !valid),
    ({ block, attempt }) => `${block} ${attempt}`,
  );
  const invalid = [...forks.values()].map((lines) => {
    // A reason of the other side is in the line of that side, too.
    const own = lines.map(({ fork, invalidBecause }) => ({
      target: fork?.side ?? 'both sides',
      reasons: invalidBecause.filter(({ side }) => side === undefined),
    }));
    const [one, ...others] = own.filter(({ reasons }) => reasons.length > 0);
    return {
      target: one && others.length === 0 ? one.target : 'both sides',
      reasons: own.flatMap(({ reasons }) => reasons),
      errors: sumClasses(lines.map(({ counts }) => counts.errors)),
    };
  });
  return invalidSentences('invalid fork', invalid);
}
