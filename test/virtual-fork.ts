/** A fork without sockets: two servers in memory that share one core, between which a real load alternates. */

import { Tally } from '../dist/core/measure/tally.js';
import { type Side, sides } from '../dist/core/plan.js';
import type { ForkWindow } from '../dist/core/result.js';
import type { Load } from '../dist/core/scenario.js';
import type { Window } from '../dist/core/schedule.js';
import { planFork } from '../dist/runners/ab/fork-plan.js';
import { LoadLoop } from '../dist/runners/load/load-loop.js';
import { Recorder } from '../dist/runners/load/recorder.js';
import { Sender } from '../dist/runners/load/sender.js';
import { SpinTimerSlots } from '../dist/runners/load/spin-timer.js';
import { WindowMeter } from '../dist/runners/workers/window-meter.js';
import { EchoConnection, seatFor, VirtualTime } from './virtual-world.js';

type Both<T> = Readonly<Record<Side, T>>;

function both<T>(of: (side: Side) => T): Both<T> {
  return { base: of('base'), head: of('head') };
}

export interface VirtualFork {
  readonly load: Load;
  readonly connections: number;
  /** Measured windows of each side. */
  readonly windows: number;
  readonly warmupMs?: number;
  /** CPU for each message; both servers have the same core. */
  readonly costUs: Both<number>;
  /** From the end of the work to the arrival. */
  readonly delayUs?: number;
  /** The head server swallows every so-manieth message. */
  readonly swallowEvery?: number;
  readonly generatorStall?: { readonly atMs: number; readonly lengthMs: number };
}

export interface VirtualSide {
  readonly tally: Tally;
  readonly readings: readonly ForkWindow[];
  readonly utilization: number;
  /** Of every message, in us. */
  readonly sentUs: readonly number[];
  readonly receivedUs: readonly number[];
}

const drainMs = 2_000;

/** Time until `nowUs` in measured parts of `windows`: in these the thread has work all the time, otherwise never. */
function measuredUs(windows: readonly Window[], nowUs: number): number {
  return windows.reduce(
    (sum, { measureFromUs, measureToUs }) => sum + Math.max(0, Math.min(nowUs, measureToUs) - measureFromUs),
    0,
  );
}

interface VirtualPlan {
  readonly startUs: number;
  readonly windows: Both<readonly Window[]>;
}

export function runFork(fork: VirtualFork): { readonly plan: VirtualPlan; readonly sides: Both<VirtualSide> } {
  const time = new VirtualTime();
  const slots = new SpinTimerSlots(time, time);
  const phases = { warmupMs: fork.warmupMs ?? 0, measureMs: 0, drainMs };
  const { windows, span } = planFork(time.nowUs(), phases, fork.windows);
  const [base = [], head = []] = windows;
  const plan = { startUs: span.startUs, windows: { base, head } };
  let freeUs = 0;
  const worldOf = (side: Side) => {
    const tally = new Tally();
    const { connections, load } = fork;
    const recorder = new Recorder(seatFor(connections, load), slots.slot(), tally);
    const sentUs: number[] = [];
    const receivedUs: number[] = [];
    let usedUs = 0;
    const repliedUs = (arrivedUs: number): number => {
      sentUs.push(arrivedUs);
      if (side === 'head' && fork.swallowEvery && sentUs.length % fork.swallowEvery === 0)
        return Number.POSITIVE_INFINITY;
      freeUs = Math.max(arrivedUs, freeUs) + fork.costUs[side];
      time.schedule(freeUs, () => {
        usedUs += fork.costUs[side];
      });
      const atUs = freeUs + (fork.delayUs ?? 0);
      receivedUs.push(atUs);
      return atUs;
    };
    const senders = Array.from(
      { length: connections },
      (_, i) => new Sender(new EchoConnection(time, recorder, i, repliedUs), i, i, tally),
    );
    const slice = { first: 0, stride: 1, count: connections, total: connections };
    const loop = new LoadLoop(load, slice, 1, time, slots.slot(), senders, recorder, tally);
    const mark = () => ({
      atUs: time.nowUs(),
      idleMs: (time.nowUs() - plan.startUs - measuredUs(plan.windows[side], time.nowUs())) / 1000,
      spunUs: 0,
      heapBytes: 0,
      serverCpuUs: usedUs,
    });
    const windows = plan.windows[side];
    const meter = new WindowMeter(mark, slots.slot(), tally, windows);
    void loop.run(windows, meter.ended);
    return { tally, recorder, meter, sentUs, receivedUs };
  };
  const worlds = both(worldOf);
  if (fork.generatorStall) {
    const { atMs, lengthMs } = fork.generatorStall;
    time.schedule(plan.startUs + atMs * 1000, () => time.stall(lengthMs * 1000));
  }
  time.run(span.drainToUs);
  for (const side of sides) {
    const { tally, recorder } = worlds[side];
    tally.owed = tally.sent;
    tally.delivered = recorder.tracker.delivered;
    tally.missing = recorder.tracker.missing;
    tally.expected = recorder.tracker.expectedSum();
  }
  return {
    plan,
    sides: both((side) => {
      const { tally, meter, sentUs, receivedUs } = worlds[side];
      const { eventLoopUtilization } = meter.metrics(0);
      return { tally, readings: meter.windows, utilization: eventLoopUtilization, sentUs, receivedUs };
    }),
  };
}
