/** Rates of red: how often a gate fails in gate runs drawn from measured forks, judged as `bench ab` judges. */

import { isDecided } from '../../cli/ab/ab-looks.js';
import type { RelativeGate } from '../../core/gates/gate.js';
import type { MetricName } from '../../core/measure/metrics.js';
import { type Random, seededRandom } from '../../core/random.js';
import type { Workload } from '../../core/scenario.js';
import { leastForks } from '../../core/statistics/corrections.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import {
  type ComparedRow,
  judgeRows,
  usualLooks as looks,
  type UnjudgedRow,
} from '../../reports/comparison/comparison.js';
import { forkRatio, validForks } from '../../reports/comparison/sample.js';
import type { ReadTrial } from '../../reports/results/read-trial.js';

export const gateRuns = 10_000;
const seed = 20_261;

/** ln(head / base) of one fork, a figure for each gate. */
type Ratios = readonly number[];

export interface Rates {
  readonly forks: number;
  readonly gates: readonly {
    readonly metric: MetricName;
    /** ln(head / base) of all forks, as pseudo-median with its 95 % interval. */
    readonly change: { readonly estimate: number; readonly low: number; readonly high: number };
    /** Share of gate runs that call it a regression. */
    readonly red: number;
  }[];
  /** Share of gate runs in which any gate is red; in which any is green by mistake is not asked. */
  readonly anyRed: number;
  /** Share that the first look decided. */
  readonly atFirstLook: number;
}

export function ratesOf(trials: readonly ReadTrial[], gates: readonly RelativeGate[]): Rates {
  const forks = validForks(trials).flatMap((fork): Ratios[] => {
    const ratios = gates.map(({ metric }) => forkRatio(fork, metric));
    return ratios.every((ratio) => ratio !== undefined) ? [ratios] : [];
  });
  const [first] = trials;
  const most = Math.max(...looks.map((look) => look.forks));
  if (first === undefined || forks.length < most)
    throw new Error(`${most} forks are needed for one gate run, and there are ${forks.length}`);
  const random = seededRandom(seed);
  const red = new Map<MetricName, number>();
  let anyRed = 0;
  let atFirstLook = 0;
  for (let run = 0; run < gateRuns; run++) {
    const { rows, look } = gateRun(drawn(forks, most, random), first.workload, gates);
    const regressions = rows.filter(({ verdict }) => verdict === 'regression');
    for (const { metric } of regressions) red.set(metric, (red.get(metric) ?? 0) + 1);
    if (regressions.length > 0) anyRed++;
    if (look === 0) atFirstLook++;
  }
  return {
    forks: forks.length,
    gates: gates.map(({ metric }, i) => {
      const { estimate, ci95 } = signedRank(forks.flatMap((ratios) => ratios[i] ?? []));
      return { metric, change: { estimate, ...ci95 }, red: (red.get(metric) ?? 0) / gateRuns };
    }),
    anyRed: anyRed / gateRuns,
    atFirstLook: atFirstLook / gateRuns,
  };
}

/** The looks of one gate run at its forks, until one is enough. */
function gateRun(forks: readonly Ratios[], workload: Workload, gates: readonly RelativeGate[]) {
  for (const [look, { forks: count, alpha }] of looks.entries()) {
    const rows = judge(forks.slice(0, count), workload, gates, alpha);
    if (look === looks.length - 1 || isDecided({ rows }, gates)) return { rows, look };
  }
  throw new Error('there is no look');
}

function judge(
  forks: readonly Ratios[],
  workload: Workload,
  gates: readonly RelativeGate[],
  alpha: number,
): ComparedRow[] {
  const rows = gates.map(
    (gate, i): UnjudgedRow => ({
      target: 'head',
      workload,
      metric: gate.metric,
      base: undefined,
      head: undefined,
      samples: { base: forks.length, head: forks.length },
      gate,
      leastShare: gate.byShare,
      difference: signedRank(forks.flatMap((ratios) => ratios[i] ?? [])),
    }),
  );
  return judgeRows(rows, alpha, leastForks);
}

/** `count` of all forks, each at most once, in random order. */
function drawn(forks: readonly Ratios[], count: number, random: Random): Ratios[] {
  const left = [...forks];
  return Array.from({ length: count }, () => left.splice(Math.floor(random.next() * left.length), 1)).flat();
}
