/** One worker's load on one server: its connections, what is sent over them, and the account of what arrived. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../core/client.js';
import { isSilent, isStorm, measuresConnecting } from '../../core/kind.js';
import { type EncodedTally, Tally } from '../../core/measure/tally.js';
import { type Clock, msUntil, notYet, scheduleOf, type Window } from '../../core/schedule.js';
import {
  type CutSender,
  connectionNumber,
  type KillAccount,
  owe,
  owesUnknown,
  roomOf,
  type Share,
  sentByRoom,
} from '../../core/share.js';
import type { ReadSocketBytes, SocketBytes } from '../machine/socket-bytes.js';
import { openWhenDue } from './connection-storm.js';
import type { Disconnections, Episode, EpisodesOf } from './episode.js';
import { faultyInbox, faultyTally } from './fault-injection.js';
import { LoadLoop } from './load-loop.js';
import { type ClientFor, FirstMessages, Opener, type Prove } from './opener.js';
import { Recorder } from './recorder.js';
import { countDropped, Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';

/** After the last delivery owed, wait for so long for what is owed to nobody: duplicates. */
const lingerMs = 50;
/** Longer than a timer spins, so that the thread sleeps between messages where it waits for what may never come. */
const drainPollUs = 10_000;

export class WorkerLoad {
  readonly tally = faultyTally(new Tally());
  readonly #firstMessages: FirstMessages | undefined;
  readonly #episodes: readonly Episode[];
  readonly #disconnections: Disconnections | undefined;
  readonly #recorder: Recorder;
  readonly #opener: Opener;
  /** By receiver; of those that have sent or are to send. */
  readonly #senders = new Map<number, Sender>();
  #bytesAtStart: SocketBytes = { bytesIn: 0, bytesOut: 0 };
  #window = notYet;

