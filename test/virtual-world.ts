/** A world without sockets: a clock that only events move, a server in memory that answers after a fixed time. */

import type { Connection, Inbox } from '../dist/core/client.js';
import { Tally } from '../dist/core/measure/tally.js';
import { blankMessage, writeHeader } from '../dist/core/payload/message.js';
import type { Load, Workload } from '../dist/core/scenario.js';

import { type Clock, scheduleOf, windowFrom } from '../dist/core/schedule.js';
import type { Seat } from '../dist/core/share.js';
import { ClosedLoop } from '../dist/runners/load/closed-loop.js';
import { OpenLoop } from '../dist/runners/load/open-loop.js';
import { Polls } from '../dist/runners/load/polls.js';
import { Recorder } from '../dist/runners/load/recorder.js';
import { Sender } from '../dist/runners/load/sender.js';
import type { LoadTimer } from '../dist/runners/load/spin-timer.js';

interface Event {
  readonly atUs: number;
  readonly order: number;
  readonly act: () => void;
}

/** Events in order of time; one that is late because the clock was moved past it happens at once. */
export class VirtualTime implements Clock, LoadTimer {
  #nowUs = 1e9;
  #order = 0;
  #events: Event[] = [];
  #timer = 0;

  nowUs(): number {
    return this.#nowUs;
  }

  schedule(atUs: number, act: () => void): void {
    const event = { atUs, order: this.#order++, act };
    let at = this.#events.length;
    while (at > 0 && this.#events[at - 1]!.atUs > atUs) at--;
    this.#events.splice(at, 0, event);
  }

  at(dueUs: number, tick: () => void): void {
    const request = ++this.#timer;
    if (dueUs !== Number.POSITIVE_INFINITY) this.schedule(dueUs, () => request === this.#timer && tick());
  }

  /** What the machine is said to have kept the thread from. */
  saidHeldUs = 0;

  heldUs(): number {
    return this.saidHeldUs;
  }

  readonly polls = new Polls(() => 0);

  touch(nowUs: number): void {
    this.polls.read(nowUs);
  }

  /** The thread does nothing for so long: the clock moves, events wait. */
  stall(us: number): void {
    this.#nowUs += us;
  }

  run(untilUs: number): void {
    for (let next = this.#events[0]; next && next.atUs <= untilUs; next = this.#events[0]) {
      this.#events.shift();
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.act();
      // Each event is a poll of its own.
      this.polls.ended(this.#nowUs);
    }
  }
}

export const sizeBytes = 64;

/** A connection to a server that echoes each message at the time `repliedUs` says; never, when that is infinite. */
export class EchoConnection implements Connection {
  readonly #time: VirtualTime;
  readonly #inbox: Inbox;
  readonly #receiver: number;
  readonly #repliedUs: (arrivedUs: number) => number;
  readonly #queued: Uint8Array[] = [];

  constructor(time: VirtualTime, inbox: Inbox, receiver: number, repliedUs: (arrivedUs: number) => number) {
    this.#time = time;
    this.#inbox = inbox;
    this.#receiver = receiver;
    this.#repliedUs = repliedUs;
  }

  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    const bytes = blankMessage(sizeBytes);
    writeHeader(bytes, 0, 0, sender, sequence, dueUs, sentUs, measured);
    this.#queued.push(bytes);
    return true;
  }

  flush(): void {
    for (const bytes of this.#queued.splice(0)) {
      const atUs = this.#repliedUs(this.#time.nowUs());
      if (atUs === Number.POSITIVE_INFINITY) continue;
      this.#time.schedule(atUs, () => {
        this.#inbox.message(this.#receiver, bytes, 0, bytes.length, this.#time.nowUs());
        this.#inbox.endOfRead(this.#receiver);
      });
    }
  }

  close(): void {}
  pauseReading(): void {}
  resumeReading(): void {}
}

export interface VirtualTrial {
  readonly load: Load;
  readonly connections: number;
  readonly measureMs: number;
  readonly serverStall?: { readonly fromMs: number; readonly lengthMs: number };
  /** Held: the machine is said to have done that. */
  readonly generatorStall?: { readonly atMs: number; readonly lengthMs: number; readonly heldMs?: number };
}

export const serverDelayUs = 100;

/** One worker that has every connection of an echo workload. */
export function seatFor(connections: number, load: Load): Seat {
  const workload: Workload = {
    kind: 'echo',
    connections,
    publishers: connections,
    load,
    payload: { sizeBytes, type: 'text' },
    phases: { warmupMs: 0, measureMs: 1_000, drainMs: 1_000 },
    connect: { ratePerSecond: 1_000, timeoutMs: 1_000 },
  };
  return { worker: 0, workers: 1, connections, workload };
}

/** Runs the real loop, recorder, ledger and tally in virtual time; no warm-up. */
export function runVirtually(trial: VirtualTrial): Tally {
  const time = new VirtualTime();
  const tally = new Tally();
  const { connections, load } = trial;
  const recorder = new Recorder(seatFor(connections, load), time, tally);
  const window = windowFrom(time.nowUs(), { warmupMs: 0, measureMs: trial.measureMs, drainMs: 2_000 });
  recorder.measure(window);
  const { serverStall, generatorStall } = trial;
  const repliedUs = (arrivedUs: number): number => {
    if (!serverStall) return arrivedUs + serverDelayUs;
    const fromUs = window.startUs + serverStall.fromMs * 1000;
    const toUs = fromUs + serverStall.lengthMs * 1000;
    return (arrivedUs >= fromUs && arrivedUs < toUs ? toUs : arrivedUs) + serverDelayUs;
  };
  const senders = Array.from(
    { length: connections },
    (_, i) => new Sender(new EchoConnection(time, recorder, i, repliedUs), i, i, tally),
  );
  const slice = { first: 0, stride: 1, count: connections, total: connections };
  if (load.model === 'open') {
    const schedule = scheduleOf(load, slice, 7);
    recorder.start(senders);
    new OpenLoop(time, time, schedule, senders, tally).run(window, () => {});
  } else if (load.model === 'closed') {
    const loop = new ClosedLoop(time, time, load.inflight, senders);
    recorder.start(senders, (position, receivedUs, sentUs) => loop.completed(position, receivedUs, sentUs));
    loop.run(window, () => {});
  }
  time.saidHeldUs = 1000 * (generatorStall?.heldMs ?? 0);
  if (generatorStall)
    time.schedule(window.startUs + generatorStall.atMs * 1000, () => time.stall(generatorStall.lengthMs * 1000));
  time.run(window.drainToUs);
  tally.connected = connections;
  tally.owed = tally.sent;
  tally.delivered = recorder.tracker.delivered;
  tally.missing = recorder.tracker.missing;
  tally.expected = recorder.tracker.expectedSum();
  return tally;
}
