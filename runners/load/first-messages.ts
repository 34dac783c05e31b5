/**
 * Owns the first message of each connection, where opening ends with it: that a handshake succeeded does not prove that
 * messages get through.
 */

import type { Tally } from '../../core/measure/tally.js';
import type { Sender } from './sender.js';
import type { Window } from './window.js';

interface Waiting {
  readonly resolve: (receivedUs: number) => void;
  readonly reject: (error: Error) => void;
}

export class FirstMessages {
  readonly #tally: Tally;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();

  constructor(tally: Tally, timeoutMs: number) {
    this.#tally = tally;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends the first message over a connection that has just been opened.
   * @param startedUs when the opening began: that is when the message is said to have been sent.
   * @returns when it came back. @throws Error whose message is an error class.
   */
  async prove(sender: Sender, dueUs: number, startedUs: number, window: Window): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#waiting.set(sender.receiver, { resolve, reject });
        timer = setTimeout(() => reject(new Error('connect:no-first-message')), this.#timeoutMs);
        if (!sender.send(dueUs, startedUs, window, this.#tally)) reject(new Error('connect:first-message-not-sent'));
        sender.connection.flush();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(sender.receiver);
    }
  }

  arrived(receiver: number, receivedUs: number): void {
    this.#waiting.get(receiver)?.resolve(receivedUs);
  }

  /** @returns whether the connection was still waiting for its first message, so that its opening has failed. */
  closed(receiver: number): boolean {
    const waiting = this.#waiting.get(receiver);
    waiting?.reject(new Error('connect:closed-before-first-message'));
    return waiting !== undefined;
  }

  /** Opening that is still going on ends now. */
  stop(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('connect:timeout'));
  }
}
