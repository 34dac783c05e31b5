/** Owns a whole run: every trial of the plan in turn, each line written as soon as it is known. */

import { randomInt } from 'node:crypto';
import { plan, type Trial } from '../../core/plan.js';
import { type RunLine, schemaVersion, type TrialLine } from '../../core/result.js';
import type { Scenario } from '../../core/scenario.js';
import { readCalibration } from '../machine/calibration-file.js';
import { type Cores, divideCores, pinRunners, unpin } from '../machine/cores.js';
import { describeCommit, describeEnvironment } from '../machine/environment.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { Crew } from '../workers/crew.js';
import { warmUpTrials } from './jit-warm-up.js';
import { Ladder } from './ladder.js';
import { destinationAddresses } from './preflight.js';
import type { Prepared } from './prepare.js';
import { defaultResultPath, ResultWriter } from './result-writer.js';
import { type Phase, runTrial, type TrialSetup } from './trial-run.js';

/** An invalid trial is tried again so often before it stands as invalid. */
export const maxAttempts = 3;
/** One worker for so many connections, as far as there are cores. */
const connectionsPerWorker = 2_000;

/** What a run tells while it goes on. */
export interface RunObserver {
  /** The generator warms itself up with this target's client; nothing is recorded. */
  warmingUp(target: string): void;
  phase(trial: Trial, trials: number, attempt: number, phase: Phase): void;
  ended(trial: Trial, trials: number, line: TrialLine): void;
}

export interface RunRequest {
  readonly scenario: Scenario;
  readonly prepared: Prepared;
  /** Version of this package, for the result file. */
  readonly tool: string;
  /** Result file; undefined for the usual place. */
  readonly out?: string | undefined;
}

export interface RunOutcome {
  readonly path: string;
  /** Trials whose last attempt was invalid. */
  readonly invalid: number;
  readonly interrupted: boolean;
}

/**
 * Runs the scenario. An abort of `signal` ends the running trial, which is not recorded, and leaves a partial file.
 * @throws UsageError when the result file cannot be created, HarnessError when it cannot be written any more.
 */
export async function run(request: RunRequest, signal: AbortSignal, observer: RunObserver): Promise<RunOutcome> {
  const { scenario, prepared } = request;
  const seed = scenario.seed ?? randomInt(2 ** 31);
  const startedAt = new Date();
  const git = describeCommit();
  const writer = new ResultWriter(request.out ?? defaultResultPath(scenario.name, startedAt, git));
  const cores = divideCores();
  const crew = new Crew();
  const environment = describeEnvironment(cores.description);
  try {
    await pinRunners(cores);
    writer.append({
      type: 'run',
      schema: schemaVersion,
      tool: request.tool,
      startedAt: startedAt.toISOString(),
      scenario,
      environment,
      git,
      seed,
      unavailable: prepared.unavailable,
      calibration: readCalibration(environment),
    } satisfies RunLine);
    const isLadder = scenario.stopAboveP95Us !== undefined;
    const trials = plan([...prepared.participants.keys()], scenario.workloads, scenario.trials, seed, isLadder);
    const ladder = new Ladder(scenario.stopAboveP95Us);
    const setupOf = (trial: Trial): TrialSetup => trialSetup(trial, request, cores, crew);
    for (const trial of warmUpTrials(prepared, scenario.workloads[0]!)) {
      if (signal.aborted) break;
      observer.warmingUp(trial.target);
      await runTrial(setupOf(trial), 1, signal, () => {}).catch(() => {});
    }
    let ended = 0;
    let invalid = 0;
    for (const trial of trials) {
      if (signal.aborted) break;
      if (ladder.isOver(trial)) continue;
      const line = await runUntilValid(setupOf(trial), trials.length, writer, signal, observer);
      if (signal.aborted || line === undefined) break;
      ladder.climbed(line);
      ended++;
      if (!line.valid) invalid++;
    }
    const interrupted = signal.aborted;
    const seconds = (Date.now() - startedAt.getTime()) / 1000;
    writer.append({ type: 'end', trials: ended, invalid, interrupted, seconds });
    return { path: writer.path, invalid, interrupted };
  } finally {
    await crew.dismiss();
    writer.close();
    unpin(cores);
  }
}

function trialSetup(trial: Trial, { scenario, prepared }: RunRequest, cores: Cores, crew: Crew): TrialSetup {
  const participant = prepared.participants.get(trial.target)!;
  const { connections } = trial.workload;
  return {
    ...participant,
    trial,
    workers: Math.min(connections, scenario.runners ?? workersFor(connections, cores)),
    crew,
    addresses: destinationAddresses(trial.workload, participant.target.transport),
    cores,
    clock: monotonicClock(),
  };
}

/** @returns the line of the last attempt; undefined when the run was interrupted. */
async function runUntilValid(
  setup: TrialSetup,
  trials: number,
  writer: ResultWriter,
  signal: AbortSignal,
  observer: RunObserver,
): Promise<TrialLine | undefined> {
  const { trial } = setup;
  let line: TrialLine | undefined;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      line = await runTrial(setup, attempt, signal, (phase) => observer.phase(trial, trials, attempt, phase));
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
    writer.append(line);
    observer.ended(trial, trials, line);
    if (line.valid) break;
  }
  return line;
}

/** As many as the connections call for, and never more than the runners' cores: spinning threads must not share one. */
export function workersFor(connections: number, cores: Cores): number {
  return Math.max(1, Math.min(cores.runners.length, Math.ceil(connections / connectionsPerWorker)));
}
