/** Owns one worker's share of one trial, from its connections to its tally. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection } from '../core/client.js';
import type { Clock } from '../core/clock.js';
import { owedPerSend } from '../core/kind.js';
import { constantSchedule, poissonSchedule } from '../core/schedule.js';
import type { Share } from '../core/share.js';
import { type EncodedTally, Tally } from '../core/tally.js';
import { findClient } from './client-catalogue.js';
import { ClosedLoop } from './closed-loop.js';
import { OpenLoop } from './open-loop.js';
import { openConnections } from './ramp.js';
import { Recorder } from './recorder.js';
import { RunnerLane } from './runner-lane.js';
import { sabotagedInbox, sabotagedSchedule, sabotagedTally } from './sabotage.js';
import { Sender } from './sender.js';
import type { Traffic } from './traffic.js';
import { SpinningWake } from './wake.js';
import { type Window, windowFrom } from './window.js';
import type { WorkerLane } from './worker-message.js';

/** After the last delivery owed, wait for so long for what nobody is owed: duplicates. */
const lingerMs = 50;
const drainPollUs = 1_000;

/**
 * A closed loop with so many messages in flight has the next one waiting more often than not. Sleeping for the rest
 * lets server and client handle several at a time; polling the sockets without pause costs both of them calls.
 */
const crowd = 8;

function isCrowd({ workload: { load }, senders }: Share): boolean {
  return load.model === 'closed' && load.inflight * senders.count >= crowd;
}

export class ShareRun {
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #readTraffic: () => Traffic;
  readonly #wake: SpinningWake;
  readonly #tally = sabotagedTally(new Tally());
  readonly #recorder: Recorder;
  #client!: Client;
  #connections: readonly (Connection | undefined)[] = [];
  #trafficAtStart: Traffic = { bytesIn: 0, bytesOut: 0 };
  #window!: Window;
  #lane!: RunnerLane;

  private constructor(share: Share, clock: Clock, readTraffic: () => Traffic) {
    const { kind, publishers, payload } = share.workload;
    this.#share = share;
    this.#clock = clock;
    this.#readTraffic = readTraffic;
    this.#wake = new SpinningWake(clock, !isCrowd(share));
    this.#recorder = new Recorder(kind, share.connections, publishers, payload.sizeBytes, this.#wake, this.#tally);
  }

  /** Everything that is decided before the first connection. */
  static async prepare(share: Share, clock: Clock, readTraffic: () => Traffic): Promise<ShareRun> {
    const run = new ShareRun(share, clock, readTraffic);
    const { workload, protocol, transport } = share;
    const factory = await findClient(protocol, transport, share.client);
    run.#client = factory.create({
      protocol,
      transport,
      kind: workload.kind,
      port: share.port,
      payload: workload.payload,
      connectTimeoutMs: workload.connect.timeoutMs,
      inbox: sabotagedInbox(run.#recorder),
      clock,
    });
    return run;
  }

  /** @returns how many connections are open. */
  async connect(): Promise<number> {
    this.#connections = await openConnections(this.#client, this.#share, this.#clock, this.#tally);
    this.#trafficAtStart = this.#readTraffic();
    return this.#tally.connected;
  }

  /**
   * Runs the load loop through warm-up and measurement.
   * @param connected connections of all workers. @returns messages sent.
   */
  async load({ delayMs, connected }: { readonly delayMs: number; readonly connected: number }): Promise<number> {
    const { kind, phases } = this.#share.workload;
    this.#window = windowFrom(this.#clock.nowUs() + delayMs * 1000, phases);
    this.#lane = new RunnerLane(this.#clock, this.#wake, this.#tally, this.#window);
    await this.#loop(this.#senders());
    this.#tally.owed = this.#tally.sent * owedPerSend(kind, connected);
    return this.#tally.sent;
  }

  /** Waits for the `owed` deliveries as long as the drain lasts, closes the books and every connection. */
  async finish(owed: number): Promise<{ readonly tally: EncodedTally; readonly lane: WorkerLane }> {
    await this.#drain(owed);
    await sleep(lingerMs);
    this.#recorder.stop();
    this.#wake.stop();
    const { ledger, connectionsLost } = this.#recorder;
    const { bytesIn, bytesOut } = this.#readTraffic();
    this.#tally.bytesIn = bytesIn - this.#trafficAtStart.bytesIn;
    this.#tally.bytesOut = bytesOut - this.#trafficAtStart.bytesOut;
    this.#tally.delivered = ledger.delivered;
    this.#tally.missing = ledger.missing;
    this.#tally.expected = ledger.expectedSum();
    for (const connection of this.#connections) connection?.close();
    return { tally: this.#tally.encode(), lane: this.#lane.reading(connectionsLost) };
  }

  #senders(): Sender[] {
    const { first, stride, count } = this.#share.senders;
    return this.#connections
      .slice(0, count)
      .flatMap((connection, i) => (connection ? [new Sender(connection, i, first + i * stride)] : []));
  }

  #loop(senders: readonly Sender[]): Promise<void> {
    const { load } = this.#share.workload;
    if (load.model === 'closed') {
      const loop = new ClosedLoop(this.#clock, this.#wake, load.inflight, senders, this.#tally);
      this.#recorder.start(this.#window, senders, (position, receivedUs) => loop.completed(position, receivedUs));
      return new Promise((done) => loop.run(this.#window, done));
    }
    const schedule =
      load.arrivals === 'constant'
        ? constantSchedule(load.ratePerSecond, this.#share.senders)
        : poissonSchedule(load.ratePerSecond, this.#share.senders, this.#share.seed);
    const loop = new OpenLoop(this.#clock, this.#wake, sabotagedSchedule(schedule), senders, this.#tally);
    this.#recorder.start(this.#window, senders);
    return new Promise((done) => loop.run(this.#window, done));
  }

  #drain(owed: number): Promise<void> {
    return new Promise((done) => {
      const check = (): void => {
        const nowUs = this.#clock.nowUs();
        if (this.#recorder.ledger.delivered >= owed || nowUs >= this.#window.drainToUs) done();
        else this.#wake.at(Math.min(nowUs + drainPollUs, this.#window.drainToUs), check);
      };
      check();
    });
  }
}
