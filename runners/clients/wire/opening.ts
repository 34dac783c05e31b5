/** State that a wire connection needs only until it is ready to send; dropped then, because thousands may idle. */

import type { Socket } from 'node:net';
import {
  ConnectError,
  type Connection,
  type ConnectStage,
  type ConnectStages,
  type Opened,
} from '../../../core/client.js';
import type { Clock } from '../../../core/schedule.js';
import type { StageCost } from '../../../core/stored-value.js';
import type { Handshake } from './handshake.js';

export class Opening {
  readonly #startedUs: number;
  readonly #stagesUs: ConnectStages = { ready: 0 };
  readonly #costs: Partial<Record<ConnectStage, StageCost>> = {};
  #roundTrips = 0;
  /** From the start: the first packet of TCP goes out at once. */
  #awaitsAnswer = true;

  constructor(
    private readonly clock: Clock,
    readonly handshake: Handshake,
    private readonly resolve: (opened: Opened) => void,
    private readonly reject: (error: Error) => void,
    private readonly timeout: NodeJS.Timeout,
  ) {
    this.#startedUs = clock.nowUs();
  }

  wentOut(): void {
    this.#awaitsAnswer = true;
  }

  cameIn(): void {
    if (this.#awaitsAnswer) this.#roundTrips++;
    this.#awaitsAnswer = false;
  }

  /** A stage has ended, with what `socket` has carried so far. */
  reached(stage: ConnectStage, socket: Socket): void {
    this.#stagesUs[stage] = this.clock.nowUs() - this.#startedUs;
    const { bytesRead: bytesIn, bytesWritten: bytesOut } = socket;
    this.#costs[stage] = { roundTrips: this.#roundTrips, bytesIn, bytesOut };
  }

  succeed(connection: Connection): void {
    this.stop();
    this.resolve({ connection, stagesUs: this.#stagesUs, costs: this.#costs });
  }

  /** @param answer what the server said. */
  fail(errorClass: string, answer?: string): void {
    this.stop();
    this.reject(new ConnectError(errorClass, answer));
  }

  stop(): void {
    clearTimeout(this.timeout);
  }
}
