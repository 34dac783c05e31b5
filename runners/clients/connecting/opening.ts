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
import type { StageWatch } from './stage-watch.js';

export class Opening {
  readonly #startedUs: number;
  readonly #stagesUs: ConnectStages = { ready: 0 };
  readonly #costs: Partial<Record<ConnectStage, StageCost>> = {};
  #roundTrips = 0;
  /** From the start: the first packet of TCP goes out at once. */
  #awaitsAnswer = true;

  constructor(
    private readonly clock: Clock,
    private readonly resolve: (opened: Opened) => void,
    private readonly reject: (error: Error) => void,
    private readonly timeout: NodeJS.Timeout,
    /** Where other TCP connections belong to it, which were opened before: tells its stages. */
    private readonly watch?: StageWatch,
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
  reached(stage: ConnectStage, socket: Socket | undefined): void {
    if (this.watch) {
      this.watch.end(stage);
      return;
    }
    this.#stagesUs[stage] = this.clock.nowUs() - this.#startedUs;
    const { bytesRead: bytesIn = 0, bytesWritten: bytesOut = 0 } = socket ?? {};
    this.#costs[stage] = { roundTrips: this.#roundTrips, bytesIn, bytesOut };
  }

  succeed(connection: Connection): void {
    this.stop();
    const own = { stagesUs: this.#stagesUs, costs: this.#costs };
    this.resolve({ connection, ...(this.watch?.readyWith() ?? own) });
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

/** As the class of failure that a run has for it. */
export function failureOf(error: Error): ConnectError {
  if (error instanceof ConnectError) return error;
  const { code } = error as NodeJS.ErrnoException;
  // Node.js says so of a server that ends a connection before it has answered.
  if (error.message === 'socket hang up') return new ConnectError('connect:hung-up');
  return new ConnectError(code === 'ECONNRESET' || code === 'EPIPE' ? 'connect:reset' : `connect:${code ?? 'failed'}`);
}
