/** Owns one fork from two fresh server processes to the lines of both sides in the result file. */

import type { Clock } from '../../core/clock.js';
import { type Side, sides } from '../../core/plan.js';
import { deriveSeed } from '../../core/random.js';
import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { type Share, split } from '../../core/share.js';
import type { Cores } from '../machine/cores.js';
import { KeepAwake } from '../machine/keep-awake.js';
import { ProcessMeter } from '../machine/process-metrics.js';
import { coresToKeepAwake } from '../run/cores-to-keep-awake.js';
import type { Participant } from '../run/prepare.js';
import type { Known } from '../run/trial-line.js';
import { aborted } from '../run/trial-run.js';
import type { HostRequest, ServerReading } from '../server/server-message.js';
import { type Both, both } from './both.js';
import type { ForkCrew } from './fork-crew.js';
import { type ForkFigures, failedLines, forkLines } from './fork-lines.js';
import { firstSide, planFork } from './fork-plan.js';
import { ForkServers, SideFailure } from './fork-servers.js';

/** One version as it is run: `file` is the name of a target or the path of a server module. */
export type AbSide = Participant & { readonly file: string };

/** Everything a fork needs that is the same for every attempt at it. */
export interface ForkSetup {
  /** Counts from 1. */
  readonly fork: number;
  /** Of the whole comparison. */
  readonly seed: number;
  readonly workload: Workload;
  readonly sides: Both<AbSide>;
  /** Measured windows of each side. */
  readonly windows: number;
  readonly addresses: Both<readonly string[]>;
  readonly crew: ForkCrew;
  readonly cores: Cores;
  readonly clock: Clock;
}

export interface ForkEnd {
  /** Of base and of head; both are valid or neither is. */
  readonly lines: readonly TrialLine[];
  /** The side whose server did not even start. */
  readonly unstarted: Side | undefined;
}

/** Between the barrier and the first window: time for every worker to hear of the plan. */
const startDelayMs = 50;
/** Beyond the end of the plan, a server may be late with its reading by so much before it counts as dead. */
const readingGraceMs = 15_000;

/**
 * Runs one attempt at a fork. Never rejects, except with the reason of `signal` when that aborts: a server or worker
 * that fails makes an invalid fork whose lines say so.
 */
export async function runFork(setup: ForkSetup, attempt: number, signal: AbortSignal): Promise<ForkEnd> {
  const known = both((side) => knownOf(setup, side, attempt));
  let servers: ForkServers;
  try {
    const requests = both((side) => hostRequest(setup, side));
    servers = await ForkServers.start(requests, setup.cores, firstSide(setup.seed, setup.fork));
  } catch (error) {
    signal.throwIfAborted();
    return failed(known, error);
  }
  const started = both((side) => ({ ...known[side], settings: servers.servers[side].settings }));
  const over = new AbortController();
  try {
    const figures = await Promise.race([load(setup, servers), servers.died, aborted(signal, over.signal)]);
    return { lines: forkLines(started, figures), unstarted: undefined };
  } catch (error) {
    await setup.crew.dismiss();
    signal.throwIfAborted();
    return failed(started, error);
  } finally {
    over.abort();
    await servers.stop();
  }
}

async function load(setup: ForkSetup, servers: ForkServers): Promise<ForkFigures> {
  const { workload, clock } = setup;
  const meter = new ProcessMeter();
  const keepAwake = new KeepAwake(coresToKeepAwake(setup.cores, workload));
  let reading: Promise<Both<ServerReading>> | undefined;
  try {
    const pids = both((side) => servers.servers[side].pid);
    const first = firstSide(setup.seed, setup.fork);
    const result = await setup.crew.workers().run(sharesOf(setup, servers), first, pids, {
      ready: () => meter.beforeConnect(),
      connected: () => {
        const startUs = clock.nowUs() + startDelayMs * 1000;
        const plan = planFork(startUs, workload.phases.warmupMs, first, setup.windows);
        const delayMs = (plan.measureFromUs - clock.nowUs()) / 1000;
        const measureMs = (plan.endUs - plan.measureFromUs) / 1000;
        meter.measure(delayMs, measureMs);
        reading = servers.measure(plan.measureFromUs, plan.endUs, delayMs + measureMs + readingGraceMs);
        reading.catch(() => {});
        return plan;
      },
    });
    return { result, readings: await reading!, process: meter.stop() };
  } finally {
    meter.stop();
    await keepAwake.end();
  }
}

/** Both sides are asked at the same times of their windows, Poisson arrivals included: they have the same seed. */
function sharesOf({ workload, ...setup }: ForkSetup, servers: ForkServers): Both<Share[]> {
  return both((side) => {
    const addresses = setup.addresses[side];
    const { target, factory } = setup.sides[side];
    const { protocol, transport } = target;
    const { port } = servers.servers[side];
    const seed = deriveSeed(setup.seed, setup.fork);
    const shared = { workload, client: factory.name, protocol, transport, addresses, port, seed };
    return split(shared, setup.crew.count);
  });
}

function hostRequest({ workload, ...setup }: ForkSetup, side: Side): HostRequest {
  const [host, ...alsoListen] = setup.addresses[side];
  return { target: setup.sides[side].file, kind: workload.kind, host: host!, port: 0, alsoListen };
}

function knownOf({ fork, seed, workload, ...setup }: ForkSetup, side: Side, attempt: number): Known {
  const { target, factory, library } = setup.sides[side];
  const id = 2 * fork - 1 + sides.indexOf(side);
  const trial = { id, block: fork, target: side, workload, seed: deriveSeed(seed, fork) };
  const { protocol, transport } = target;
  return { trial, attempt, client: factory.name, protocol, transport, library, settings: {} };
}

function failed(known: Both<Known>, error: unknown): ForkEnd {
  const unstarted = error instanceof SideFailure && !error.started ? error.side : undefined;
  return { lines: failedLines(known, error), unstarted };
}
