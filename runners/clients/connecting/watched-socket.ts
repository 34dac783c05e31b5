/**
 * TCP socket that a library is given instead of Node's own: it can count its round trips while a connection is opened,
 * and its reading can be held whatever the library asks for meanwhile.
 */

import { channel } from 'node:diagnostics_channel';
import { Socket, type SocketConstructorOpts } from 'node:net';

/** Where Node announces the sockets that its own `connect` makes; see `socket-bytes.ts`. */
const announcements = channel('net.client.socket');

type Written = (error?: Error | null) => void;

export class WatchedSocket extends Socket {
  #counting = false;
  #roundTrips = 0;
  #awaitsAnswer = false;
  #bytesReadAtWrite = 0;
  #held = false;
  /** Whether whoever reads wants to go on reading: true unless it has paused. */
  #wanted = true;

  /** @param options also those of `connect` that Node looks for here, such as `noDelay`. */
  constructor(options?: object) {
    super(options as SocketConstructorOpts | undefined);
    announcements.publish({ socket: this });
  }

  /** Counts round trips from now on; to be called before the socket is connected. */
  startCounting(): void {
    this.#counting = true;
    this.once('connect', () => {
      this.#roundTrips++;
    });
  }

  stopCounting(): void {
    this.#counting = false;
  }

  /** Times that something came in after something had gone out; the handshake of TCP is the first. */
  get roundTrips(): number {
    this.#settle();
    return this.#roundTrips;
  }

  /** Reads no more, even when asked to: Node's HTTP client resumes a socket that it wants the rest of a response from. */
  hold(): void {
    this.#held = true;
    super.pause();
  }

  release(): void {
    this.#held = false;
    if (this.#wanted) super.resume();
  }

  override pause(): this {
    this.#wanted = false;
    return super.pause();
  }

  override resume(): this {
    this.#wanted = true;
    return this.#held ? this : super.resume();
  }

  // Not `write`: Node's `connect` puts its own in place of another.
  override _write(bytes: unknown, encoding: BufferEncoding, written: Written): void {
    if (this.#counting) this.#goesOut();
    super._write(bytes, encoding, written);
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    if (this.#counting) this.#goesOut();
    super._writev!(chunks, written);
  }

  #goesOut(): void {
    this.#settle();
    this.#bytesReadAtWrite = this.bytesRead;
    this.#awaitsAnswer = true;
  }

  #settle(): void {
    if (!this.#awaitsAnswer || this.bytesRead === this.#bytesReadAtWrite) return;
    this.#awaitsAnswer = false;
    this.#roundTrips++;
  }
}
