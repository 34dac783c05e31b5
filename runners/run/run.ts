/** Runs a scenario: every trial of the plan in turn, each line written as soon as it is known. */

import { randomInt } from 'node:crypto';
import { latencyBoundsOf } from '../../core/gates/latency-bounds.js';
import type { Reason } from '../../core/measure/reason.js';
import { plan, type Trial } from '../../core/plan.js';
import { type RunLine, schemaVersion, type TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { Clock } from '../../core/schedule.js';
import { cut } from '../../core/stored-value.js';
import { readCalibration } from '../machine/calibration-file.js';
import { type Cores, divideCores, pinRunners, unpin, withoutServer } from '../machine/cores.js';
import { describeCommit, describeEnvironment } from '../machine/environment.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { WorkerPool } from '../workers/worker-pool.js';
import type { Destination } from './destination.js';
import { warmUpTrials } from './jit-warm-up.js';
import { isGeneratorsLimit, OmittedTrials } from './omitted-trials.js';
import { addressesOf, type Participant, type Prepared } from './prepare.js';
import { ResultWriter } from './result-writer.js';
import { type Phase, runTrial, type TrialSetup } from './trial-run.js';

/** An invalid trial is measured so often before it stands as invalid, unless the user says otherwise. */
export const maxAttempts = 3;
/** One worker for so many connections, as far as there are cores. */
const connectionsPerWorker = 2_000;

const oneCore: Reason = { code: 'one-core' };

/** What a run tells while it goes on. */
export interface RunObserver {
  /** @param run the first line of its result file. */
  began(run: RunLine): void;
  /** The generator warms itself up with this target's client; nothing is recorded. */
  warmingUp(target: string): void;
  phase(step: Step, attempt: number, phase: Phase): void;
  /** @param line as it stands in the result file. */
  ended(step: Step, line: TrialLine): void;
}

/** A trial in the course of its run. */
export interface Step {
  /** Counts from 1. */
  readonly number: number;
  readonly of: number;
  readonly target: string;
  readonly workload: Workload;
  /** What opening its connections, warm-up and measurement take. */
  readonly plannedMs: number;
}

/** What a trial came to. */
export type Figures = Pick<TrialLine, 'valid' | 'invalidBecause' | 'counts' | 'latencyUs' | 'deliveredPerSecond'>;

interface RecordRequest extends Pick<RunLine, 'scenario' | 'tool' | 'command' | 'unavailable' | 'sides' | 'looks'> {
  /** Undefined: in the usual place. */
  readonly out?: Destination | undefined;
  /** Of every trial. */
  readonly warnings?: readonly Reason[] | undefined;
  /** Servers that bench does not start, so that it cannot give them a core. */
  readonly serversRunAlready?: boolean;
}

export interface RunRequest extends Pick<RecordRequest, 'scenario' | 'tool' | 'command' | 'out' | 'warnings'> {
  readonly prepared: Prepared;
  /** How often a trial is measured until it is valid; undefined: `maxAttempts`. */
  readonly attempts?: number | undefined;
}

/** What one job has, from the first line of its result file to the last. */
export interface Session {
  readonly run: RunLine;
  /** As many as the connections call for, and never more than the cores: spinning threads must not share one. */
  readonly workersFor: (workload: Workload) => number;
  readonly pool: WorkerPool;
  readonly cores: Cores;
  readonly clock: Clock;
  /** @returns the line as it stands in the result file. */
  write(line: TrialLine): TrialLine;
}

interface Ended {
  readonly trials: number;
  /** Trials whose last attempt was invalid. */
  readonly invalid: number;
}

export interface RunOutcome extends Ended {
  readonly path: string;
  readonly interrupted: boolean;
}

/**
 * Runs the scenario. An abort of `signal` ends the running trial, which is not recorded, and leaves a partial file.
 * @throws UsageError when the result file cannot be created, HarnessError when it cannot be written any more.
 */
export function run(request: RunRequest, signal: AbortSignal, observer: RunObserver): Promise<RunOutcome> {
  const { scenario, tool, command, out, warnings, prepared, attempts = maxAttempts } = request;
  const { participants, unavailable } = prepared;
  const { stopAboveP95Us } = scenario;
  const serversRunAlready = [...participants.values()].some(({ ownProcess }) => ownProcess && !ownProcess.command);
  const about = { scenario, tool, command, out, warnings, unavailable, serversRunAlready };
  return record(about, signal, async (session) => {
    observer.began(session.run);
    for (const [trial, participant] of warmUpTrials(participants, scenario.workloads)) {
      if (signal.aborted) break;
      observer.warmingUp(trial.target);
      await runTrial(setupOf(trial, participant, session), 1, signal).catch(() => {});
    }
    const isLadder = stopAboveP95Us !== undefined;
    const trials = plan([...participants.keys()], scenario.workloads, scenario.trials, session.run.seed, isLadder);
    const omitted = new OmittedTrials(stopAboveP95Us);
    let ended = 0;
    let invalid = 0;
    for (const trial of trials) {
      if (signal.aborted) break;
      const participant = participants.get(trial.target);
      if (participant === undefined || omitted.has(trial)) continue;
      const setup = setupOf(trial, participant, session);
      const line = await runUntilValid(setup, stepOf(trial, trials.length), attempts, session, signal, observer);
      if (line === undefined) break;
      omitted.learn(trial, line);
      ended++;
      if (!line.valid) invalid++;
    }
    return { trials: ended, invalid };
  });
}

/** Has the generator on its cores and a result file open while `measure` runs, and writes the file's first and last line. */
export async function record(
  { out, warnings = [], serversRunAlready = false, ...about }: RecordRequest,
  signal: AbortSignal,
  measure: (session: Session) => Promise<Ended>,
): Promise<RunOutcome> {
  const { scenario } = about;
  const startedAt = new Date();
  const startedMs = performance.now();
  const git = describeCommit();
  const writer = out ? new ResultWriter(out) : ResultWriter.inUsualPlace(scenario.name, startedAt, git);
  const cores = divideCores();
  const pool = new WorkerPool();
  const trialCores = serversRunAlready ? withoutServer(cores) : cores;
  const environment = describeEnvironment(trialCores.description);
  const workersFor = ({ connections }: Workload): number => {
    const called = Math.min(cores.runners.length, Math.ceil(connections / connectionsPerWorker));
    return Math.min(connections, scenario.runners ?? Math.max(1, called));
  };
  const run: RunLine = {
    type: 'run',
    schema: schemaVersion,
    startedAt: startedAt.toISOString(),
    ...about,
    scenario: { ...scenario, question: cut(scenario.question) },
    environment,
    git,
    seed: scenario.seed ?? randomInt(2 ** 31),
    calibration: readCalibration(environment),
  };
  try {
    await pinRunners(cores);
    writer.append(run);
    const known = [...warnings, ...(cores.server === undefined && cores.runners.length === 1 ? [oneCore] : [])];
    const write = (line: TrialLine): TrialLine => {
      const written = { ...line, doubts: [...known, ...line.doubts] };
      writer.append(written);
      return written;
    };
    const ended = await measure({ run, workersFor, pool, cores: trialCores, clock: monotonicClock(), write });
    const interrupted = signal.aborted;
    writer.append({ type: 'end', ...ended, interrupted, seconds: (performance.now() - startedMs) / 1000 });
    return { path: writer.path, ...ended, interrupted };
  } finally {
    await pool.dismiss();
    writer.close();
    unpin(cores);
  }
}

function setupOf(trial: Trial, participant: Participant, session: Session): TrialSetup {
  const { run, workersFor, pool, cores, clock } = session;
  const addresses = addressesOf(trial.workload, participant);
  const latencyBounds = latencyBoundsOf(run.scenario.gates);
  const workers = workersFor(trial.workload);
  return { sides: [{ trial, participant, addresses }], workers, pool, cores, clock, latencyBounds };
}

function stepOf({ id, target, workload }: Trial, of: number): Step {
  return { number: id, of, target, workload, plannedMs: plannedMsOf(workload) };
}

/** Of one trial: what opening its connections, warm-up and measurement take. */
export function plannedMsOf({ connections, connect, phases }: Workload): number {
  return (1000 * connections) / connect.ratePerSecond + phases.warmupMs + phases.measureMs;
}

/** @returns the line of the last attempt; undefined when the run was interrupted. */
async function runUntilValid(
  setup: TrialSetup,
  step: Step,
  attempts: number,
  session: Session,
  signal: AbortSignal,
  observer: RunObserver,
): Promise<TrialLine | undefined> {
  for (let attempt = 1; ; attempt++) {
    const onPhase = (phase: Phase): void => observer.phase(step, attempt, phase);
    const end = await runTrial(setup, attempt, signal, onPhase).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (end === undefined) return undefined;
    const [line] = end.lines;
    observer.ended(step, session.write(line));
    if (signal.aborted) return undefined;
    if (line.valid || isGeneratorsLimit(line) || attempt === attempts) return line;
  }
}
