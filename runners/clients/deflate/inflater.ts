/**
 * Inflates the messages that one connection receives (RFC 7692 §7.2.2), at once, so that a message has been delivered when
 * the next one is read. With a window that outlives a message `zlib` of Node.js does that in public only if it is given the
 * window anew for each (13 µs for one of 128 bytes, 46 µs for 1 KiB, against 1 and 4 µs). Its streams have had a synchronous
 * way since Node.js 11, undeclared, which `pngjs` and others rely on. It gives every byte that zlib gives, and zlib's checks.
 * One of them is missing there too: a reference within a message may go beyond the window that was agreed upon.
 */

import { constants, createInflateRaw, type InflateRaw } from 'node:zlib';

/** `writeSync` leaves in `_writeState` how many bytes of output are free and how many of input are left over. */
interface SynchronousStream extends InflateRaw {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Buffer,
      inputAt: number,
      inputBytes: number,
      output: Buffer,
      outputAt: number,
      outputBytes: number,
    ): void;
  };
  readonly _writeState: Uint32Array;
}

export type InflateFailure = 'frame:bad-deflate' | 'frame:too-large';

/** What every message leaves out at its end (§7.2.1), and one byte more, which the message must not reach. */
const tail = Buffer.of(0x00, 0x00, 0xff, 0xff, 0x00);
const bytesBeyondTail = 1;
/** We bring our own output; a stream allocates this much of its own. */
const leastChunkBytes = 64;

/** Output of whoever inflates in this thread: lent until the next message. */
let output = Buffer.allocUnsafeSlow(64 * 1024);

/** Streams that keep nothing from one message to the next serve all connections of a thread; by window bits. */
const shared = new Map<number, SynchronousStream>();

function newStream(windowBits: number): SynchronousStream {
  const stream = createInflateRaw({ windowBits, chunkSize: leastChunkBytes });
  // A bad stream is seen by its being destroyed; unheard, the event would end the thread.
  stream.on('error', () => {});
  return stream as SynchronousStream;
}

export class Inflater {
  /** With the window of this connection; made with its first message, as many connections never have one. */
  #own: SynchronousStream | undefined;
  /** Bytes in `output` of the message being inflated. */
  #length = 0;

  /** @param takesOver whether messages may refer to earlier ones. @param mostBytes of one message when inflated. */
  constructor(
    private readonly windowBits: number,
    private readonly takesOver: boolean,
    private readonly mostBytes: number,
  ) {}

  /** Holds the last message that was inflated, from its start. */
  get output(): Buffer {
    return output;
  }

  /**
   * Inflates one message, `bytes` from `start` to before `end`, into `output`.
   * @returns its length, or what is wrong with it; then the connection must fail, and nothing more may be inflated.
   */
  inflate(bytes: Buffer, start: number, end: number): number | InflateFailure {
    const stream = this.#stream();
    this.#length = 0;
    let left = end - start;
    do {
      if (this.#length === output.length) this.#enlargeOutput();
      left = this.#write(stream, constants.Z_SYNC_FLUSH, bytes, end - left, end);
      if (stream.destroyed || this.#length > this.mostBytes) return this.#failure(stream);
      // There was room for more, so the last block of a deflate stream has ended: the server has begun another (§7.2.3.4).
      if (left > 0 && this.#length < output.length) stream.reset();
    } while (left > 0 || this.#length === output.length);
    const length = this.#length;
    // A block ends exactly where the tail does. A message that was cut takes the tail for its data, and more than that.
    left = this.#write(stream, constants.Z_BLOCK, tail, 0, tail.length);
    if (stream.destroyed || left !== bytesBeyondTail || this.#length > length) return this.#failure(stream);
    if (!this.takesOver) stream.reset();
    return length;
  }

  /** Frees the window. */
  close(): void {
    this.#own?.close();
    this.#own = undefined;
  }

  #stream(): SynchronousStream {
    if (this.takesOver) {
      this.#own ??= newStream(this.windowBits);
      return this.#own;
    }
    const known = shared.get(this.windowBits);
    if (known) return known;
    const made = newStream(this.windowBits);
    shared.set(this.windowBits, made);
    return made;
  }

  /** @returns the bytes of input that are left over, because the output is full or a block has ended. */
  #write(stream: SynchronousStream, flush: number, bytes: Buffer, start: number, end: number): number {
    const { _handle, _writeState } = stream;
    _handle.writeSync(flush, bytes, start, end - start, output, this.#length, output.length - this.#length);
    if (stream.destroyed) return 0;
    const [free = 0, left = 0] = _writeState;
    this.#length = output.length - free;
    return left;
  }

  #enlargeOutput(): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * output.length, Math.max(output.length, this.mostBytes) + 1));
    output.copy(larger);
    output = larger;
  }

  #failure(stream: SynchronousStream): InflateFailure {
    if (!this.takesOver) shared.delete(this.windowBits);
    stream.close();
    return this.#length > this.mostBytes ? 'frame:too-large' : 'frame:bad-deflate';
  }
}
