/**
 * A million random and mutated inputs to what reads a server's bytes: it must not throw, hang or grow, and must see
 * what the reference implementations see. Seeded, so that a failure can be repeated.
 */

import { isUtf8 } from 'node:buffer';
import type { Writable } from 'node:stream';
import { Decoder } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { type Random, seededRandom } from '../dist/core/random.js';
import { parseSocketioPacket } from '../dist/runners/clients/socketio/socketio-packet.js';
import {
  FrameParser,
  type FrameSink,
  type FrameViolation,
  frameViolations,
} from '../dist/runners/clients/websocket/frame-parser.js';
import { encodeSocketioPacket } from './fixtures/socketio-text.js';

const maxMessageBytes = 300;
const below = (random: Random, n: number): number => Math.floor(random.next() * n);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

const texts = ['', 'a', '42["message","x"]', 'é', '漢字', '😀', '0123456789'.repeat(20)].map((text) =>
  Buffer.from(text),
);
const openings = [0x81, 0x82, 0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x80, 0x89, 0x8a, 0x88];

/** Appends one mostly well-formed frame to `stream` and returns where it ends. */
function writeFrame(random: Random, stream: Buffer, at: number): number {
  const first = random.next() < 0.02 ? below(random, 256) : pick(random, openings);
  const payload = pick(random, texts);
  let next = at;
  stream[next++] = first;
  const form = random.next();
  if (form < 0.9 && payload.length < 126) stream[next++] = payload.length;
  else if (form < 0.96) {
    stream[next++] = 126;
    next = stream.writeUInt16BE(payload.length, next);
  } else {
    stream[next++] = 127;
    next = stream.writeBigUInt64BE(BigInt(payload.length), next);
  }
  const payloadAt = next;
  next += payload.copy(stream, next);
  if (first === 0x88 && payload.length > 1)
    stream.writeUInt16BE(pick(random, [1000, 1001, 1005, 3000, 999]), payloadAt);
  return next;
}

/** Fills `stream` with a few frames, some of their bytes changed, or with noise. Returns its length. */
function writeStream(random: Random, stream: Buffer): number {
  let end = 0;
  if (random.next() < 0.1) {
    end = below(random, 60);
    for (let i = 0; i < end; i++) stream[i] = below(random, 256);
    return end;
  }
  for (let frames = 1 + below(random, 5); frames > 0; frames--) end = writeFrame(random, stream, end);
  for (let changes = below(random, 3); changes > 0; changes--) stream[below(random, end)] = below(random, 256);
  return random.next() < 0.2 ? below(random, end) : end;
}

/** Ascending positions in 1 .. `end`, the last one `end`: where the reads of a stream end. */
function writeCuts(random: Random, end: number, cuts: number[]): void {
  cuts.length = 0;
  for (let count = below(random, 4); count > 0; count--) cuts.push(below(random, end + 1));
  cuts.push(end);
  cuts.sort((a, b) => a - b);
}

/** Folds what is handed over into one string. Which violation it was is our own naming; its close code is not. */
class Seen implements FrameSink {
  text = '';
  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    // A text message is offered before it is checked; ws never shows an invalid one, so it does not count.
    const body = bytes.subarray(start, end);
    if (!isText || isUtf8(body)) this.text += `${isText ? 'text' : 'binary'} ${body.toString('hex')}\n`;
    return false;
  }
  ping(bytes: Buffer, start: number, end: number): void {
    this.text += `ping ${bytes.toString('hex', start, end)}\n`;
  }
  closing(code: number): void {
    this.text += `close ${code}\n`;
  }
  violation(violation: FrameViolation): void {
    this.text += `refused ${frameViolations[violation]}\n`;
  }
}

