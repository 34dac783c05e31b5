/** Outbox: queues the messages of all connections of a client in one template, which serves one socket at a time. */

import type { Socket } from 'node:net';
import type { MessageTemplate } from './frame-template.js';

export class Outbox {
  #socket: Socket | undefined;
  #queued = 0;

  constructor(private readonly template: MessageTemplate) {}

  /** Queues one message for `socket`; what was queued for another one leaves first. */
  add(socket: Socket, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    if (this.#queued === this.template.slots || this.#socket !== socket) {
      this.#write();
      this.#socket = socket;
    }
    this.template.write(this.#queued++, sender, sequence, dueUs, sentUs, measured);
  }

  /** Writes what is queued for `socket`. */
  flush(socket: Socket): void {
    if (this.#socket === socket) this.#write();
  }

  /** Forgets `socket` and what is queued for it. */
  drop(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#queued = 0;
  }

  #write(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#queued === 0) return;
    const view = this.template.view(this.#queued);
    this.#queued = 0;
    if (socket.writableLength > 0) {
      // The reader is slow already and Node will keep these bytes: give it its own.
      socket.write(Buffer.from(view));
      return;
    }
    socket.write(view);
    // Almost always the kernel took it all at once. If not, Node still refers to these bytes: never write to them again.
    if (socket.writableLength > 0) this.template.renew();
  }
}
