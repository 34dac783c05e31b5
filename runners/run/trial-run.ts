/** Runs one trial: from a fresh server for each of its sides to their lines in the result file. */

import { losesProcess } from '../../core/kind.js';
import { Tally } from '../../core/measure/tally.js';
import type { LatencyBounds } from '../../core/measure/validity.js';
import type { Side } from '../../core/plan.js';
import type { Span } from '../../core/profile/call-tree.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { type Clock, metersAheadUs, msUntil, type Window, windowFrom } from '../../core/schedule.js';
import { owe, owedTo, type Share, sentByAll, split } from '../../core/share.js';
import { trustIn } from '../certificate.js';
import { layersOf, layersProfile } from '../conversation/layers.js';
import type { Cores } from '../machine/cores.js';
import { collectGarbage, isCompiled, pauseOptimizer, resumeOptimizer } from '../machine/engine.js';
import { KeepAwake } from '../machine/keep-awake.js';
import { kernelSocketBytes } from '../machine/kernel-memory.js';
import { ProcessMeter, type ProcessReading } from '../machine/process-metrics.js';
import { entryOf, forSides, type Sides } from '../workers/sides.js';
import { isMeasured } from '../workers/window-meter.js';
import type { SidePart } from '../workers/worker-message.js';
import type { Workers } from '../workers/workers.js';
import { needsWarmUp, warmUpWorkload } from './jit-warm-up.js';
import { processesOf } from './prepare.js';
import { type ServedSide, startServers, stopAll, type TrialSide } from './served-sides.js';
import { coresToKeepAwake, usedCores } from './trial-cores.js';
import { aborted, blaming, SideFailure } from './trial-failure.js';
import { failedLines, type Known, type Outcome, type Turns, trialLines } from './trial-line.js';

export type Phase = 'starting' | 'connecting' | 'warm-up' | 'measuring' | 'draining';

/** When the load is on which side. Known before the clock starts, as plain JSON, so that all workers switch at once. */
export interface TrialPlan {
  /** Of each side. */
  readonly windows: readonly (readonly Window[])[];
  /** From the first window to the last. */
  readonly span: Window;
  /** Share of a side's time under load that is measured. */
  readonly measuredShare: number;
}

/** Everything a trial needs that is the same for every attempt at it. */
export interface TrialSetup {
  /** Servers of all sides run at once, under the same workload; the first side comes first in everything. */
  readonly sides: Sides<TrialSide>;
  /** How many are asked for; there may be fewer. */
  readonly workers: number;
  readonly pool: Workers;
  readonly cores: Cores;
  readonly clock: Clock;
  /** How several sides take turns from `startUs` on; a side alone has one window. */
  readonly takeTurns?: ((startUs: number) => TrialPlan) | undefined;
  /** By which the lateness of sends is judged, besides the latency that was measured. */
  readonly latencyBounds?: LatencyBounds | undefined;
  /** Servers are profiled in the measured part of their windows. Absent: they are not. */
  readonly profile?: Omit<ProfilePlan, 'spans'> | undefined;
}

export interface TrialEnd {
  /** Of each side; a trial is used as a whole or not at all, so all are valid or none is. */
  readonly lines: Sides<TrialLine>;
  /** The side whose server did not even start. */
  readonly unstarted?: Side | undefined;
  /** Of each side, where servers were to be profiled; undefined for one that cannot be. */
  readonly profiles?: readonly (ProfileReading | undefined)[] | undefined;
}

/** Time for a profiler to begin as well. */
const profilerDelayMs = 500;
/** Memory for each of so many connections can only be told apart from what earlier trials left where there were none. */
const freshWorkersFrom = 5_000;

/**
 * Runs one attempt at a trial. Never rejects, except with the reason of `signal` when that aborts: a server or worker
 * that fails makes an invalid trial whose lines say so.
 */
export async function runTrial(
  setup: TrialSetup,
  attempt: number,
  signal: AbortSignal,
  onPhase: (phase: Phase) => void = () => {},
): Promise<TrialEnd> {
  onPhase('starting');
  if (needsFreshWorkers(setup)) await warmUpFreshWorkers(setup, signal);
  let served: Sides<ServedSide>;
  try {
    const starting = startServers(setup.sides, setup.cores, setup.clock);
    // Takes its 50 ms while they start. Else it may be due in the window, on the generator's core.
    if (needsWarmUp(setup.sides[0].trial.workload)) collectGarbage();
    served = await starting;
  } catch (error) {
    signal.throwIfAborted();
    const known = forSides(setup.sides, (side) => knownOf(setup, side, attempt));
    return failed(known, error);
  }
  const known = forSides(served, (side) => knownOf(setup, side, attempt, side.server));
  const died = served.map((side) => blaming(side, side.server.died));
  const over = new AbortController();
  try {
    const measured = await Promise.race([load(setup, served, onPhase), ...died, aborted(signal, over.signal)]);
    const lines = trialLines(forSides(known, (side, place) => ({ ...side, ...entryOf(measured.sides, place) })));
    return { lines, profiles: measured.profiles };
  } catch (error) {
    await setup.pool.dismiss();
    signal.throwIfAborted();
    return failed(known, error);
  } finally {
    over.abort();
    await stopAll(served);
  }
}

