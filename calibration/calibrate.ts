/** Calibration: checks every claim, again where other programs disturbed it, and sums up what holds. */

import type { Calibration, Noise } from '../core/measure/calibration.js';
import { formatDuration } from '../core/units.js';
import { reasonText } from '../reports/reasons/reasons.js';
import { monotonicClock } from '../runners/machine/monotonic-clock.js';
import { type Claim, expecting, type Finding, type Pace } from './claim.js';
import { burstClaims } from './claims/burst.js';
import { delayClaims, stagesClaim } from './claims/delays.js';
import { faultClaims } from './claims/faults.js';
import { type Headroom, headroomClaims } from './claims/headroom.js';
import { noiseClaim } from './claims/noise.js';
import { scheduleClaims } from './claims/schedule.js';
import { stallClaims } from './claims/stall.js';
import { starvedClaim } from './claims/starved.js';
import type { Taken } from './machine-time.js';
import { pausesUs, waitUs } from './pauses.js';
import { tryEach } from './retry-order.js';
import { type Disturbance, Rig, TrialFailure } from './rig.js';

export const claimNames = [
  'delays',
  'stall',
  'burst',
  'faults',
  'counters',
  'schedule',
  'stages',
  'starved',
  'headroom',
  'noise',
] as const;
export type ClaimName = (typeof claimNames)[number];

/** A finding with the word that the table shows for it. */
export interface Judged extends Finding {
  readonly verdict: string;
}

export interface CalibrationRequest {
  readonly pace: Pace;
  /** One claim alone. */
  readonly only?: ClaimName | undefined;
  /** How long after the start disturbed claims are tried again; two minutes by default, quick 40 s. */
  readonly retryForMs?: number | undefined;
  /** Version of this package. */
  readonly tool: string;
}

/** Told before each check. @param attempt above 1: what came before was disturbed. */
type Checking = (claim: Claim, position: number, claims: number, attempt: number) => void;

/** After so long nothing is tried again: a machine this busy will not become quiet for us. */
const usualRetryMs = { full: 120_000, quick: 40_000 } as const;
/**
 * More than this of the machine's time taken by somebody else is a disturbance: 0.3 % of two cores can be 0.6 % of one, and
 * then more than half of what makes a p99. The ticks of processes are coarse.
 */
const muchTaken: Taken = { byHypervisor: 0.003, byOthers: 0.01 };
/** A tick or two. */
const littleTaken: Taken = { byHypervisor: 0.001, byOthers: 0.005 };

/** Half of the shortest time that a claim is about. Steal time is 0 where a hypervisor does not count it. */
const longWaitUs = 100;
const probeMs = 300;

/** @throws the reason of `signal` when it aborts. */
export async function calibrate(
  { pace, only, tool, retryForMs = usualRetryMs[pace] }: CalibrationRequest,
  signal: AbortSignal,
  checking: Checking,
): Promise<{ readonly findings: readonly Judged[]; readonly calibration: Calibration }> {
  const startedAt = new Date();
  const headroom: Headroom = {};
  let noise: Noise | null = null;
  const claims = [
    // Counts first: what they run through is compiled by the time that times matter.
    ...faultClaims,
    ...delayClaims,
    ...stallClaims,
    ...burstClaims,
    ...scheduleClaims,
    stagesClaim,
    starvedClaim,
    ...headroomClaims(headroom, pace),
    noiseClaim((found) => {
      noise = found;
    }),
  ].filter(({ name }) => only === undefined || name === only);
  const judged = new Map<Claim, readonly Judged[]>();
  const rig = await Rig.start(signal);
  const attempt = async (claim: Claim, count: number): Promise<boolean> => {
    checking(claim, claims.indexOf(claim) + 1, claims.length, count);
    const found = await check(claim, rig, pace);
    const disturbance = found.some(isRed) ? { ...rig.disturbance, waitUs: waitForCoreUs() } : rig.disturbance;
    judged.set(
      claim,
      found.map((finding) => ({ ...finding, verdict: verdictOn(finding, disturbance, claim) })),
    );
    const isDisturbed = otherUser(disturbance, claim) !== undefined || disturbance.invalidBecause.length > 0;
    return !(found.some(isRed) && isDisturbed);
  };
  try {
    await tryEach(claims, attempt, () => Date.now() - startedAt.getTime() < retryForMs);
  } finally {
    await rig.end();
  }
  const findings = claims.flatMap((claim) => judged.get(claim) ?? []);
  const failed = findings.filter(isRed).map(({ claim }) => claim);
  const passed = findings.filter(({ outcome }) => outcome === 'holds').length;
  return { findings, calibration: { at: startedAt.toISOString(), tool, passed, failed, headroom, noise } };
}

async function check(claim: Claim, rig: Rig, pace: Pace): Promise<readonly Finding[]> {
  rig.calm();
  try {
    return await claim.check(rig, pace);
  } catch (error) {
    if (!(error instanceof TrialFailure)) throw error;
    return [expecting(claim.title, 'figures', `none: ${error.message}`, false)];
  }
}

type WhatItTakes = Pick<Claim, 'wholeCore'>;

const isRed = ({ outcome }: Finding): boolean => outcome === 'fails' || outcome === 'wrong';

/** Who else used the machine, and how much of it. */
function otherUser({ taken, waitUs = 0 }: Disturbance, { wholeCore }: WhatItTakes): string | undefined {
  const { byHypervisor, byOthers } = taken;
  const most = wholeCore ? littleTaken : muchTaken;
  if (byHypervisor > most.byHypervisor) return `steal time was ${percent(byHypervisor)}`;
  if (byOthers > most.byOthers) return `other processes took ${percent(byOthers)}`;
  return waitUs > longWaitUs ? `a core here is taken away for ${formatDuration(waitUs)} (p99)` : undefined;
}

/** How long one moment in a hundred waits for the core of the generator, right now. */
const waitForCoreUs = (): number => waitUs(pausesUs(probeMs, monotonicClock()), 0.99, probeMs);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** One word, and for a failure its cause where it is known. */
export function verdictOn({ outcome }: Finding, disturbance: Disturbance, claim: WhatItTakes = {}): string {
  if (outcome === 'wrong') return 'FAILS';
  if (outcome !== 'fails') return outcome;
  const who = otherUser(disturbance, claim);
  if (who !== undefined) return `disturbed: ${who}`;
  const [because] = disturbance.invalidBecause;
  return because === undefined ? 'FAILS' : `FAILS: ${reasonText([because])}`;
}
