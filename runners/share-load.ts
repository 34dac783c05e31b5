/** Owns one worker's dealings with one server: its connections, the load over them, and the books of both. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection } from '../core/client.js';
import type { Clock } from '../core/clock.js';
import { owedPerSend } from '../core/kind.js';
import type { Share } from '../core/share.js';
import { type EncodedTally, Tally } from '../core/tally.js';
import { findClient } from './client-catalogue.js';
import { LoadLoop } from './load-loop.js';
import { openConnections } from './ramp.js';
import { Recorder } from './recorder.js';
import { sabotagedInbox, sabotagedTally } from './sabotage.js';
import { Sender } from './sender.js';
import type { ReadTraffic, Traffic } from './traffic.js';
import type { Wake } from './wake.js';
import type { Window } from './window.js';

/** After the last delivery owed, wait for so long for what nobody is owed: duplicates. */
const lingerMs = 50;
const drainPollUs = 1_000;

export class ShareLoad {
  readonly tally = sabotagedTally(new Tally());
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #readTraffic: ReadTraffic;
  readonly #recorder: Recorder;
  readonly #client: Client;
  #connections: readonly (Connection | undefined)[] = [];
  #trafficAtStart: Traffic = { bytesIn: 0, bytesOut: 0 };

  private constructor(
    share: Share,
    clock: Clock,
    wake: Wake,
    readTraffic: ReadTraffic,
    client: (inbox: Recorder) => Client,
  ) {
    const { kind, publishers, payload } = share.workload;
    this.#share = share;
    this.#clock = clock;
    this.#wake = wake;
    this.#readTraffic = readTraffic;
    this.#recorder = new Recorder(kind, share.connections, publishers, payload.sizeBytes, wake, this.tally);
    this.#client = client(this.#recorder);
  }

  /** Everything that is decided before the first connection. */
  static async prepare(share: Share, clock: Clock, wake: Wake, readTraffic: ReadTraffic): Promise<ShareLoad> {
    const { workload, protocol, transport } = share;
    const factory = await findClient(protocol, transport, share.client);
    return new ShareLoad(share, clock, wake, readTraffic, (inbox) =>
      factory.create({
        protocol,
        transport,
        kind: workload.kind,
        port: share.port,
        payload: workload.payload,
        connectTimeoutMs: workload.connect.timeoutMs,
        inbox: sabotagedInbox(inbox),
        clock,
      }),
    );
  }

  get connectionsLost(): number {
    return this.#recorder.connectionsLost;
  }

  /** @returns how many connections are open. */
  async connect(): Promise<number> {
    this.#connections = await openConnections(this.#client, this.#share, this.#clock, this.tally);
    this.#trafficAtStart = this.#readTraffic(this.#share.port);
    return this.tally.connected;
  }

  /**
   * Sends through each of the windows in turn.
   * @param connected connections of all workers. @param ended see `LoadLoop.run`. @returns messages sent.
   */
  async send(windows: readonly Window[], connected: number, ended?: (place: number) => void): Promise<number> {
    const loop = new LoadLoop(this.#share, this.#clock, this.#wake, this.#senders(), this.#recorder, this.tally);
    await loop.run(windows, ended);
    this.tally.owed = this.tally.sent * owedPerSend(this.#share.workload.kind, connected);
    return this.tally.sent;
  }

  /** Waits for the `owed` deliveries, until `toUs` at most, closes the books and every connection. */
  async finish(owed: number, toUs: number): Promise<EncodedTally> {
    await this.#drain(owed, toUs);
    await sleep(lingerMs);
    this.#recorder.stop();
    const { ledger } = this.#recorder;
    const { bytesIn, bytesOut } = this.#readTraffic(this.#share.port);
    this.tally.bytesIn = bytesIn - this.#trafficAtStart.bytesIn;
    this.tally.bytesOut = bytesOut - this.#trafficAtStart.bytesOut;
    this.tally.delivered = ledger.delivered;
    this.tally.missing = ledger.missing;
    this.tally.expected = ledger.expectedSum();
    for (const connection of this.#connections) connection?.close();
    return this.tally.encode();
  }

  #senders(): Sender[] {
    const { first, stride, count } = this.#share.senders;
    return this.#connections
      .slice(0, count)
      .flatMap((connection, i) => (connection ? [new Sender(connection, i, first + i * stride)] : []));
  }

  #drain(owed: number, toUs: number): Promise<void> {
    return new Promise((done) => {
      const check = (): void => {
        const nowUs = this.#clock.nowUs();
        if (this.#recorder.ledger.delivered >= owed || nowUs >= toUs) done();
        else this.#wake.at(Math.min(nowUs + drainPollUs, toUs), check);
      };
      check();
    });
  }
}
