/** Owns a comparison of two versions in one job: fork after fork, each line written as soon as it is known. */

import { randomInt } from 'node:crypto';
import { sides } from '../../core/plan.js';
import { type Look, type RunLine, type SideLabel, schemaVersion } from '../../core/result.js';
import type { Scenario } from '../../core/scenario.js';
import { UsageError } from '../failure.js';
import { readCalibration } from '../machine/calibration-file.js';
import { divideCores, pinRunners, unpin } from '../machine/cores.js';
import { describeCommit, describeEnvironment } from '../machine/environment.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { warmUpWorkload } from '../run/jit-warm-up.js';
import { destinationAddresses, preflight, readLimits } from '../run/preflight.js';
import { defaultResultPath, ResultWriter } from '../run/result-writer.js';
import { workersFor } from '../run/run.js';
import { type Both, both } from './both.js';
import { type AbSide, type ForkSetup, runFork } from './fork.js';
import { ForkCrew } from './fork-crew.js';
import { usualWindows, windowsFor } from './fork-plan.js';
import { type AbObserver, type Enough, ForkSeries } from './fork-series.js';

export type { AbObserver } from './fork-series.js';

export interface AbRequest {
  /** One workload; its targets are `base` and `head`. */
  readonly scenario: Scenario;
  readonly sides: Both<AbSide>;
  readonly labels: Both<SideLabel>;
  /** Version of this package, for the result file. */
  readonly tool: string;
  /** Result file; undefined for the usual place. */
  readonly out?: string | undefined;
  /** Valid forks after which `enough` is asked; the last is the end. */
  readonly looks: readonly Look[];
  /** Measured windows of each side in a fork; undefined: ten. */
  readonly windows?: number | undefined;
}

export interface AbOutcome {
  readonly path: string;
  /** Forks that ended, the invalid ones among them. */
  readonly forks: number;
  /** Forks whose last attempt was invalid. */
  readonly invalid: number;
  readonly interrupted: boolean;
}

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
  const { scenario } = request;
  const workload = scenario.workloads[0]!;
  requireRoomForBoth(request);
  const seed = scenario.seed ?? randomInt(2 ** 31);
  const startedAt = new Date();
  const git = describeCommit();
  const writer = new ResultWriter(request.out ?? defaultResultPath(scenario.name, startedAt, git));
  const cores = divideCores();
  const workers = Math.min(workload.connections, scenario.runners ?? workersFor(workload.connections, cores));
  const crew = new ForkCrew(workers);
  const environment = describeEnvironment(cores.description);
  const setup: ForkSetup = {
    fork: 0,
    seed,
    workload,
    sides: request.sides,
    windows: request.windows ?? usualWindows,
    addresses: both((side) => destinationAddresses(workload, request.sides[side].target.transport)),
    crew,
    cores,
    clock: monotonicClock(),
  };
  const series = new ForkSeries(
    (fork, attempt) => runFork({ ...setup, fork }, attempt, signal),
    request.looks.map(({ forks }) => forks),
    enough,
  );
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
      unavailable: {},
      calibration: readCalibration(environment),
      sides: request.labels,
      looks: request.looks,
    } satisfies RunLine);
    await warmUpGenerator(setup, signal, observer);
    await series.run(signal, observer, (line) => writer.append(line));
    const { forks, invalid } = series;
    const interrupted = signal.aborted;
    const seconds = (Date.now() - startedAt.getTime()) / 1000;
    writer.append({
      type: 'end',
      trials: sides.length * forks,
      invalid: sides.length * invalid,
      interrupted,
      seconds,
    });
    return { path: writer.path, forks, invalid, interrupted };
  } finally {
    await crew.dismiss();
    writer.close();
    unpin(cores);
  }
}

/** One fork that is thrown away: what the generator runs through is compiled before the first that counts. */
async function warmUpGenerator(setup: ForkSetup, signal: AbortSignal, observer: AbObserver): Promise<void> {
  if (signal.aborted) return;
  observer.warmingUp();
  const factories = sides.map((side) => setup.sides[side].factory);
  const slower = factories.find(({ name }) => name === 'library') ?? factories[0]!;
  const workload = warmUpWorkload(setup.workload, slower);
  const windows = windowsFor(workload.phases.measureMs);
  await runFork({ ...setup, workload, windows }, 1, signal).catch(() => {});
}

/** Both versions are connected at once. @throws UsageError when this process cannot hold so many connections. */
function requireRoomForBoth({ scenario, sides: compared }: AbRequest): void {
  const limits = readLimits();
  const half = { ...limits, openFiles: Math.floor(limits.openFiles / 2) };
  for (const side of sides) {
    const problem = preflight(scenario.workloads[0]!, compared[side].target.transport, half);
    if (problem) throw new UsageError(`${side} may use half of what this machine has, as both run at once: ${problem}`);
  }
}