/** Exported by `ws`, but not in its types. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number; allowSynchronousEvents: boolean }) => Writable;
};

/** The same of the receiver of `ws`, driven without the queue of its stream so that errors show at once. */
function seenByWs(stream: Buffer, cuts: readonly number[]): string {
  let text = '';
  let over = false;
  const receiver = new Receiver({ isServer: false, maxPayload: maxMessageBytes, allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    text += `${isBinary ? 'binary' : 'text'} ${data.toString('hex')}\n`;
  });
  receiver.on('ping', (data: Buffer) => {
    text += `ping ${data.toString('hex')}\n`;
  });
  receiver.on('conclude', (code: number) => {
    text += `close ${code}\n`;
    over = true;
  });
  let from = 0;
  for (const to of cuts) {
    if (to > from && !over)
      receiver._write(Buffer.from(stream.subarray(from, to)), 'latin1', (error) => {
        if (!error) return;
        const status = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === 'status-code');
        text += `refused ${(error as unknown as Record<symbol, number>)[status!]}\n`;
        over = true;
      });
    from = to;
  }
  return text;
}

/** Feeds a parser read by read, and returns the most memory that it held beyond twice what it had been given. */
function feed(parser: FrameParser, stream: Buffer, cuts: readonly number[]): number {
  let from = 0;
  let excess = 0;
  for (const to of cuts) {
    parser.read(stream, from, to);
    excess = Math.max(excess, parser.heldBytes - 2 * to);
    from = to;
  }
  return excess;
}

/** Small buffers start at 64 bytes, and there are two of them. */
const smallBuffersBytes = 128;

describe('the frame parser', () => {
  it('neither throws nor grows on 200,000 hostile streams', () => {
    const random = seededRandom(1);
    const stream = Buffer.alloc(4096);
    const cuts: number[] = [];
    const counts = { refused: 0, messages: 0 };
    const sink: FrameSink = {
      message: () => {
        counts.messages++;
        return false;
      },
      ping: () => {},
      closing: () => {},
      violation: () => {
        counts.refused++;
      },
    };
    let excess = 0;
    for (let i = 0; i < 200_000; i++) {
      const end = writeStream(random, stream);
      writeCuts(random, end, cuts);
      excess = Math.max(excess, feed(new FrameParser(sink, maxMessageBytes), stream, cuts));
    }
    expect(excess).toBeLessThanOrEqual(smallBuffersBytes);
    // The streams are worth something only if they reach both sides.
    expect(counts.messages).toBeGreaterThan(40_000);
    expect(counts.refused).toBeGreaterThan(40_000);
  });

  it('sees the messages and close codes that the ws receiver sees on 70,000 hostile streams', () => {
    const random = seededRandom(2);
    const stream = Buffer.alloc(4096);
    const cuts: number[] = [];
    const outcomes = new Set<string>();
    for (let i = 0; i < 70_000; i++) {
      const end = writeStream(random, stream);
      writeCuts(random, end, cuts);
      const seen = new Seen();
      feed(new FrameParser(seen, maxMessageBytes), stream, cuts);
      const theirs = seenByWs(stream, cuts);
      if (seen.text !== theirs)
        expect.fail(`${stream.toString('hex', 0, end)} cut at ${cuts}: ${seen.text} / ${theirs}`);
      outcomes.add(/(?:refused|close) \d+\n$/.exec(theirs)?.[0].trim() ?? 'open');
    }
    for (const outcome of ['open', 'refused 1002', 'refused 1007', 'refused 1009', 'close 1000', 'close 1005'])
      expect(outcomes).toContain(outcome);
  });
});

const packetTexts = [
  '0{"sid":"abc"}',
  '0/chat,{"sid":"abc"}',
  '1',
  '1/chat,',
  '2["message","0000"]',
  '2/chat,17["message",1,null]',
  '3/chat,5[]',
  '312[{"a":[1.5e3,"\\u00e9"]}]',
  '4{"message":"no"}',
  '51-["message",{"_placeholder":true,"num":0}]',
  '52-/chat,3["x",{"_placeholder":true,"num":1}]',
  '61-456[{"_placeholder":true,"num":0}]',
];
const packetCharacters = '0123456789-/,[]{}":\\ abcemnulltrue\u00e9\ud800';

