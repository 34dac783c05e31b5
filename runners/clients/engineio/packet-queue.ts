/** Packets that wait to be posted: messages of the trial and others, as long-polling carries them, bytes in base64. */

import type { MessagePool } from '../../../core/payload/message-pool.js';
import { opcodes } from '../websocket/frame.js';
import { ackIdWriter, type FrameOfMessage } from '../websocket/frame-template.js';

/** Between the packets of one request or response. */
export const packetSeparator = '\u001e';
/** A library queues as many before it refuses more. */
const mostPackets = 10_000;

const inBase64 = (bytes: Uint8Array): string => `b${Buffer.from(bytes).toString('base64')}`;

/** A message of the trial. */
export class PolledMessage {
  /** @param frames those that a WebSocket would carry. */
  constructor(
    private readonly frames: readonly FrameOfMessage[],
    private readonly pool: MessagePool,
  ) {}

  /** @returns its packets; times in us. */
  write(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): string {
    const message = this.pool.write(sender, sequence, dueUs, sentUs, measured);
    const packets = this.frames.map((frame) => {
      const { opcode, payload, headerAt, ackIdAt } = frame;
      const bytes = Buffer.from(payload);
      if (headerAt !== undefined) bytes.set(message, headerAt);
      if (ackIdAt !== undefined) ackIdWriter(frame)(bytes, ackIdAt, sequence, 0);
      return opcode === opcodes.text ? bytes.toString('utf8') : inBase64(bytes);
    });
    return packets.join(packetSeparator);
  }
}

export class PacketQueue {
  #packets: string[] = [];

  get isEmpty(): boolean {
    return this.#packets.length === 0;
  }

  get isFull(): boolean {
    return this.#packets.length > mostPackets;
  }

  /** @param packet several packets that belong together have the separator between them. */
  add(packet: string | Uint8Array): void {
    this.#packets.push(typeof packet === 'string' ? packet : inBase64(packet));
  }

  /** Takes the next packets as the body of a request: as many as fit, one at least. */
  take(mostBytes: number): string {
    let [bytes, taken] = [0, 0];
    for (const packet of this.#packets) {
      bytes += Buffer.byteLength(packet) + packetSeparator.length;
      if (taken > 0 && bytes - packetSeparator.length > mostBytes) break;
      taken++;
    }
    const body = this.#packets.slice(0, taken).join(packetSeparator);
    this.#packets = this.#packets.slice(taken);
    return body;
  }
}
