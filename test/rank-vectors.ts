/** Exact answers of R's `wilcox.test` and `p.adjust`, and the outcomes that a rank test counts, by plain enumeration. */

import { readFileSync } from 'node:fs';

type Ends = readonly [number, number];

interface RankVectors {
  readonly mannWhitney: readonly {
    readonly base: readonly number[];
    readonly head: readonly number[];
    readonly u: number;
    readonly p: number;
    readonly hodgesLehmannLog: number;
    readonly ci95Log: Ends;
    readonly ci90Log: Ends;
  }[];
  readonly signedRank: readonly {
    readonly diffsLog: readonly number[];
    readonly v: number;
    readonly p: number;
    readonly pseudomedianLog: number;
    readonly ci95Log: Ends;
  }[];
  readonly adjust: readonly {
    readonly p: readonly number[];
    readonly holm: readonly number[];
    readonly bh: readonly number[];
  }[];
}

export const vectors: RankVectors = JSON.parse(
  readFileSync(new URL('./vectors/rank-tests.json', import.meta.url), 'utf8'),
);

/** What agreeing with a vector means: to 1e-9. */
export function furthest(pairs: readonly (readonly [number, number])[]): number {
  return Math.max(...pairs.map(([ours, theirs]) => Math.abs(ours - theirs)));
}

/** All ways to mark some of `count` things, as masks; `taken` of them or, without it, any number. */
export function masks(count: number, taken?: number): number[] {
  return Array.from({ length: 2 ** count }, (_, mask) => mask).filter(
    (mask) => taken === undefined || mask.toString(2).replaceAll('0', '').length === taken,
  );
}

export const isMarked = (mask: number, index: number): boolean => ((mask >> index) & 1) === 1;

/** Twice the smaller tail of all outcomes, by definition. */
export function enumeratedP(outcomes: readonly number[], observed: number): number {
  const atMost = outcomes.filter((outcome) => outcome <= observed).length;
  const atLeast = outcomes.filter((outcome) => outcome >= observed).length;
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / outcomes.length);
}
