/** How the connections of a wire client share one template: order, joined writes, and bytes that must stay as they are. */

import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { blankMessage, Header, headerBytes, readHeader } from '../dist/core/payload/message.js';
import { maskByte, opcodes } from '../dist/runners/clients/websocket/frame.js';
import { FrameTemplate } from '../dist/runners/clients/websocket/frame-template.js';
import { Outbox } from '../dist/runners/clients/websocket/outbox.js';

const frameBytes = 6 + headerBytes;

/** A socket whose kernel takes everything at once, or nothing at all. */
class FakeSocket {
  readonly writes: Buffer[] = [];
  /** The very buffers that were handed over. */
  readonly handed: Buffer[] = [];
  writableLength = 0;
  takes = true;

  write(bytes: Buffer): void {
    this.handed.push(bytes);
    this.writes.push(this.takes ? Buffer.from(bytes) : bytes);
    if (!this.takes) this.writableLength += bytes.length;
  }
  /** The sequence numbers of each write: as they were when the kernel took them, as they are now when it did not. */
  get sequences(): number[][] {
    const header = new Header();
    return this.writes.map((bytes) =>
      Array.from({ length: bytes.length / frameBytes }, (_, i) => {
        const frame = bytes.subarray(i * frameBytes + 6, (i + 1) * frameBytes).map((byte) => byte ^ maskByte);
        return readHeader(frame, 0, header) ? header.sequence : -1;
      }),
    );
  }
}

const outbox = (): Outbox =>
  new Outbox(new FrameTemplate([{ opcode: opcodes.text, payload: blankMessage(headerBytes), headerAt: 0 }]));

function add(box: Outbox, socket: FakeSocket, sequence: number): void {
  box.add(socket as unknown as Socket, 0, sequence, 0, 0, true);
}
const flush = (box: Outbox, socket: FakeSocket): void => box.flush(socket as unknown as Socket);

describe('the outbox', () => {
  it('joins all messages of a socket in one write, and writes nothing without being told to', () => {
    const box = outbox();
    const socket = new FakeSocket();
    for (let i = 0; i < 5; i++) add(box, socket, i);
    expect(socket.writes).toEqual([]);
    flush(box, socket);
    flush(box, socket);
    expect(socket.sequences).toEqual([[0, 1, 2, 3, 4]]);
  });

  it('writes when it is full', () => {
    const box = outbox();
    const socket = new FakeSocket();
    for (let i = 0; i < 65; i++) add(box, socket, i);
    expect(socket.writes.map((bytes) => bytes.length)).toEqual([64 * frameBytes]);
  });

  it('writes what one socket has queued before it serves another', () => {
    const box = outbox();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    add(box, a, 1);
    add(box, a, 2);
    add(box, b, 3);
    expect(a.sequences).toEqual([[1, 2]]);
    flush(box, a);
    expect(b.writes).toEqual([]);
    flush(box, b);
    expect(b.sequences).toEqual([[3]]);
  });

  it('never changes bytes that the kernel has not taken', () => {
    const box = outbox();
    const socket = new FakeSocket();
    socket.takes = false;
    for (let i = 0; i < 4; i++) {
      add(box, socket, i);
      flush(box, socket);
    }
    expect(socket.sequences).toEqual([[0], [1], [2], [3]]);
  });

  it('reuses the same bytes as long as the kernel takes them', () => {
    const box = outbox();
    const socket = new FakeSocket();
    add(box, socket, 0);
    flush(box, socket);
    add(box, socket, 1);
    flush(box, socket);
    expect(socket.handed[0]).toBe(socket.handed[1]);
  });

  it('forgets what was queued for a socket that is gone', () => {
    const box = outbox();
    const [gone, other] = [new FakeSocket(), new FakeSocket()];
    add(box, gone, 1);
    box.drop(gone as unknown as Socket);
    flush(box, gone);
    add(box, other, 2);
    box.drop(gone as unknown as Socket);
    flush(box, other);
    expect(gone.writes).toEqual([]);
    expect(other.sequences).toEqual([[2]]);
  });
});
