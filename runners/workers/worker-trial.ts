/** One worker's part of a trial: its connections to the server of each side, and the load on them. */

import { isShared } from '../../core/kind.js';
import type { Clock, Window } from '../../core/schedule.js';
import type { CutSender, KillAccount, Share } from '../../core/share.js';
import { episodesOf } from '../episodes/episodes.js';
import { clientsOf } from '../load/opener.js';
import { SpinTimer, SpinTimerSlots, sleepsBetweenMessages } from '../load/spin-timer.js';
import { WorkerLoad } from '../load/worker-load.js';
import { waitForCore } from '../machine/core-time.js';
import { promoteObjects } from '../machine/engine.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import type { ReadSocketBytes } from '../machine/socket-bytes.js';
import { entryOf, type Sides } from './sides.js';
import { WindowMeter } from './window-meter.js';
import type { SidePart, WorkerMetrics } from './worker-message.js';
import { markThread, WorkerMeter } from './worker-metrics.js';

/** Of the thread that has loaded this file. */
const waitedUs = waitForCore();

interface Meter {
  /** To be called at the end of each window, with its place among them; absent where nothing happens then. */
  readonly ended?: (place: number) => void;
  readonly windows: SidePart['windows'];
  metrics(connectionsLost: number): WorkerMetrics;
}

interface WorkerSide {
  readonly load: WorkerLoad;
  readonly meterFor: (windows: readonly Window[]) => Meter;
  /** Of the server's processes, in a worker that looks. */
  readonly cpus?: readonly ProcessCpu[] | undefined;
}

export class WorkerTrial {
  #meters: readonly Meter[] = [];

  private constructor(
    private readonly timer: SpinTimer,
    private readonly sides: readonly WorkerSide[],
  ) {}

  /**
   * Everything that is decided before the first connection.
   * @param shares by side, in the order in which the sides connect. @param cpuOf ids of the servers' processes, if this
   * worker is to read their CPU in each window.
   */
  static async prepare(
    shares: Sides<Share>,
    cpuOf: readonly (readonly number[])[] | undefined,
    clock: Clock,
    readSocketBytes: ReadSocketBytes,
  ): Promise<WorkerTrial> {
    const [{ workload, senders }] = shares;
    const sleeps = sleepsBetweenMessages(workload.load, senders.count);
    // To the last receiver of a message, every delivery counts.
    const timer = new SpinTimer(clock, !sleeps, sleeps && !isShared(workload.kind), waitedUs);
    const mark = () => markThread(clock, timer);
    // The thread spins for the side whose turn it is; several sides wait through slots of one timer.
    const slots = new SpinTimerSlots(clock, timer);
    const isAlone = shares.length === 1;
    const latency = workload.load.model === 'open' ? 'response' : 'service';
    const sides = shares.map(async (share, place): Promise<WorkerSide> => {
      const loadTimer = isAlone ? timer : slots.slot();
      const clientFor = await clientsOf(share, clock);
      const load = new WorkerLoad(share, clock, loadTimer, readSocketBytes, clientFor, episodesOf);
      const { tally } = load;
      if (isAlone)
        return { load, meterFor: (windows) => new WorkerMeter(clock, mark, tally, latency, entryOf(windows, 0)) };
      const cpus = cpuOf ? entryOf(cpuOf, place).map((pid) => new ProcessCpu(pid)) : [];
      const markBoth = () => ({ serverCpuUs: cpus.reduce((sum, cpu) => sum + cpu.readUs(), 0), ...mark() });
      return { load, cpus, meterFor: (windows) => new WindowMeter(markBoth, slots.slot(), tally, windows) };
    });
    return new WorkerTrial(timer, await Promise.all(sides));
  }

  async connect(): Promise<void> {
    await Promise.all(this.sides.map(({ load }) => load.connect()));
    promoteObjects();
  }

  /** Sends in the windows of each side. @returns messages sent, by side and room. */
  send(windows: readonly (readonly Window[])[]): Promise<number[][]> {
    this.#meters = this.sides.map(({ meterFor }, place) => meterFor(entryOf(windows, place)));
    const ended = (place: number) => entryOf(this.#meters, place).ended;
    return Promise.all(this.sides.map(({ load }, place) => load.send(entryOf(windows, place), ended(place))));
  }

  /** Senders that an outage has cut off so far, by side. */
  get cutOff(): CutSender[][] {
    return this.sides.map(({ load }) => load.cutOff);
  }

  /**
   * Waits for the deliveries `owed` to each side, until `toUs` at most, and closes every connection.
   * @param kill by side, where a process of the server was killed.
   */
  async finish(owed: readonly number[], toUs: number, kill?: readonly KillAccount[]): Promise<SidePart[]> {
    const parts = this.sides.map(async ({ load, cpus = [] }, place): Promise<SidePart> => {
      const tally = await load.finish(entryOf(owed, place), toUs, kill?.[place]);
      for (const cpu of cpus) cpu.close();
      const meter = entryOf(this.#meters, place);
      const metrics = meter.metrics(load.connectionsLost);
      return { tally, metrics, windows: meter.windows, cpuSource: cpus[0]?.source ?? 'none' };
    });
    const ended = await Promise.all(parts);
    this.timer.stop();
    return ended;
  }
}
