/** What is measured inside a worker: was it the server that was slow, or this thread? */

import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Histogram } from '../../core/measure/histogram.js';
import type { RunnerReading } from '../../core/measure/process-metrics.js';
import type { Tally } from '../../core/measure/tally.js';
import { type Clock, metersAheadUs, msUntil, type Window } from '../../core/schedule.js';
import type { SpinTimer } from '../load/spin-timer.js';
import type { WorkerMetrics } from './worker-message.js';

/** What the thread's event loop and its spin timer say at one moment. */
export interface ThreadMark {
  readonly atUs: number;
  readonly idleMs: number;
  readonly spunUs: number;
  readonly heapBytes: number;
}

export interface ThreadSpan {
  readonly from: ThreadMark;
  readonly to: ThreadMark;
}

export function markThread(clock: Clock, timer: SpinTimer): ThreadMark {
  return {
    atUs: clock.nowUs(),
    idleMs: performance.eventLoopUtilization().idle,
    spunUs: timer.spunUs,
    heapBytes: getHeapStatistics().used_heap_size,
  };
}

/** Share of the time of all spans spent neither waiting for events nor spinning in vain; 0..1. */
function utilization(spans: readonly ThreadSpan[]): number {
  let elapsedUs = 0;
  let busyUs = 0;
  for (const { from, to } of spans) {
    const spanUs = to.atUs - from.atUs;
    elapsedUs += spanUs;
    busyUs += spanUs - (to.idleMs - from.idleMs) * 1000 - (to.spunUs - from.spunUs);
  }
  return elapsedUs > 0 ? Math.max(0, busyUs) / elapsedUs : 0;
}

/** What the spans that were measured, in order, say of the thread. */
export function threadMetrics(spans: readonly ThreadSpan[]): Omit<WorkerMetrics, 'timeline' | 'connectionsLost'> {
  const heapGrowthBytes = (spans.at(-1)?.to.heapBytes ?? 0) - (spans[0]?.from.heapBytes ?? 0);
  return { eventLoopUtilization: utilization(spans), heapGrowthBytes };
}

const timelineEveryMs = 1_000;

/** Everything so far, of which the next reading of the timeline takes the difference. */
interface SoFar {
  readonly mark: ThreadMark;
  readonly sendLag: Histogram;
  readonly latency: Histogram;
  readonly delivered: number;
}

/** Measures one window, by timers at its borders and every second between; a late timer shifts all figures alike. */
export class WorkerMeter {
  readonly windows = [];
  readonly #timeline: RunnerReading[] = [];
  readonly #timers: NodeJS.Timeout[];
  #from: ThreadMark | undefined;
  #to: ThreadMark | undefined;
  /** What there was at the last reading. */
  #last: SoFar | undefined;

  /** @param tally of all messages so far, which goes on being recorded to. @param latency the one of it that is shown. */
  constructor(
    clock: Clock,
    private readonly mark: () => ThreadMark,
    private readonly tally: Tally,
    private readonly latency: 'response' | 'service',
    { measureFromUs, measureToUs }: Window,
  ) {
    const at = (us: number, call: () => void) => setTimeout(call, msUntil(us - metersAheadUs, clock));
    this.#timers = [at(measureFromUs, () => this.#start()), at(measureToUs, () => this.#stop())];
  }

  metrics(connectionsLost: number): WorkerMetrics {
    for (const timer of this.#timers) clearTimeout(timer);
    const to = this.#to ?? this.mark();
    const from = this.#from ?? to;
    return { ...threadMetrics([{ from, to }]), timeline: this.#timeline, connectionsLost };
  }

  #start(): void {
    const from = this.mark();
    this.#from = from;
    this.#last = this.#copies(from);
    this.#timers.push(setInterval(() => this.#read(from, this.mark()), timelineEveryMs));
  }

  #read(from: ThreadMark, now: ThreadMark): void {
    const { mark, sendLag, latency, delivered } = this.#last ?? this.#copies(from);
    const ofReading = this.tally[this.latency].since(latency);
    this.#timeline.push({
      atMs: (now.atUs - from.atUs) / 1000,
      eventLoopUtilization: utilization([{ from: mark, to: now }]),
      heapBytes: now.heapBytes,
      sendLagP99Us: this.tally.sendLag.since(sendLag).quantile(0.99),
      latencyP50Us: ofReading.quantile(0.5),
      latencyP99Us: ofReading.quantile(0.99),
      deliveredPerSecond: (1e6 * (this.tally.deliveredInWindow - delivered)) / Math.max(1, now.atUs - mark.atUs),
    });
    this.#last = this.#copies(now);
  }

  #copies(mark: ThreadMark): SoFar {
    const { sendLag, deliveredInWindow } = this.tally;
    return { mark, sendLag: sendLag.copy(), latency: this.tally[this.latency].copy(), delivered: deliveredInWindow };
  }

  #stop(): void {
    const to = this.mark();
    clearInterval(this.#timers.at(-1));
    // The timer of the last second is as late as this is.
    if (this.#from && to.atUs - (this.#last?.mark.atUs ?? to.atUs) > 500 * timelineEveryMs) this.#read(this.#from, to);
    this.#to = to;
  }
}

/** Second by second: the busiest and latest worker, the heap and the deliveries of all. Workers start together, so readings line up. */
export function combineTimelines(workerMetrics: readonly WorkerMetrics[]): WorkerMetrics['timeline'] {
  const [first, ...others] = workerMetrics.map((metrics) => metrics.timeline);
  return (first ?? []).map((reading, i) =>
    others.reduce((sum, timeline) => {
      const other = timeline[i];
      if (!other) return sum;
      return {
        atMs: sum.atMs,
        eventLoopUtilization: Math.max(sum.eventLoopUtilization, other.eventLoopUtilization),
        heapBytes: sum.heapBytes + other.heapBytes,
        sendLagP99Us: Math.max(sum.sendLagP99Us, other.sendLagP99Us),
        latencyP50Us: Math.max(sum.latencyP50Us ?? 0, other.latencyP50Us ?? 0),
        latencyP99Us: Math.max(sum.latencyP99Us ?? 0, other.latencyP99Us ?? 0),
        deliveredPerSecond: (sum.deliveredPerSecond ?? 0) + (other.deliveredPerSecond ?? 0),
      };
    }, reading),
  );
}