  /** Decides everything that is decided before the first connection. */
  constructor(
    private readonly share: Share,
    private readonly clock: Clock,
    private readonly timer: LoadTimer,
    private readonly readSocketBytes: ReadSocketBytes,
    clientFor: ClientFor,
    episodesOf: EpisodesOf,
  ) {
    const { tally } = this;
    const { workload } = share;
    const first = measuresConnecting(workload) ? new FirstMessages(workload.connect.timeoutMs) : undefined;
    const connections = {
      from: (receiver: number) => this.#opener.connections.slice(receiver).filter((one) => one !== undefined),
      end: () => this.#opener.closeAll(),
      reopen: (receiver: number) => this.#reopen(receiver),
    };
    this.#firstMessages = first;
    this.#episodes = episodesOf(share, clock, tally, connections, clientFor);
    this.#disconnections = this.#episodes.find((episode) => episode.disconnections)?.disconnections;
    this.#recorder = new Recorder(share, timer, tally, first, this.#disconnections, clock.nowUs());
    const prove: Prove | undefined =
      first &&
      ((receiver, connection, dueUs, startedUs) => {
        const sender = this.#enlist(receiver, connection);
        this.#recorder.enroll(sender);
        return first.prove(sender, dueUs, startedUs, this.#window);
      });
    this.#opener = new Opener(clientFor(faultyInbox(this.#recorder)), share, clock, tally, prove);
  }

  get connectionsLost(): number {
    return this.#recorder.connectionsLost;
  }

  /** Senders that an outage has cut off so far. */
  get cutOff(): CutSender[] {
    const all = this.#disconnections;
    const cut = [...this.#senders.values()].filter(({ receiver }) => all?.wasLost(receiver));
    return cut.map(({ index, receiver, sent, sentBefore }) => ({
      index,
      sent: all?.isAway(receiver) ? sent : sentBefore,
    }));
  }

  /** Opens its connections, unless opening them is the load. */
  async connect(): Promise<void> {
    if (!isStorm(this.share.workload.kind)) await this.#opener.openAll();
    this.#readBytesAtStart();
  }

  /**
   * Sends through each of the windows in turn.
   * @param ended see `LoadLoop.run`. @returns messages sent, by room; where connections are the load, those begun, which
   * may send theirs yet.
   */
  async send(windows: readonly Window[], ended?: (place: number) => void): Promise<number[]> {
    const [window = notYet] = windows;
    this.#window = window;
    for (const episode of this.#episodes) episode.begin(window);
    const { workload, senders: slice, seed, connections } = this.share;
    // What opening the connections took is not what holding them takes.
    if (isSilent(workload.kind)) setTimeout(() => this.#readBytesAtStart(), msUntil(window.measureFromUs, this.clock));
    if (isStorm(workload.kind)) {
      await this.#storm(window);
      return [connections];
    }
    const senders = this.#sendersInOrder();
    const loop = new LoadLoop(workload.load, slice, seed, this.clock, this.timer, senders, this.#recorder, this.tally);
    await loop.run(windows, ended);
    return sentByRoom(workload, senders);
  }

  /**
   * Waits for the `owed` deliveries and for those that come back, until `toUs` at most, counts what was owed and came, and closes every connection.
   * @param kill where a process of the server was killed.
   */
  async finish(owed: number, toUs: number, kill?: KillAccount): Promise<EncodedTally> {
    await this.#drain(owed, toUs);
    const { tally } = this;
    const { workload, port } = this.share;
    const { bytesIn, bytesOut } = this.readSocketBytes(port);
    tally.bytesIn = bytesIn - this.#bytesAtStart.bytesIn;
    tally.bytesOut = bytesOut - this.#bytesAtStart.bytesOut;
    await sleep(lingerMs);
    this.#recorder.stop();
    this.#opener.end();
    this.#firstMessages?.stop();
    for (const episode of this.#episodes) episode.end();
    for (const sender of this.#senders.values()) owe(tally, workload, sender);
    const { tracker } = this.#recorder;
    tally.delivered = tracker.delivered;
    tally.missing = tracker.missing;
    tally.expected = tracker.expectedSum();
    if (owesUnknown(workload)) oweWhatCame(tally);
    if (kill) this.#countOthers(kill);
    this.#opener.closeAll();
    return tally.encode();
  }

  /** What those lost who kept their connections: each is owed what was sent in its room, and hears the senders of it. */
  #countOthers({ cutOff, sentByRoom }: KillAccount): void {
    const { tally } = this;
    const { tracker } = this.#recorder;
    const { connections } = this.share;
    const rooms = sentByRoom.length;
    for (let receiver = 0; receiver < connections; receiver++) {
      if (this.#disconnections?.wasLost(receiver)) continue;
      const room = roomOf(connectionNumber(this.share, receiver), rooms);
      const lost = (sentByRoom[room] ?? 0) - tracker.deliveredTo(receiver);
      const heard = cutOff.filter(({ index }) => roomOf(index, rooms) === room);
      const inside = heard.reduce(
        (sum, { index, sent }) => sum + tracker.missingBelow(receiver, Math.floor(index / rooms), sent),
        0,
      );
      tally.lostInside += inside;
      tally.lostByOthers += lost - inside;
    }
  }

  async #reopen(receiver: number): Promise<void> {
    await this.#opener.reopen(receiver);
    const connection = this.#opener.connections[receiver];
    if (connection) this.#senders.get(receiver)?.reconnect(connection);
  }

  #readBytesAtStart(): void {
    this.#bytesAtStart = this.readSocketBytes(this.share.port);
  }

  /** Opens every connection when it is due; each sends its one message. */
  #storm(window: Window): Promise<void> {
    const { load } = this.share.workload;
    if (load.model !== 'open') throw new Error('connections are opened on a schedule: the load must be open');
    const { senders, seed, connections } = this.share;
    const schedule = scheduleOf(load, senders, seed);
    this.#recorder.start([]);
    this.#recorder.measure(window);
    const open = async (receiver: number, dueUs: number): Promise<void> => {
      await this.#opener.open(receiver, dueUs);
      // Where the connection failed, its message was due all the same.
      if (!this.#senders.has(receiver)) countDropped(this.tally, dueUs >= window.measureFromUs);
    };
    const begin = (receiver: number, dueUs: number): void => void open(receiver, dueUs);
    return openWhenDue(this.clock, this.timer, schedule, window, connections, begin, this.tally.sendLag);
  }

  #sendersInOrder(): Sender[] {
    const own = this.#opener.connections.slice(0, this.share.senders.count);
    const through = this.#episodes.find(({ senders }) => senders)?.senders ?? own;
    return through.flatMap((connection, receiver) => (connection ? [this.#enlist(receiver, connection)] : []));
  }

  /** The sender of a connection: the same one from its first message on. */
  #enlist(receiver: number, connection: Connection): Sender {
    const known = this.#senders.get(receiver);
    if (known) return known;
    const sender = new Sender(connection, receiver, connectionNumber(this.share, receiver), this.tally);
    this.#senders.set(receiver, sender);
    return sender;
  }

  #drain(owed: number, toUs: number): Promise<void> {
    return new Promise((done) => {
      const check = (): void => {
        const nowUs = this.clock.nowUs();
        const isComplete = this.#recorder.tracker.delivered >= owed && !this.#disconnections?.away;
        if (isComplete || nowUs >= toUs) done();
        else this.timer.at(Math.min(nowUs + drainPollUs, toUs), check);
      };
      check();
    });
  }
}

/** Nothing is said of loss: what was skipped may have been for others. */
function oweWhatCame(tally: Tally): void {
  tally.owed = tally.delivered;
  tally.expected = tally.delivered;
  tally.missing = 0;
  tally.measuredOwed = tally.measuredDelivered;
}
