/** Owns one worker's part of one fork: its connections to both sides, between which its load alternates. */

import type { Clock } from '../../core/clock.js';
import { type Side, sides } from '../../core/plan.js';
import type { Share } from '../../core/share.js';
import type { SpinTimer } from '../load/spin-timer.js';
import { SpinTimerSlots } from '../load/spin-timer-slots.js';
import type { Window } from '../load/window.js';
import { WorkerLoad } from '../load/worker-load.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import type { ReadSocketBytes } from '../machine/socket-bytes.js';
import { markThread } from '../workers/thread-mark.js';
import { WindowMeter } from '../workers/window-meter.js';
import { timerFor } from '../workers/worker-trial.js';
import { type Both, both, bothAwaited } from './both.js';
import type { CpuSource, SideShare } from './fork-message.js';

export class ForkRun {
  readonly #clock: Clock;
  readonly #first: Side;
  /** The thread spins for the side that is active; both wait through slots of the same wake. */
  readonly #timer: SpinTimer;
  readonly #slots: SpinTimerSlots;
  readonly #loads: Both<WorkerLoad>;
  readonly #cpu: Both<ProcessCpu> | undefined;
  #meters!: Both<WindowMeter>;

  private constructor(
    clock: Clock,
    first: Side,
    timer: SpinTimer,
    slots: SpinTimerSlots,
    loads: Both<WorkerLoad>,
    cpu: Both<ProcessCpu> | undefined,
  ) {
    this.#clock = clock;
    this.#first = first;
    this.#timer = timer;
    this.#slots = slots;
    this.#loads = loads;
    this.#cpu = cpu;
  }

  /**
   * Everything that is decided before the first connection.
   * @param first the side that connects a moment before the other. @param pids of the servers, if this worker is to look.
   */
  static async prepare(
    shares: Both<Share>,
    first: Side,
    pids: Both<number> | undefined,
    clock: Clock,
    readSocketBytes: ReadSocketBytes,
  ): Promise<ForkRun> {
    const timer = timerFor(shares.base, clock);
    const slots = new SpinTimerSlots(clock, timer);
    const loads = await bothAwaited(
      (side) => WorkerLoad.prepare(shares[side], clock, slots.slot(), readSocketBytes),
      first,
    );
    return new ForkRun(clock, first, timer, slots, loads, pids && both((side) => new ProcessCpu(pids[side])));
  }

  async connect(): Promise<void> {
    await bothAwaited((side) => this.#loads[side].connect(), this.#first);
  }

  /** Follows the plan to its end. @returns messages sent, by room. */
  send(windows: Both<readonly Window[]>): Promise<Both<number[]>> {
    const instruments = { clock: this.#clock, thread: () => markThread(this.#clock, this.#timer) };
    this.#meters = both((side) => {
      const serverCpuUs = (): number => this.#cpu?.[side].readUs() ?? 0;
      return new WindowMeter(
        { ...instruments, serverCpuUs },
        this.#slots.slot(),
        this.#loads[side].tally,
        windows[side],
      );
    });
    return bothAwaited((side) => {
      const meter = this.#meters[side];
      meter.watch(0);
      return this.#loads[side].send(windows[side], (place) => meter.ended(place));
    });
  }

  /** Waits for the `owed` deliveries, until `toUs` at most, closes the books and every connection. */
  async finish(
    owed: Both<number>,
    toUs: number,
  ): Promise<{ readonly sides: Both<SideShare>; readonly cpuSource: CpuSource }> {
    const tallies = await bothAwaited((side) => this.#loads[side].finish(owed[side], toUs));
    this.#timer.stop();
    for (const side of sides) this.#cpu?.[side].close();
    return {
      sides: both((side) => ({
        tally: tallies[side],
        metrics: this.#meters[side].metrics(this.#loads[side].connectionsLost),
        windows: this.#meters[side].readings,
      })),
      cpuSource: this.#cpu?.base.source ?? 'none',
    };
  }
}
