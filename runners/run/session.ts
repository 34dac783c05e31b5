/** A job that measures: its cores, its workers and its result file, from the first line to the last; and what it tells meanwhile. */

import { randomInt } from 'node:crypto';
import { latencyBoundsOf } from '../../core/gates/latency-bounds.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Trial } from '../../core/plan.js';
import { type EndLine, type RunLine, schemaVersion, type TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { Clock } from '../../core/schedule.js';
import type { Question } from '../../core/search/search.js';
import { cut } from '../../core/stored-value.js';
import type { SearchedOver } from '../../core/workload/search-settings.js';
import { readCalibration } from '../machine/calibration-file.js';
import { type Cores, divideCores, pinRunners, unpin, withoutServer } from '../machine/cores.js';
import { describeCommit, describeEnvironment } from '../machine/environment.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { WorkerPool } from '../workers/worker-pool.js';
import type { Workers } from '../workers/workers.js';
import type { Destination } from './destination.js';
import { addressesOf, type Participant } from './prepare.js';
import { ResultWriter } from './result-writer.js';
import { demandOf } from './trial-cores.js';
import type { Phase, TrialSetup } from './trial-run.js';

/** A trial is measured so often, at most, until it is valid, unless the user says otherwise. */
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
  /** After the last trial, memory by layer is measured on servers of its own. */
  measuringMemory?(): void;
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
  /** Of a search: what it tries. */
  readonly searched?: Searched | undefined;
}

export interface Searched {
  readonly over: SearchedOver;
  readonly question: Question;
  /** What this trial and all later ones take at most. */
  readonly leftMs: number;
}

/** What a trial came to. */
export type Figures = Pick<
  TrialLine,
  'valid' | 'invalidBecause' | 'counts' | 'latencyUs' | 'deliveredPerSecond' | 'search' | 'server'
>;

export interface RecordRequest
  extends Pick<RunLine, 'scenario' | 'tool' | 'command' | 'unavailable' | 'sides' | 'looks'> {
  /** Undefined: in the usual place. */
  readonly out?: Destination | undefined;
  /** Of every trial. */
  readonly warnings?: readonly Reason[] | undefined;
  /** For which the cores are divided. */
  readonly servers: readonly Participant[];
  /** Servers that bench does not start, so that it cannot give them a core. */
  readonly serversRunAlready?: boolean;
  /** Who makes the load, in place of threads of this process. */
  readonly agents?: Agents | undefined;
}

export interface Agents extends Workers {
  readonly names: readonly string[];
  /** None of them is on this machine. */
  readonly areElsewhere: boolean;
  /** Those that are on this machine leave it these cores. */
  leaveToServer(cores: readonly number[]): void;
  /** How many workers a trial is to have. @param asked by the scenario. */
  workersFor(connections: number, asked: number | undefined): number;
}

/** What one job has, from the first line of its result file to the last. */
export interface Session {
  readonly run: RunLine;
  /** As many as the connections call for, and never more than the cores: spinning threads must not share one. */
  readonly workersFor: (workload: Workload) => number;
  readonly pool: Workers;
  readonly cores: Cores;
  readonly clock: Clock;
  /** @returns the line as it stands in the result file. */
  write(line: TrialLine): TrialLine;
}

export interface Ended {
  readonly trials: number;
  /** Trials whose last attempt was invalid; of a search, targets of which nothing is known. */
  readonly invalid: number;
  readonly memoryByLayer?: EndLine['memoryByLayer'];
}

export interface RunOutcome extends Ended {
  readonly path: string;
  readonly interrupted: boolean;
}

/** Has the generator on its cores and a result file open while `measure` runs, and writes the file's first and last line. */
export async function record(
  { out, warnings = [], serversRunAlready = false, agents, servers, ...about }: RecordRequest,
  signal: AbortSignal,
  measure: (session: Session) => Promise<Ended>,
): Promise<RunOutcome> {
  const { scenario } = about;
  const startedAt = new Date();
  const startedMs = performance.now();
  const git = describeCommit();
  const writer = out ? new ResultWriter(out) : ResultWriter.inUsualPlace(scenario.name, startedAt, git);
  const cores = divideCores(demandOf(servers, scenario.serverCores !== undefined, agents));
  agents?.leaveToServer([...(cores.server ?? []), ...(cores.beside ?? [])]);
  const pool = agents ?? new WorkerPool();
  const trialCores = serversRunAlready ? withoutServer(cores) : cores;
  const pinning = agents
    ? `${trialCores.description}; load by agents ${agents.names.join(', ')}`
    : trialCores.description;
  const environment = describeEnvironment(cut(pinning));
  const workersFor = ({ connections }: Workload): number => {
    if (agents) return agents.workersFor(connections, scenario.runners);
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

export function setupOf(trial: Trial, participant: Participant, session: Session): TrialSetup {
  const { run, workersFor, pool, cores, clock } = session;
  const addresses = addressesOf(trial.workload, participant);
  const { gates = [], search } = run.scenario;
  const latencyBounds = latencyBoundsOf([...gates, ...(search?.objective ?? [])]);
  const workers = workersFor(trial.workload);
  return { sides: [{ trial, participant, addresses }], workers, pool, cores, clock, latencyBounds };
}

/** Of one trial: what opening its connections, warm-up and measurement take. */
export function plannedMsOf({ connections, connect, phases }: Workload): number {
  return (1000 * connections) / connect.ratePerSecond + phases.warmupMs + phases.measureMs;
}
