/** A user's own Socket.IO server through the real library: the events of one connection, what it joins and what it sends. */

import type { Socket } from 'socket.io-client';
import type { ClientSetup, OwnServer } from '../../../core/client.js';
import { answerClass } from '../../../core/exchange/answer.js';
import { type Json, withMessage } from '../../../core/exchange/placeholders.js';
import { isAcknowledged } from '../../../core/kind.js';
import { headerBytes, writeHeader } from '../../../core/payload/message.js';
import type { MessagePool } from '../../../core/payload/message-pool.js';
import { Joining } from './joining.js';
import { type OwnDeliveries, ownDeliveries } from './own-messages.js';
import { eventArgs } from './utterance-text.js';

/** What the recorder is given for an acknowledgement; one serves all connections. */
const acknowledged = new Uint8Array(headerBytes);

export class OwnEvents {
  readonly #messages: OwnDeliveries;

  constructor(
    private readonly setup: ClientSetup,
    private readonly own: OwnServer,
    private readonly pool: MessagePool,
  ) {
    this.#messages = ownDeliveries(setup, own);
  }

  /** Says what is to be said once; `done` is called after it. From then on, what comes goes to the inbox. */
  join(receiver: number, socket: Socket, done: () => void): Joining {
    const { exchange } = this.own.endpoint;
    const variables = this.own.variablesOf(receiver);
    const joining = new Joining(
      exchange.join,
      ({ say }, ackId) => {
        if (!('emit' in say)) return;
        const [name, ...args] = eventArgs(say, variables);
        if (say.ack) socket.emit(String(name), ...args, () => joining.acknowledged(ackId));
        else socket.emit(String(name), ...args);
      },
      done,
    );
    socket.onAny((name: string, ...args: unknown[]) => {
      if (joining.isDone) this.#happened(receiver, name, args);
      else joining.heard(name);
    });
    joining.next();
    return joining;
  }

  /** Makes what sends one message over the connection. */
  senderFor(receiver: number, socket: Socket) {
    const { inbox, clock, kind, ackTimeoutMs } = this.setup;
    const { send } = this.own.endpoint.exchange;
    if (send === undefined || !('emit' in send)) return () => {};
    const [name, ...filled] = eventArgs(send, this.own.variablesOf(receiver));
    return (sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void => {
      const message = this.pool.write(sender, sequence, dueUs, sentUs, measured).toString('latin1');
      const args = filled.map((arg: Json) => withMessage(arg, message));
      if (!send.ack) socket.emit(String(name), ...args);
      else if (!isAcknowledged(kind))
        socket.emit(String(name), ...args, () => inbox.other(receiver, 'acknowledgement'));
      else
        socket.timeout(ackTimeoutMs).emit(String(name), ...args, (error: Error | null, ...answer: unknown[]) => {
          if (error === null) {
            writeHeader(acknowledged, 0, 0, sender, sequence, dueUs, sentUs, measured);
            inbox.message(receiver, acknowledged, 0, headerBytes, clock.nowUs());
            inbox.other(receiver, answerClass(answer));
            inbox.endOfRead(receiver);
          } else if (socket.connected) inbox.error(receiver, 'ack-timeout');
        });
    };
  }

  #happened(receiver: number, name: string, args: readonly unknown[]): void {
    const { inbox, clock, kind } = this.setup;
    const receivedUs = clock.nowUs();
    const { receiveEvent = name } = this.own.endpoint.exchange;
    if (name !== receiveEvent || isAcknowledged(kind)) {
      inbox.other(receiver, name);
      return;
    }
    const text = Buffer.from(JSON.stringify(args) ?? '');
    this.#messages.deliver(receiver, text, 0, text.length, receivedUs);
    inbox.endOfRead(receiver);
  }
}