function needsFreshWorkers({ sides }: TrialSetup): boolean {
  const [{ trial, participant, held }, ...others] = sides;
  return others.length === 0 && !participant.ownProcess && !held && trial.workload.connections >= freshWorkersFrom;
}

/** Replaces the workers; the new ones run a short trial of few connections, because their code is not compiled yet. */
async function warmUpFreshWorkers(setup: TrialSetup, signal: AbortSignal): Promise<void> {
  await setup.pool.dismiss();
  const [side] = setup.sides;
  if (!needsWarmUp(side.trial.workload)) return;
  const workload = warmUpWorkload(side.trial.workload, side.participant.factory);
  await runTrial({ ...setup, sides: [{ ...side, trial: { ...side.trial, workload } }] }, 1, signal);
}

type Measured = Omit<Outcome, keyof Known>;

interface Loaded {
  readonly sides: readonly Measured[];
  readonly profiles: TrialEnd['profiles'];
}

async function load(setup: TrialSetup, sides: Sides<ServedSide>, onPhase: (phase: Phase) => void): Promise<Loaded> {
  const { pool, cores, clock, takeTurns } = setup;
  const [{ trial }] = sides;
  const { workload } = trial;
  const isAlone = sides.length === 1;
  const looksAtLayers = isAlone && workload.layers === true;
  const profile = setup.profile ?? (looksAtLayers ? layersProfile : undefined);
  const workers = await pool.provide(setup.workers);
  const servers = sides.map(({ server }) => server);
  const keepAwake = new KeepAwake(coresToKeepAwake(cores, workload, servers));
  const meter = new ProcessMeter(() => usedCores(cores, servers, keepAwake, workers, pool.pids));
  let measuring: NodeJS.Timeout | undefined;
  try {
    const shares = forSides(sides, (side) => sharesOf(side, workers));
    const sharesFor = (worker: number) => forSides(shares, (own) => entryOf(own, worker));
    const pids = isAlone ? undefined : sides.map(({ server }) => server.serving);
    await pool.ask('ready', (i) => ({ type: 'trial', shares: sharesFor(i), cpuOf: i === 0 ? pids : undefined }));

    onPhase('connecting');
    meter.beforeConnect();
    const before = kernelSocketBytes();
    await pool.ask('connected', () => ({ type: 'connect' }));

    const startUs = clock.nowUs() + Math.max(pool.startDelayMs, profile ? profilerDelayMs : 0) * 1000;
    const { windows, span, measuredShare } = takeTurns?.(startUs) ?? oneWindow(startUs, workload);
    const delayMs = msUntil(span.measureFromUs - metersAheadUs, clock);
    onPhase(workload.phases.warmupMs > 0 ? 'warm-up' : 'measuring');
    measuring = setTimeout(() => {
      onPhase('measuring');
      if (shares.every(([share]) => share && isCompiled(share))) pauseOptimizer();
    }, delayMs);
    meter.measure(delayMs, msUntil(span.measureToUs - metersAheadUs, clock));
    for (const { server, trial } of sides) server.begin(span, trial.workload.load);
    const profiled = sides.map(async ({ server }, place) => {
      if (profile === undefined) return undefined;
      return server.profile({ ...profile, spans: spansOf(entryOf(windows, place)) });
    });
    for (const each of profiled) each.catch(() => {});
    const sent = await pool.ask('sent', () => ({ type: 'go', windows }));

    const kernel = { before, held: kernelSocketBytes() };
    onPhase('draining');
    const pushes = await Promise.all(sides.map(({ server }) => server.pushed()));
    const owed = (worker: number) =>
      sharesFor(worker).map((share, place) => {
        const byWorker = sent.map((message) => entryOf(message.sent, place));
        return owedTo(share, byWorker, entryOf(pushes, place).scheduled);
      });
    const kill = losesProcess(workload)
      ? sides.map((_, place) => ({
          cutOff: sent.flatMap((message) => entryOf(message.cutOff, place)),
          sentByRoom: sentByAll(
            workload,
            sent.map((message) => entryOf(message.sent, place)),
          ),
        }))
      : undefined;
    const toUs = span.drainToUs;
    const done = await pool.ask('done', (i) => ({ type: 'drain', owed: owed(i), toUs, kill }));

    const readings = await Promise.all(sides.map((side) => blaming(side, side.server.reading())));
    const { elsewhere } = pool;
    const process = withElsewhere(meter.stop(), pool);
    const profiles = profile && (await Promise.all(profiled));
    const measured = sides.map((_, place): Measured => {
      const parts = done.map((message) => entryOf(message.sides, place));
      const turns = isAlone ? undefined : { ...turnsOf(parts), measuredShare };
      const tally = sum(parts, entryOf(pushes, place), workload);
      const workerMetrics = parts.map(({ metrics }) => metrics);
      const known = { tally, workerMetrics, reading: readings[place], process, turns, failure: undefined };
      return { ...known, elsewhere, kernel: elsewhere ? undefined : kernel };
    });
    if (!looksAtLayers) return { sides: measured, profiles };
    const [own] = measured;
    const layers = own && (await layersOf(entryOf(sharesFor(0), 0), clock, profiles?.[0], own.tally.deliveredInWindow));
    return { sides: own ? [{ ...own, layers }] : measured, profiles };
  } finally {
    clearTimeout(measuring);
    resumeOptimizer();
    meter.stop();
    await keepAwake.end();
  }
}

