/**
 * Runs the trials of a calibration: each is a trial like any other, with worker threads, a server process of its
 * own and a line in a result file, from which its figures are read back; only the server is one of known behaviour.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientName } from '../core/client.js';
import type { Reason } from '../core/measure/reason.js';
import type { Trial } from '../core/plan.js';
import type { TrialLine } from '../core/result.js';
import type { Workload } from '../core/scenario.js';
import { invalidText } from '../reports/reasons/reasons.js';
import { type Cores, divideCores, pinRunners, unpin } from '../runners/machine/cores.js';
import { monotonicClock } from '../runners/machine/monotonic-clock.js';
import { warmUpTrials } from '../runners/run/jit-warm-up.js';
import { type Participant, prepare } from '../runners/run/prepare.js';
import { ResultWriter } from '../runners/run/result-writer.js';
import { destinationAddresses } from '../runners/run/socket-limits.js';
import { runTrial, type TrialSetup } from '../runners/run/trial-run.js';
import { WorkerPool } from '../runners/workers/worker-pool.js';
import { askForGroundTruth, stopAsking, takeGroundTruth } from './ground-truth.js';
import { machineTime, nothingTaken, type Taken, takenBetween } from './machine-time.js';

/** A trial ended without figures; the message says why. */
export class TrialFailure extends Error {}

export interface Observed<GroundTruth> {
  readonly line: TrialLine;
  /** What the server says it did. */
  readonly groundTruth: GroundTruth;
}

/** What befell the trials since `Rig.calm()`. */
export interface Disturbance {
  /** In the trial that suffered most. */
  readonly taken: Taken;
  readonly invalidBecause: readonly Reason[];
  /** How long one moment in a hundred waited for its core right after the trials; in us, where it was asked. */
  readonly waitUs?: number;
}

const seed = 1;
const undisturbed: Disturbance = { taken: nothingTaken, invalidBecause: [] };

export class Rig {
  readonly cores: Cores = divideCores();
  readonly #pool = new WorkerPool();
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-calibrate-'));
  readonly #groundTruthFile = join(this.#folder, 'ground-truth.json');
  readonly #writer: ResultWriter;
  readonly #warmedUp = new Set<string>();
  #trials = 0;
  disturbance = undisturbed;

  private constructor(readonly signal: AbortSignal) {
    this.#writer = new ResultWriter({ path: join(this.#folder, 'trials.jsonl') });
  }

  static async start(signal: AbortSignal): Promise<Rig> {
    const rig = new Rig(signal);
    await pinRunners(rig.cores);
    askForGroundTruth(rig.#groundTruthFile);
    return rig;
  }

  /** Ends the workers and leaves nothing behind. */
  async end(): Promise<void> {
    await this.#pool.dismiss();
    stopAsking();
    this.#writer.close();
    rmSync(this.#folder, { recursive: true, force: true });
    unpin(this.cores);
  }

  /** Forgets earlier disturbances. */
  calm(): void {
    this.disturbance = undisturbed;
  }

  /**
   * One attempt at a trial, valid or not, with one worker.
   *
   * @param server a file of `calibration/servers/`, without its ending.
   * @throws TrialFailure when the server reported no ground truth: it or a worker did not see the end of the trial.
   */
  async known<GroundTruth>(
    server: string,
    workload: Workload,
    client?: ClientName,
    cores = this.cores,
  ): Promise<Observed<GroundTruth>> {
    const line = await this.shipped(pathOf(server), workload, client, cores);
    const groundTruth = takeGroundTruth(this.#groundTruthFile);
    if (groundTruth === undefined)
      throw new TrialFailure(line.valid ? 'the server did not tell' : invalidText(line.invalidBecause));
    return { line, groundTruth: groundTruth as GroundTruth };
  }

  /** The same with a server that spins: it keeps its core awake itself, and a keepAwake would only take some of it away. */
  spinning<GroundTruth>(server: string, workload: Workload): Promise<Observed<GroundTruth>> {
    return this.known(server, workload, undefined, { ...this.cores, keepAwake: false });
  }

  /** The same with a server that ships with bench, which keeps no account of itself. */
  async shipped(target: string, workload: Workload, client?: ClientName, cores = this.cores): Promise<TrialLine> {
    const participant = await participantFor(target, workload, client);
    await this.#warmUpGenerator(participant, workload);
    takeGroundTruth(this.#groundTruthFile);
    const trial = { id: ++this.#trials, block: 1, target, workload, seed };
    const before = machineTime();
    const { lines } = await runTrial(setupOf(trial, participant, this.#pool, cores), 1, this.signal);
    this.#writer.append(lines[0]);
    const { byHypervisor, byOthers } = takenBetween(before, machineTime());
    const line: TrialLine = JSON.parse(readFileSync(this.#writer.path, 'utf8').trimEnd().split('\n').at(-1) ?? '');
    const { taken, invalidBecause } = this.disturbance;
    this.disturbance = {
      taken: {
        byHypervisor: Math.max(taken.byHypervisor, byHypervisor, line.runner.stolenShare),
        byOthers: Math.max(taken.byOthers, byOthers),
      },
      invalidBecause: [...invalidBecause, ...line.invalidBecause],
    };
    return line;
  }

  /** Against the server that does least: one that holds messages back would be overloaded by a warm-up. */
  async #warmUpGenerator({ target, factory }: Participant, workload: Workload): Promise<void> {
    const part = `${target.protocol} ${factory.name} ${workload.load.model}`;
    if (this.#warmedUp.has(part)) return;
    this.#warmedUp.add(part);
    const easy = await participantFor(pathOf(`null-${target.protocol}`), workload, factory.name);
    for (const [trial] of warmUpTrials(new Map([[easy.file, easy]]), [workload]))
      await runTrial(setupOf(trial, easy, this.#pool, this.cores), 1, this.signal);
  }
}

const pathOf = (server: string): string => fileURLToPath(new URL(`./servers/${server}.js`, import.meta.url));

export async function participantFor(target: string, workload: Workload, client?: ClientName): Promise<Participant> {
  const scenario = { name: 'calibrate', question: '', targets: [target], client, workloads: [workload], trials: 1 };
  const { participants } = await prepare(scenario, [target]);
  const [participant] = participants.values();
  if (participant === undefined) throw new Error(`${target} cannot take part in a calibration`);
  return participant;
}

/** One server under the load of one worker. */
export function setupOf(trial: Trial, participant: Participant, pool: WorkerPool, cores: Cores): TrialSetup {
  const addresses = destinationAddresses(trial.workload, participant.target.transport);
  return { sides: [{ trial, participant, addresses }], workers: 1, pool, cores, clock: monotonicClock() };
}
