/** Owns one trial from a fresh server process to its line in the result file. */

import type { ClientFactory } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import { Tally } from '../../core/measure/tally.js';
import type { Trial } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { split } from '../../core/share.js';
import type { Target } from '../../core/target.js';
import { owe } from '../load/expected-deliveries.js';
import { windowFrom } from '../load/window.js';
import type { Cores } from '../machine/cores.js';
import { KeepAwake } from '../machine/keep-awake.js';
import { kernelSocketBytes } from '../machine/kernel-memory.js';
import { ProcessMeter } from '../machine/process-metrics.js';
import { ServerUnderTest } from '../server/server-under-test.js';
import type { Crew } from '../workers/crew.js';
import { coresToKeepAwake } from './cores-to-keep-awake.js';
import { failedOutcome, type Outcome, trialLine } from './trial-line.js';

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
  let underTest: ServerUnderTest;
  try {
    underTest = await ServerUnderTest.start(groundOf(setup));
  } catch (error) {
    return trialLine(failedOutcome(known, messageOf(error)));
  }
  const over = new AbortController();
  try {
    const interrupted = aborted(signal, over.signal);
    const outcome = await Promise.race([load(setup, underTest, onPhase), underTest.died, interrupted]);
    return trialLine({ ...known, settings: underTest.settings, failure: undefined, ...outcome });
  } catch (error) {
    await setup.crew.dismiss();
    signal.throwIfAborted();
    return trialLine(failedOutcome({ ...known, settings: underTest.settings }, messageOf(error)));
  } finally {
    over.abort();
    await underTest.stop();
  }
}

function groundOf({ trial, addresses, cores, clock }: TrialSetup): Parameters<typeof ServerUnderTest.start>[0] {
  const { workload, seed } = trial;
  const request = {
    target: trial.target,
    kind: workload.kind,
    host: addresses[0]!,
    port: 0,
    alsoListen: addresses.slice(1),
    heartbeatMs: workload.heartbeatMs,
    recovery: workload.outage?.recovery,
  };
  return { workload, request, cores, seed, clock };
}

type Measured = Pick<Outcome, 'tally' | 'workerMetrics' | 'reading' | 'process' | 'kernel'>;

async function load(setup: TrialSetup, underTest: ServerUnderTest, onPhase: (phase: Phase) => void): Promise<Measured> {
  const { trial, clock } = setup;
  const { workload } = trial;
  const { warmupMs, measureMs } = workload.phases;
  const group = await setup.crew.workers(setup.workers, workload.connections);
  const meter = new ProcessMeter();
  const keepAwake = new KeepAwake(coresToKeepAwake(setup.cores, workload));
  const delayMs = startDelayMs + warmupMs;
  const kernel: { before?: number | undefined; held?: number | undefined } = {};
  let pushes = new Tally();
  let measuring: NodeJS.Timeout | undefined;
  try {
    const { tally, workerMetrics } = await group.run(split(sharedPart(setup, underTest.port), setup.workers), {
      ready: () => {
        onPhase('connecting');
        meter.beforeConnect();
        kernel.before = kernelSocketBytes();
      },
      connected: () => {
        onPhase(warmupMs > 0 ? 'warm-up' : 'measuring');
        measuring = setTimeout(() => onPhase('measuring'), delayMs);
        meter.measure(delayMs, measureMs);
        underTest.begin(windowFrom(clock.nowUs() + startDelayMs * 1000, workload.phases));
        return startDelayMs;
      },
      sent: async () => {
        kernel.held = kernelSocketBytes();
        onPhase('draining');
        pushes = await underTest.pushed();
        return pushes.scheduled;
      },
    });
    // Whatever was due is owed, also while there was no server to send it.
    owe(pushes, workload, 0, pushes.scheduled, pushes.measuredScheduled);
    tally.add(pushes);
    return { tally, workerMetrics, reading: await underTest.reading(), process: meter.stop(), kernel };
  } finally {
    clearTimeout(measuring);
    meter.stop();
    await keepAwake.end();
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
