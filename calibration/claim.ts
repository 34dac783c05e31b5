/** Owns what a claim about the harness is, and the verdicts on it. */

import { formatDuration } from '../core/units.js';
import type { Rig } from './rig.js';

export type Pace = 'full' | 'quick';

export type Outcome =
  | 'holds'
  /** A time is off: ours, or that of whoever took the machine away. */
  | 'fails'
  /** A count is off: nobody else's doing. */
  | 'wrong'
  /** It is a figure to know, not one to pass. */
  | 'noted'
  /** It cannot be checked here; `measured` says why. */
  | 'skipped';

/** A row of the table. */
export interface Finding {
  readonly claim: string;
  readonly truth: string;
  readonly measured: string;
  readonly outcome: Outcome;
}

export interface Claim {
  /** For `--only`; claims of one name are about one thing. */
  readonly name: string;
  /** For progress. */
  readonly title: string;
  /** It is about what happens while nothing at all is taken away: the least is a disturbance. */
  readonly wholeCore?: boolean;
  /** @throws TrialFailure when a trial ended without figures. */
  check(rig: Rig, pace: Pace): Promise<readonly Finding[]>;
}

/** The books of both sides: equal or wrong. */
export function exactly(claim: string, truth: number, measured: number): Finding {
  const [expected, found] = [truth, measured].map((count) => count.toLocaleString('en-US')) as [string, string];
  return { claim, truth: expected, measured: found, outcome: truth === measured ? 'holds' : 'wrong' };
}

/** A time that must lie within `toleranceUs` of the true one; both in us. */
export function within(claim: string, expectedUs: number, toleranceUs: number, measuredUs: number): Finding {
  return {
    claim,
    truth: `${formatDuration(expectedUs)} ± ${formatDuration(toleranceUs)}`,
    measured: formatDuration(measuredUs),
    outcome: Math.abs(measuredUs - expectedUs) <= toleranceUs ? 'holds' : 'fails',
  };
}

/** A time that must be shorter than `limitUs`; both in us. */
export function below(claim: string, limitUs: number, measuredUs: number): Finding {
  return {
    claim,
    truth: `< ${formatDuration(limitUs)}`,
    measured: formatDuration(measuredUs),
    outcome: measuredUs < limitUs ? 'holds' : 'fails',
  };
}
