/** Owns what a proxy that blocks WebSockets does to one client's connection; requests that are not upgrades pass. */

import type { Socket } from 'node:net';
import type { Blocking } from '../../core/scenario.js';
import { AnswerReader } from './answer-reader.js';
import { RequestReader } from './request-reader.js';
import { reset } from './reset.js';

const refusal = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

/** Stands between the client's requests and the server; what the server sends is piped past it. */
export class UpgradeGuard {
  readonly #blocking: Blocking;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #requests = new RequestReader();
  /** While it waits for the server's answer to an upgrade: a client has nothing to say before that (RFC 6455 §4.1). */
  #answer: AnswerReader | undefined;

  constructor(blocking: Blocking, client: Socket, server: Socket) {
    this.#blocking = blocking;
    this.#client = client;
    this.#server = server;
    client.on('data', this.#forward);
    client.on('end', () => server.end());
    server.on('drain', () => {
      if (this.#answer === undefined) client.resume();
    });
  }

  readonly #forward = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; ) {
      const step = this.#requests.read(bytes, at);
      if (step.type === 'malformed') {
        this.#dismiss(refusal('400 Bad Request'));
        return;
      }
      at = step.end;
      if (step.type === 'upgrade') {
        this.#block(step.bytes, bytes.subarray(at));
        return;
      }
      if (step.bytes.length > 0 && !this.#server.write(step.bytes)) this.#client.pause();
    }
  };

  /** @param rest what followed the head in the same read. */
  #block(head: Buffer, rest: Buffer): void {
    if (this.#blocking === 'refuse') this.#dismiss(refusal('403 Forbidden'));
    else if (this.#blocking === 'swallow') this.#dismiss();
    else this.#cut(head, rest);
  }

  /** The server is let go, and the client hears `answer` at most. */
  #dismiss(answer?: string): void {
    this.#server.destroy();
    this.#client.off('data', this.#forward);
    // What still comes is read and dropped: unread bytes would turn the end of the answer into a reset.
    this.#client.resume();
    this.#client.on('end', () => this.#client.end());
    if (answer !== undefined) this.#client.end(answer);
  }

  #cut(head: Buffer, rest: Buffer): void {
    this.#answer = new AnswerReader();
    this.#client.pause();
    if (rest.length > 0) this.#client.unshift(rest);
    // No client sends an upgrade before it has the answers to its earlier requests, so all of those have passed.
    this.#server.unpipe(this.#client);
    this.#server.on('data', this.#hear);
    this.#server.on('end', this.#hangUp);
    this.#server.resume();
    this.#server.write(head);
  }

  readonly #hear = (bytes: Buffer): void => {
    const answer = this.#answer!.read(bytes);
    if (answer === undefined) return;
    this.#server.off('data', this.#hear);
    this.#server.off('end', this.#hangUp);
    if (answer.type === 'malformed') {
      reset(this.#server);
      reset(this.#client);
    } else if (answer.type === 'switched') {
      reset(this.#server);
      this.#client.write(answer.bytes, () => reset(this.#client));
    } else {
      this.#answer = undefined;
      this.#client.write(answer.bytes);
      this.#server.pipe(this.#client);
      this.#client.resume();
    }
  };

  /** The server has ended without an answer. */
  readonly #hangUp = (): void => {
    this.#dismiss();
    this.#client.end();
  };
}
