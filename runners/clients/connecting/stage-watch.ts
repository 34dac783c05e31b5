/** Watches a library open a connection: when each stage ends, and what it has cost by then. */

import type { ConnectStage, ConnectStages, Opened } from '../../../core/client.js';
import type { Clock } from '../../../core/schedule.js';
import type { StageCost } from '../../../core/stored-value.js';
import type { WatchedSocket } from './watched-socket.js';

export class StageWatch {
  readonly #startedUs: number;
  readonly #stagesUs: ConnectStages = { ready: 0 };
  readonly #costs: Partial<Record<ConnectStage, StageCost>> = {};
  /** Every TCP connection so far; emptied when watching ends. */
  #sockets: WatchedSocket[] = [];
  #isOver = false;

  constructor(private readonly clock: Clock) {
    this.#startedUs = clock.nowUs();
  }

  /** Time since it began. */
  get passedUs(): number {
    return this.clock.nowUs() - this.#startedUs;
  }

  /** A TCP connection that is about to be opened is part of this one. */
  watch(socket: WatchedSocket): void {
    if (this.#isOver) return;
    this.#sockets.push(socket);
    socket.startCounting();
    socket.once('connect', () => this.#end('tcp', { roundTrips: 1, bytesIn: 0, bytesOut: 0 }));
  }

  /** Only the first end of a stage counts. */
  end(stage: ConnectStage): void {
    this.#end(stage, this.#cost());
  }

  has(stage: ConnectStage): boolean {
    return this.#costs[stage] !== undefined;
  }

  /** The stages that have ended. */
  get soFar(): Pick<Opened, 'stagesUs' | 'costs'> {
    return { stagesUs: this.#stagesUs, costs: this.#costs };
  }

  /** Ends the watch: the connection is ready with the stage that has just ended; without one, now. */
  readyWith(stage?: ConnectStage): Pick<Opened, 'stagesUs' | 'costs'> {
    this.#end('ready', this.#cost());
    if (stage) this.#stagesUs.ready = this.#stagesUs[stage] ?? this.#stagesUs.ready;
    this.stop();
    return { stagesUs: this.#stagesUs, costs: this.#costs };
  }

  stop(): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.stopCounting();
    this.#sockets = [];
  }

  #end(stage: ConnectStage, cost: StageCost): void {
    if (this.#isOver || this.has(stage)) return;
    this.#stagesUs[stage] = this.clock.nowUs() - this.#startedUs;
    this.#costs[stage] = cost;
  }

  #cost(): StageCost {
    let [roundTrips, bytesIn, bytesOut] = [0, 0, 0];
    for (const socket of this.#sockets) {
      roundTrips += socket.roundTrips;
      bytesIn += socket.bytesRead;
      // What was written before there is a connection has not gone out.
      if (!socket.connecting) bytesOut += socket.bytesWritten;
    }
    return { roundTrips, bytesIn, bytesOut };
  }
}
