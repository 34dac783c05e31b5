/** Owns one worker's dealings with one server: its connections, the load over them, and the books of both. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection, Inbox } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import { isSilent, isStorm, measuresConnecting } from '../../core/kind.js';
import { type EncodedTally, Tally } from '../../core/measure/tally.js';
import { scheduleOf } from '../../core/schedule.js';
import { connectionNumber, type Share } from '../../core/share.js';
import { ConnectionChurn } from '../episodes/connection-churn.js';
import { Returns } from '../episodes/reconnection.js';
import { firstSlowReceiver, pauseDuring } from '../episodes/slow-readers.js';
import type { ReadSocketBytes, SocketBytes } from '../machine/socket-bytes.js';
import { clientOf } from './client-of-share.js';
import { ConnectLoop } from './connection-storm.js';
import { enterOwed, sentByRoom } from './expected-deliveries.js';
import { faultyInbox, faultyTally } from './fault-injection.js';
import { FirstMessages } from './first-messages.js';
import { LoadLoop } from './load-loop.js';
import { Opener } from './opener.js';
import { openConnections } from './ramp.js';
import { Recorder } from './recorder.js';
import { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';
import { notYet, type Window } from './window.js';

/** After the last delivery owed, wait for so long for what nobody is owed: duplicates. */
const lingerMs = 50;
const drainPollUs = 1_000;

export class WorkerLoad {
  readonly tally = faultyTally(new Tally());
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #timer: LoadTimer;
  readonly #readSocketBytes: ReadSocketBytes;
  readonly #recorder: Recorder;
  readonly #opener: Opener;
  readonly #visitors: ConnectionChurn | undefined;
  readonly #returns: Returns | undefined;
  /** By receiver; of those that have sent or are to send. */
  readonly #senders = new Map<number, Sender>();
  #connections: (Connection | undefined)[] = [];
  #bytesAtStart: SocketBytes = { bytesIn: 0, bytesOut: 0 };
  #window: Window = notYet;
  readonly #undo: (() => void)[] = [];

