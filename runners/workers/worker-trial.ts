/** One worker's part of a trial: its connections to the server of each side, and the load on them. */

import type { Clock, Window } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import { episodesOf } from '../episodes/episodes.js';
import { clientsOf } from '../load/opener.js';
import { type LoadTimer, SpinTimer, SpinTimerSlots, sleepsBetweenMessages } from '../load/spin-timer.js';
import { WorkerLoad } from '../load/worker-load.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import type { ReadSocketBytes } from '../machine/socket-bytes.js';
import { entryOf, type Sides } from './sides.js';
import { WindowMeter } from './window-meter.js';
import type { SidePart, WorkerMetrics } from './worker-message.js';
import { markThread, WorkerMeter } from './worker-metrics.js';

interface Meter {
  /** To be called at the end of each window, with its place among them; absent where nothing happens then. */
  readonly ended?: (place: number) => void;
  readonly windows: SidePart['windows'];
  metrics(connectionsLost: number): WorkerMetrics;
}

class WorkerSide {
  #meter: Meter | undefined;

  constructor(
    private readonly load: WorkerLoad,
    private readonly meterFor: (windows: readonly Window[]) => Meter,
    private readonly cpu?: ProcessCpu,
  ) {}

  connect(): Promise<void> {
    return this.load.connect();
  }

  send(windows: readonly Window[]): Promise<number[]> {
    this.#meter = this.meterFor(windows);
    return this.load.send(windows, this.#meter.ended);
  }

  async finish(owed: number, toUs: number): Promise<SidePart> {
    const tally = await this.load.finish(owed, toUs);
    this.cpu?.close();
    if (this.#meter === undefined) throw new Error('nothing was sent before the end');
    const metrics = this.#meter.metrics(this.load.connectionsLost);
    return { tally, metrics, windows: this.#meter.windows, cpuSource: this.cpu?.source ?? 'none' };
  }
}

export class WorkerTrial {
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
    cpuOf: readonly number[] | undefined,
    clock: Clock,
    readSocketBytes: ReadSocketBytes,
  ): Promise<WorkerTrial> {
    const [share] = shares;
    const timer = new SpinTimer(clock, !sleepsBetweenMessages(share.workload.load, share.senders.count));
    const loadOn = async (share: Share, timer: LoadTimer): Promise<WorkerLoad> =>
      new WorkerLoad(share, clock, timer, readSocketBytes, await clientsOf(share, clock), episodesOf);
    if (shares.length === 1) {
      const load = await loadOn(share, timer);
      const meterFor = (windows: readonly Window[]): Meter =>
        new WorkerMeter(clock, timer, load.tally.sendLag, entryOf(windows, 0));
      return new WorkerTrial(timer, [new WorkerSide(load, meterFor)]);
    }
    // The thread spins for the side whose turn it is; all sides wait through slots of one timer.
    const slots = new SpinTimerSlots(clock, timer);
    const sides = shares.map(async (share, place) => {
      const load = await loadOn(share, slots.slot());
      const cpu = cpuOf && new ProcessCpu(entryOf(cpuOf, place));
      const instruments = { clock, serverCpuUs: () => cpu?.readUs() ?? 0, thread: () => markThread(clock, timer) };
      const meterFor = (windows: readonly Window[]): Meter =>
        new WindowMeter(instruments, slots.slot(), load.tally, windows);
      return new WorkerSide(load, meterFor, cpu);
    });
    return new WorkerTrial(timer, await Promise.all(sides));
  }

  async connect(): Promise<void> {
    await Promise.all(this.sides.map((side) => side.connect()));
  }

  /** Sends in the windows of each side. @returns messages sent, by side and room. */
  send(windows: readonly (readonly Window[])[]): Promise<number[][]> {
    return Promise.all(this.sides.map((side, place) => side.send(entryOf(windows, place))));
  }

  /** Waits for the deliveries `owed` to each side, until `toUs` at most, and closes every connection. */
  async finish(owed: readonly number[], toUs: number): Promise<SidePart[]> {
    const parts = await Promise.all(this.sides.map((side, place) => side.finish(entryOf(owed, place), toUs)));
    this.timer.stop();
    return parts;
  }
}