function packetText(random: Random): string {
  let text = random.next() < 0.1 ? '' : pick(random, packetTexts);
  for (let changes = below(random, 4); changes > 0; changes--) {
    const at = below(random, text.length + 1);
    const removed = below(random, 3);
    const added = random.next() < 0.7 ? pick(random, [...packetCharacters]) : '';
    text = text.slice(0, at) + added + text.slice(at + removed);
  }
  return text;
}

interface Theirs {
  readonly type: number;
  readonly nsp: string;
  readonly id: number | undefined;
  readonly data: unknown;
  readonly attachments: number;
}

const typeNumbers = { connect: 0, disconnect: 1, event: 2, ack: 3, refused: 4 } as const;

/** What socket.io-parser makes of it, binary types told by their attachments as ours are; undefined when it refuses. */
function parsedByThem(text: string): Theirs | undefined {
  try {
    const decoder = new Decoder() as unknown as { decodeString(text: string): Partial<Theirs> };
    const { type = 0, nsp = '', id, data, attachments = 0 } = decoder.decodeString(text);
    return { type: type > 4 ? type - 3 : type, nsp, id, data, attachments };
  } catch {
    return undefined;
  }
}

/**
 * The intended differences: `socket.io-parser` reads blanks, signs and exponents as numbers and nothing as type 0; it
 * accepts events, acknowledgements and connections without their data, acknowledgements without an id, and an id
 * where none belongs.
 */
function hasNoPlaceInTheProtocol(text: string, { type, nsp, id, data, attachments }: Theirs): boolean {
  const start = attachments > 0 ? `${type + 3}${attachments}-` : `${type}`;
  const head = `${start}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}`;
  return (
    !text.startsWith(head) ||
    /^\s/.test(text.slice(head.length)) ||
    (data === undefined && type !== typeNumbers.disconnect) ||
    (id === undefined && type === typeNumbers.ack) ||
    (id !== undefined && type !== typeNumbers.event && type !== typeNumbers.ack)
  );
}

describe('the Socket.IO packet parser', () => {
  it('never throws on 100,000 hostile packets, and never reads one otherwise than socket.io-parser', () => {
    const random = seededRandom(3);
    let accepted = 0;
    let refused = 0;
    for (let i = 0; i < 100_000; i++) {
      const text = packetText(random);
      const ours = parseSocketioPacket(text);
      if (ours === undefined) {
        refused++;
        continue;
      }
      accepted++;
      const plain = {
        type: typeNumbers[ours.type],
        nsp: ours.namespace,
        id: 'id' in ours ? ours.id : undefined,
        data: 'args' in ours ? ours.args : 'data' in ours ? ours.data : undefined,
        attachments: 'attachments' in ours ? ours.attachments : 0,
      };
      if (JSON.stringify(plain) !== JSON.stringify(parsedByThem(text)))
        expect.fail(`${JSON.stringify(text)} is read otherwise`);
      const again = parseSocketioPacket(encodeSocketioPacket(ours));
      if (JSON.stringify(again) !== JSON.stringify(ours))
        expect.fail(`${JSON.stringify(text)} is not written as it was read`);
    }
    expect(accepted).toBeGreaterThan(15_000);
    expect(refused).toBeGreaterThan(15_000);
  });

  it('refuses of what socket.io-parser accepts only what has no place in the protocol', () => {
    const random = seededRandom(4);
    for (let i = 0; i < 100_000; i++) {
      const text = packetText(random);
      if (parseSocketioPacket(text) !== undefined) continue;
      const theirs = parsedByThem(text);
      if (theirs !== undefined && !hasNoPlaceInTheProtocol(text, theirs))
        expect.fail(`${JSON.stringify(text)} is refused`);
    }
  });
});