  private constructor(
    share: Share,
    clock: Clock,
    timer: LoadTimer,
    readSocketBytes: ReadSocketBytes,
    clientFor: (inbox: Inbox) => Client,
  ) {
    const { tally } = this;
    const { workload } = share;
    this.#share = share;
    this.#clock = clock;
    this.#timer = timer;
    this.#readSocketBytes = readSocketBytes;
    this.#recorder = new Recorder(share, timer, tally);
    const client = clientFor(faultyInbox(this.#recorder));
    const { visitors, outage, connect } = workload;
    if (measuresConnecting(workload)) {
      const first = new FirstMessages(tally, connect.timeoutMs);
      this.#recorder.firstMessages = first;
      this.#undo.push(() => first.stop());
      this.#opener = new Opener(client, share, clock, tally, (receiver, connection, dueUs, startedUs) => {
        const sender = this.#enlist(receiver, connection);
        this.#recorder.enroll(sender);
        return first.prove(sender, dueUs, startedUs, this.#window);
      });
    } else this.#opener = new Opener(client, share, clock, tally, undefined);
    this.#visitors = visitors && new ConnectionChurn(clientFor, share, visitors, clock, tally);
    this.#returns = outage && new Returns(this.#opener, share, clock, tally, this.#connections);
    this.#recorder.absences = this.#returns?.absences;
  }

  /** Everything that is decided before the first connection. */
  static async prepare(
    share: Share,
    clock: Clock,
    timer: LoadTimer,
    readSocketBytes: ReadSocketBytes,
  ): Promise<WorkerLoad> {
    return new WorkerLoad(share, clock, timer, readSocketBytes, await clientOf(share, clock));
  }

  get connectionsLost(): number {
    return this.#recorder.connectionsLost;
  }

  /** Opens its connections, unless opening them is the load. */
  async connect(): Promise<void> {
    if (!isStorm(this.#share.workload.kind))
      await openConnections(this.#opener, this.#share, this.#clock, this.#connections);
    this.#bytesAtStart = this.#readSocketBytes(this.#share.port);
  }

  /**
   * Sends through each of the windows in turn.
   * @param ended see `LoadLoop.run`. @returns messages sent, by room; where connections are the load, those begun, which
   * may send theirs yet.
   */
  async send(windows: readonly Window[], ended?: (place: number) => void): Promise<number[]> {
    this.#window = windows[0]!;
    this.#beginEpisodes(this.#window);
    if (isStorm(this.#share.workload.kind)) {
      await this.#storm(this.#window);
      return [this.#share.connections];
    }
    const senders = this.#sendersInOrder();
    const loop = new LoadLoop(this.#share, this.#clock, this.#timer, senders, this.#recorder, this.tally);
    await loop.run(windows, ended);
    return sentByRoom(this.#share.workload, senders);
  }

  /** Waits for the `owed` deliveries, until `toUs` at most, closes the books and every connection. */
  async finish(owed: number, toUs: number): Promise<EncodedTally> {
    await this.#drain(owed, toUs);
    const { bytesIn, bytesOut } = this.#readSocketBytes(this.#share.port);
    this.tally.bytesIn = bytesIn - this.#bytesAtStart.bytesIn;
    this.tally.bytesOut = bytesOut - this.#bytesAtStart.bytesOut;
    await sleep(lingerMs);
    this.#recorder.stop();
    this.#opener.end();
    for (const undo of this.#undo) undo();
    enterOwed(this.tally, this.#share.workload, [...this.#senders.values()]);
    const { tracker } = this.#recorder;
    this.tally.delivered = tracker.delivered;
    this.tally.missing = tracker.missing;
    this.tally.expected = tracker.expectedSum();
    for (const connection of this.#connections) connection?.close();
    return this.tally.encode();
  }

  /** What happens besides the load, each at its time in the window. */
  #beginEpisodes(window: Window): void {
    const { workload } = this.#share;
    if (workload.slowReaders) {
      const slow = this.#connections.slice(firstSlowReceiver(this.#share)).filter((one) => one !== undefined);
      this.#undo.push(pauseDuring(window, slow, this.#clock));
    }
    if (this.#visitors) {
      this.#visitors.start(window);
      this.#undo.push(() => this.#visitors?.end());
    }
    if (this.#returns) {
      this.#returns.start(window);
      this.#undo.push(() => this.#returns?.end());
    }
    // What opening them took is not what holding them takes.
    if (isSilent(workload.kind))
      setTimeout(
        () => {
          this.#bytesAtStart = this.#readSocketBytes(this.#share.port);
        },
        (window.measureFromUs - this.#clock.nowUs()) / 1000,
      );
  }

  /** Opens every connection when it is due; each sends its one message. */
  #storm(window: Window): Promise<void> {
    const { load } = this.#share.workload;
    if (load.model !== 'open') throw new Error('connections are opened on a schedule: the load must be open');
    const { senders, seed, connections } = this.#share;
    const schedule = scheduleOf(load, senders, seed);
    this.#recorder.start([]);
    this.#recorder.measure(window);
    const open = async (receiver: number, dueUs: number): Promise<void> => {
      this.#connections[receiver] = await this.#opener.open(receiver, dueUs);
      if (this.#senders.has(receiver)) return;
      // It never came to its message, which was called for all the same.
      this.tally.scheduled++;
      this.tally.dropped++;
      if (dueUs >= window.measureFromUs) this.tally.measuredScheduled++;
    };
    const begin = (receiver: number, dueUs: number): void => void open(receiver, dueUs);
    const loop = new ConnectLoop(this.#clock, this.#timer, schedule, connections, begin, this.tally);
    return new Promise((done) => loop.run(window, done));
  }

  #sendersInOrder(): Sender[] {
    const { count } = this.#share.senders;
    return this.#connections
      .slice(0, count)
      .flatMap((connection, receiver) => (connection ? [this.#enlist(receiver, connection)] : []));
  }

  /** The sender of a connection: the same one from its first message on. */
  #enlist(receiver: number, connection: Connection): Sender {
    const known = this.#senders.get(receiver);
    if (known) return known;
    const sender = new Sender(connection, receiver, connectionNumber(this.#share, receiver));
    this.#senders.set(receiver, sender);
    return sender;
  }

  #drain(owed: number, toUs: number): Promise<void> {
    return new Promise((done) => {
      const check = (): void => {
        const nowUs = this.#clock.nowUs();
        if (this.#recorder.tracker.delivered >= owed || nowUs >= toUs) done();
        else this.#timer.at(Math.min(nowUs + drainPollUs, toUs), check);
      };
      check();
    });
  }
}
