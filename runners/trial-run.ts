/** Owns one trial from a fresh server process to its line in the result file. */

import type { ClientFactory } from '../core/client.js';
import type { Clock } from '../core/clock.js';
import type { Trial } from '../core/plan.js';
import type { TrialLine } from '../core/result.js';
import { split } from '../core/share.js';
import type { Target } from '../core/target.js';
import type { Cores } from './cores.js';
import type { Crew } from './crew.js';
import { ProcessLane } from './process-lane.js';
import { ServerProcess } from './server-process.js';
import { sleepers } from './sleepers.js';
import { failedOutcome, type Outcome, trialLine } from './trial-line.js';
import { Vigil } from './vigil.js';

export type Phase = 'starting' | 'connecting' | 'warm-up' | 'measuring' | 'draining';

/** Everything a trial needs that is the same for every attempt at it. */
export interface TrialSetup {
  readonly trial: Trial;
  readonly target: Target;
  readonly factory: ClientFactory;
  readonly library: string;
  readonly workers: number;
  readonly crew: Crew;
  readonly addresses: readonly string[];
  readonly cores: Cores;
  readonly clock: Clock;
}

/** Between the barrier and the first message: time for every worker to hear that it is passed. */
const startDelayMs = 50;
/** Beyond the end of its window, a server may be late with its reading by so much before it counts as dead. */
const readingGraceMs = 15_000;

/**
 * Runs one attempt at a trial. Never rejects, except with the reason of `signal` when that aborts: a server or worker
 * that fails makes an invalid trial whose line says so.
 */
export async function runTrial(
  setup: TrialSetup,
  attempt: number,
  signal: AbortSignal,
  onPhase: (phase: Phase) => void,
): Promise<TrialLine> {
  const { trial, target, factory, library } = setup;
  const { protocol, transport } = target;
  const known = { trial, attempt, client: factory.name, protocol, transport, library, settings: {} };
  onPhase('starting');
  let server: ServerProcess;
  try {
    server = await ServerProcess.start(
      {
        target: trial.target,
        kind: trial.workload.kind,
        host: setup.addresses[0]!,
        port: 0,
        alsoListen: setup.addresses.slice(1),
      },
      setup.cores,
    );
  } catch (error) {
    return trialLine(failedOutcome(known, messageOf(error)));
  }
  const over = new AbortController();
  try {
    const interrupted = aborted(signal, over.signal);
    const outcome = await Promise.race([load(setup, server, onPhase), server.died, interrupted]);
    return trialLine({ ...known, settings: server.settings, failure: undefined, ...outcome });
  } catch (error) {
    await setup.crew.dismiss();
    signal.throwIfAborted();
    return trialLine(failedOutcome({ ...known, settings: server.settings }, messageOf(error)));
  } finally {
    over.abort();
    await server.stop();
  }
}

async function load(
  setup: TrialSetup,
  server: ServerProcess,
  onPhase: (phase: Phase) => void,
): Promise<Pick<Outcome, 'tally' | 'lanes' | 'reading' | 'process'>> {
  const { trial, clock } = setup;
  const { warmupMs, measureMs } = trial.workload.phases;
  const group = await setup.crew.workers(setup.workers, trial.workload.connections);
  const lane = new ProcessLane();
  const vigil = new Vigil(sleepers(setup.cores, trial.workload));
  const delayMs = startDelayMs + warmupMs;
  let reading: ReturnType<ServerProcess['measure']> | undefined;
  let measuring: NodeJS.Timeout | undefined;
  try {
    const { tally, lanes } = await group.run(split(sharedPart(setup, server.port), setup.workers), {
      ready: () => {
        onPhase('connecting');
        lane.beforeConnect();
      },
      connected: () => {
        onPhase(warmupMs > 0 ? 'warm-up' : 'measuring');
        measuring = setTimeout(() => onPhase('measuring'), delayMs);
        lane.measure(delayMs, measureMs);
        const fromUs = clock.nowUs() + delayMs * 1000;
        reading = server.measure(fromUs, fromUs + measureMs * 1000, delayMs + measureMs + readingGraceMs);
        reading.catch(() => {});
        return startDelayMs;
      },
      sent: () => onPhase('draining'),
    });
    return { tally, lanes, reading: await reading, process: lane.stop() };
  } finally {
    clearTimeout(measuring);
    lane.stop();
    await vigil.end();
  }
}

function sharedPart({ trial, target, factory, addresses }: TrialSetup, port: number): Parameters<typeof split>[0] {
  return {
    workload: trial.workload,
    client: factory.name,
    protocol: target.protocol,
    transport: target.transport,
    addresses,
    port,
    seed: trial.seed,
  };
}

/** Rejects when `signal` aborts; stops to listen when `until` does. */
export function aborted(signal: AbortSignal, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: until });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
