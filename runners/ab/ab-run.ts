/** Compares two versions in one job: fork after fork, each line written as soon as it is known. */

import { latencyBoundsOf } from '../../core/gates/latency-bounds.js';
import type { Reason } from '../../core/measure/reason.js';
import { type Side, sides } from '../../core/plan.js';
import type { ProfiledForks, ProfilePlan } from '../../core/profile/profile-reading.js';
import { deriveSeed } from '../../core/random.js';
import type { Look, RunLine, SideLabel, TrialLine } from '../../core/result.js';
import type { Scenario, Workload } from '../../core/scenario.js';
import { UsageError } from '../failure.js';
import type { Destination } from '../run/destination.js';
import { needsWarmUp, warmUpWorkload } from '../run/jit-warm-up.js';
import { addressesOf, type Participant } from '../run/prepare.js';
import type { TrialSide } from '../run/served-sides.js';
import { record, type Session } from '../run/session.js';
import { preflight, readLimits } from '../run/socket-limits.js';
import { runTrial, type TrialSetup } from '../run/trial-run.js';
import { forSides } from '../workers/sides.js';
import { explainForks } from './explain-forks.js';
import { firstSide, planFork, usualWindows, windowsFor } from './fork-plan.js';
import { type AbObserver, type ForkEnd, runForks } from './fork-series.js';

type Both<T> = Readonly<Record<Side, T>>;

export interface AbRequest {
  /** One workload; its targets are `base` and `head`. */
  readonly scenario: Scenario;
  readonly sides: Both<Participant>;
  readonly labels: Both<SideLabel>;
  /** Version of this package, for the result file. */
  readonly tool: string;
  /** That made the file. */
  readonly command?: string | undefined;
  /** Undefined: in the usual place. */
  readonly out?: Destination | undefined;
  /** Of every fork. */
  readonly warnings?: readonly Reason[] | undefined;
  /** Valid forks after which `enough` is asked; the last is the end. */
  readonly looks: readonly Look[];
  /** How often a fork is measured until it is valid; undefined: as often as a trial. */
  readonly attempts?: number | undefined;
  /** Measured windows of each side in a fork; undefined: ten. */
  readonly windows?: number | undefined;
  /** Forks under the profiler, after those that are judged; undefined: none. */
  readonly profiledForks?: number | undefined;
}

export interface AbOutcome {
  readonly path: string;
  /** Forks that ended, the invalid ones among them. */
  readonly forks: number;
  /** Forks whose last attempt was invalid. */
  readonly invalid: number;
  readonly interrupted: boolean;
  /** Where there were to be forks under the profiler. */
  readonly profiled?: ProfiledForks | undefined;
}

/** Asked at each look but the last, with every line so far and the number of the look, from 0. */
export type Enough = (trials: readonly TrialLine[], look: number, run: RunLine) => boolean;

/**
 * Measures until a look says that it is enough, the last look is reached, or too many forks are invalid. An abort of
 * `signal` ends the running fork, which is not recorded, and leaves a partial file.
 *
 * @throws UsageError when this machine cannot hold both versions at once or the result file cannot be created,
 * HarnessError when it cannot be written any more.
 */