/** Where the load was made in other processes, they measured these themselves. */
function withElsewhere(own: ProcessReading, { elsewhere, pids }: Workers): ProcessReading {
  if (elsewhere === undefined) return own;
  const { othersShare, ...theirs } = elsewhere.process;
  const shares = [othersShare, pids.length > 0 ? own.othersShares.generator : undefined].filter(isKnown);
  return {
    ...own,
    ...theirs,
    stolenShare: Math.max(own.stolenShare, theirs.stolenShare),
    generatorStopped: own.generatorStopped || theirs.generatorStopped,
    othersShares: { ...own.othersShares, generator: shares.length > 0 ? Math.max(...shares) : undefined },
  };
}

const isKnown = (share: number | undefined): share is number => share !== undefined;

/** Windows of a warm-up measure nothing. */
function spansOf(windows: readonly Window[]): Span[] {
  return windows.filter(isMeasured).map(({ measureFromUs, measureToUs }) => [measureFromUs, measureToUs]);
}

function oneWindow(startUs: number, { phases }: Workload): TrialPlan {
  const span = windowFrom(startUs, phases);
  return { windows: [[span]], span, measuredShare: 1 };
}

/** Of all workers. Whatever was due from the server is owed, also while there was no server to send it. */
function sum(parts: readonly SidePart[], pushes: Tally, workload: Workload): Tally {
  const total = new Tally();
  for (const { tally } of parts) total.add(Tally.decode(tally));
  owe(pushes, workload, { index: 0, sent: pushes.scheduled, measuredSent: pushes.measuredScheduled });
  total.add(pushes);
  return total;
}

/** The windows of all workers, which switch at once; the first worker reads the server's CPU. */
function turnsOf([first, ...others]: readonly SidePart[]): Omit<Turns, 'measuredShare'> {
  const windows = (first?.windows ?? []).map((window, i) => {
    const delivered = others.reduce((total, part) => total + entryOf(part.windows, i).delivered, window.delivered);
    return { ...window, delivered };
  });
  return { windows, cpuSource: first?.cpuSource ?? 'none' };
}

/** Sides with the same seed are asked at the same times of their windows, Poisson arrivals included. */
function sharesOf({ trial, participant, addresses, server }: ServedSide, workers: number): Share[] {
  const { workload, seed } = trial;
  const { factory, target, endpoint, options, certificate } = participant;
  const { protocol, transport } = target;
  const trust = certificate && trustIn(certificate);
  const reached = { protocol, transport, addresses, port: server.port, endpoint, options, trust };
  return split({ workload, client: factory.name, seed, ...reached }, workers);
}

function knownOf(
  { latencyBounds }: TrialSetup,
  { trial, participant, side }: TrialSide,
  attempt: number,
  server?: ServedSide['server'],
): Known {
  const { target, factory, library, options } = participant;
  const { protocol, transport } = target;
  const made = { client: factory.name, protocol, transport, library, options };
  const ran = { settings: server?.settings ?? {}, cores: server?.cores, processes: processesOf(target, options) };
  return { trial, side, attempt, ...made, ...ran, latencyBounds };
}

/** The end of a trial that measured nothing. A failure that is not that of one side's server is the harness's own. */
function failed(known: Sides<Known>, error: unknown): TrialEnd {
  const blamed = error instanceof SideFailure ? error.side : undefined;
  const unstarted = error instanceof SideFailure && !error.started ? error.side : undefined;
  return { lines: failedLines(known, error, blamed), unstarted };
}