export async function runAb(
  request: AbRequest,
  enough: Enough,
  signal: AbortSignal,
  observer: AbObserver,
): Promise<AbOutcome> {
  const { scenario, tool, command, out, warnings, labels, looks } = request;
  const [workload] = scenario.workloads;
  if (workload === undefined) throw new Error('a comparison needs a workload');
  requireRoomForBoth(request, workload);
  const about = {
    scenario,
    tool,
    command,
    out,
    warnings,
    unavailable: {},
    sides: labels,
    looks,
    servers: Object.values(request.sides),
  };
  let profiled: ProfiledForks | undefined;
  const { path, trials, invalid, interrupted } = await record(about, signal, async (session) => {
    const compared: Compared = { participants: request.sides, session, workers: session.workersFor(workload) };
    if (!signal.aborted && needsWarmUp(workload)) {
      observer.warmingUp();
      await warmUpGenerator(compared, workload, signal);
    }
    const attempt = async (fork: number, attempt: number): Promise<ForkEnd> => {
      const { lines, unstarted } = await runTrial(
        forkSetup(compared, fork, workload, request.windows),
        attempt,
        signal,
      );
      return { lines: sides.flatMap((side) => lines.filter(({ target }) => target === side)), unstarted };
    };
    const ask = (lines: readonly TrialLine[], look: number) => enough(lines, look, session.run);
    const validForks = looks.map(({ forks }) => forks);
    const { forks, invalid } = await runForks(
      attempt,
      validForks,
      ask,
      signal,
      observer,
      session.write,
      request.attempts,
    );
    if (request.profiledForks !== undefined && forks > 0)
      profiled = await explain(compared, workload, request.profiledForks, request, signal, observer);
    return { trials: sides.length * forks, invalid: sides.length * invalid };
  });
  return { path, forks: trials / sides.length, invalid: invalid / sides.length, interrupted, profiled };
}

interface Compared {
  readonly participants: Both<Participant>;
  readonly session: Session;
  readonly workers: number;
}

/** A fork is a trial of both versions. @param windows measured ones of each side. */
function forkSetup(
  { participants, session, workers }: Compared,
  fork: number,
  workload: Workload,
  windows = usualWindows,
): TrialSetup {
  const { pool, cores, clock, run } = session;
  const seed = deriveSeed(run.seed, fork);
  const order = firstSide(run.seed, fork) === 'base' ? (['base', 'head'] as const) : (['head', 'base'] as const);
  const compared = forSides(order, (side): TrialSide => {
    const participant = participants[side];
    const trial = { id: 2 * fork - 1 + sides.indexOf(side), block: fork, target: side, workload, seed };
    return { trial, participant, side, addresses: addressesOf(workload, participant) };
  });
  const takeTurns = (startUs: number) => planFork(startUs, workload.phases, windows);
  const latencyBounds = latencyBoundsOf(run.scenario.gates);
  return { sides: compared, workers, pool, cores, clock, takeTurns, latencyBounds };
}

/** Forks under the profiler, with the same load; none of them is in the result file. */
function explain(
  compared: Compared,
  workload: Workload,
  count: number,
  { windows }: AbRequest,
  signal: AbortSignal,
  observer: AbObserver,
): Promise<ProfiledForks> {
  const { base, head } = compared.participants;
  const participants = { base: profilable(base), head: profilable(head) };
  const attempt = (fork: number, profile: Omit<ProfilePlan, 'spans'>) =>
    runTrial({ ...forkSetup({ ...compared, participants }, fork, workload, windows), profile }, 1, signal);
  return explainForks(participants, count, attempt, observer.explaining, signal);
}

function profilable(participant: Participant): Participant {
  const { ownProcess } = participant;
  return ownProcess ? { ...participant, ownProcess: { ...ownProcess, isProfiled: true } } : participant;
}

/** One fork that is thrown away: what the generator runs through is compiled before the first that counts. */
async function warmUpGenerator(compared: Compared, workload: Workload, signal: AbortSignal): Promise<void> {
  const { base, head } = compared.participants;
  const warmUp = warmUpWorkload(workload, head.factory.name === 'library' ? head.factory : base.factory);
  const setup = forkSetup(compared, 0, warmUp, windowsFor(warmUp.phases.measureMs));
  await runTrial(setup, 1, signal).catch(() => {});
}

/** Both versions are connected at once. @throws UsageError when this process cannot hold so many connections. */
function requireRoomForBoth({ sides: compared }: AbRequest, workload: Workload): void {
  const limits = readLimits();
  const half = { ...limits, openFiles: Math.floor(limits.openFiles / 2) };
  for (const side of sides) {
    const problem = preflight(workload, compared[side].target.transport, half);
    if (problem) throw new UsageError(`${side} may use half of what this machine has, as both run at once: ${problem}`);
  }
}
