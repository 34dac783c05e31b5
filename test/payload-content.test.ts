/** The contents of messages: always the same ones, all different, fit to be sent as they are, and checked byte by byte. */

import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastVariedBytes, payloadContents } from '../dist/core/payload/content.js';
import { Header, headerBytes, paddingIntact, payloadTypes, readHeader } from '../dist/core/payload/message.js';
import { MessagePool, type Payload } from '../dist/core/payload/message-pool.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { ServerPush } from '../dist/runners/server/server-push.js';

const varied = ['json', 'random'] as const;
const windowBytes = 32 * 1024;
const bytesOf = (pool: MessagePool): Buffer[] => pool.messages.map((message) => Buffer.from(message));
const paddingsOf = (pool: MessagePool): Buffer[] => bytesOf(pool).map((message) => message.subarray(headerBytes));

const payloads = fc.record({
  sizeBytes: fc.oneof(fc.integer({ min: leastVariedBytes, max: 300 }), fc.constantFrom(1023, 70_001)),
  type: fc.constantFrom(...payloadTypes),
  content: fc.constantFrom(...varied),
});
const senders = fc.nat(2 ** 20 - 1);
const sequences = fc.nat(2 ** 30 - 1);

describe('the messages of a trial', () => {
  it('are the same ones wherever they are made', () => {
    fc.assert(
      fc.property(payloads, senders, sequences, (payload, sender, sequence) => {
        const [one, other] = [new MessagePool(payload), new MessagePool(payload)];
        const sent = Buffer.from(one.write(sender, sequence, 7, 9, true));
        expect(sent.length).toBe(payload.sizeBytes);
        const header = new Header();
        expect(readHeader(sent, 0, header)).toBe(true);
        expect(header).toMatchObject({ sender, sequence, dueUs: 7, sentUs: 9, measured: true });
        expect(other.isIntact(sent, 0, header)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('without a content are the alphabet over and over, as they have always been', () => {
    for (const content of [undefined, 'repeat'] as const) {
      const [message] = bytesOf(new MessagePool({ sizeBytes: 100, type: 'text', content }));
      expect(message?.toString('latin1', headerBytes)).toBe(
        'klmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv',
      );
    }
  });

  it('are no longer intact after a change of any one byte of the padding, or with that of another message', () => {
    fc.assert(
      fc.property(payloads, sequences, fc.nat(), fc.integer({ min: 1, max: 255 }), (payload, sequence, n, flip) => {
        const pool = new MessagePool(payload);
        const sent = Buffer.from(pool.write(3, sequence, 7, 9, true));
        const header = new Header();
        readHeader(sent, 0, header);
        const at = headerBytes + (n % (payload.sizeBytes - headerBytes));
        sent[at] = (sent[at] ?? 0) ^ flip;
        expect(pool.isIntact(sent, 0, header)).toBe(false);
        sent[at] = (sent[at] ?? 0) ^ flip;
        expect(pool.isIntact(sent, 0, header)).toBe(true);
        sent.set(pool.messages[pool.indexOf(3, sequence + 1)]?.subarray(headerBytes) ?? [], headerBytes);
        expect(pool.isIntact(sent, 0, header)).toBe(false);
        expect(pool.isIntact(sent.subarray(0, -1), 0, header)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  it.each(varied)(
    'of %s differ from each other, and are many enough for a compressor to have forgotten each',
    (content) => {
      for (const sizeBytes of [leastVariedBytes, 128, 1024, 20_000]) {
        const pool = new MessagePool({ sizeBytes, type: 'text', content });
        const paddings = paddingsOf(pool);
        expect(new Set(paddings.map(String)).size, `${sizeBytes}`).toBe(pool.count);
        // In the order in which publishers in step send them to everybody.
        for (const publishers of [1, 2, 7, 50]) {
          const order = Array.from({ length: 3 * pool.count }, (_, n) =>
            pool.indexOf(n % publishers, Math.floor(n / publishers)),
          );
          const lastAt = new Map<number, number>();
          const gaps = order.map((index, at) => {
            const gap = at - (lastAt.get(index) ?? Number.NEGATIVE_INFINITY);
            lastAt.set(index, at);
            return gap;
          });
          const closest = Math.min(...gaps) * (sizeBytes - headerBytes);
          expect(closest, `${publishers} publishers of ${sizeBytes} B`).toBeGreaterThan(windowBytes);
        }
      }
    },
  );

  it('are printable ASCII that neither JSON nor HTML-free text has to escape, and never end with a space', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        if (payload.type === 'binary' && payload.content === 'random') return;
        for (const padding of paddingsOf(new MessagePool(payload)).map((each) => each.toString('latin1'))) {
          expect(padding).toMatch(/^[!#-[\]-~ ]*[!#-[\]-~]$/);
          expect(JSON.stringify(padding)).toBe(`"${padding}"`);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('of json are whole records but for the last, once their quotes are double', () => {
    const [padding = Buffer.alloc(0)] = paddingsOf(new MessagePool({ sizeBytes: 4096, type: 'text', content: 'json' }));
    const text = padding.toString('latin1').replaceAll("'", '"');
    const records = JSON.parse(`${text.slice(0, text.lastIndexOf(',{"id":"'))}]`) as Record<string, unknown>[];
    expect(records.length).toBeGreaterThan(5);
    const keys = ['id', 'type', 'room', 'user', 'text', 'sentAt', 'position', 'score', 'replyTo'];
    for (const record of records) expect(Object.keys(record)).toEqual(keys);
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  });

  it('of random bytes hold all of them, as binary', () => {
    const paddings = paddingsOf(new MessagePool({ sizeBytes: 1024, type: 'binary', content: 'random' }));
    expect(new Set(Buffer.concat(paddings)).size).toBe(256);
  });
});

describe('padding of any bytes', () => {
  it('is compared by its bits, even where eight of them are no number, or a zero with a sign', () => {
    const nan = [1, 0, 0, 0, 0, 0, 0xf8, 0x7f];
    const minusZero = [0, 0, 0, 0, 0, 0, 0, 0x80];
    const words = [nan, [2, ...nan.slice(1)], minusZero, Array(8).fill(0), Array(8).fill(255)];
    const header = Array(headerBytes).fill(0x30);
    for (const [i, one] of words.entries())
      for (const [j, other] of words.entries())
        expect(paddingIntact(Uint8Array.of(...header, ...one), 0, Uint8Array.of(...header, ...other))).toBe(i === j);
  });
});

describe('a compressor that remembers', () => {
  /** Bytes that so many messages take once compressed, by byte of message. */
  const share = (payload: Payload): number => {
    const pool = new MessagePool(payload);
    const sent = Array.from({ length: 300 }, (_, n) =>
      Buffer.from(pool.write(0, n, 1e9 + 1000 * n, 1e9 + 1000 * n, true)),
    );
    return deflateRawSync(Buffer.concat(sent)).length / (300 * payload.sizeBytes);
  };

  it.each([128, 1024, 8192])('makes of json less than of random and more than of repeat: %i B', (sizeBytes) => {
    const [repeat = 0, json = 0, random = 0] = payloadContents.map((content) =>
      share({ sizeBytes, type: 'text', content }),
    );
    expect(json).toBeGreaterThan(2 * repeat);
    expect(random).toBeGreaterThan(2 * json);
    // Letters that have 6 bits of 8.
    expect(random).toBeLessThan(0.8);
  });

  it('makes nothing of random bytes', () => {
    expect(share({ sizeBytes: 8192, type: 'binary', content: 'random' })).toBeGreaterThan(0.99);
  });
});

describe('a server that pushes', () => {
  it.each(varied)('sends the messages that its receivers expect: %s', async (content) => {
    const clock = monotonicClock();
    const payload: Payload = { sizeBytes: 200, type: 'binary', content };
    const pool = new MessagePool(payload);
    const header = new Header();
    let intact = 0;
    const push = (message: Uint8Array): void => {
      if (readHeader(message, 0, header) && pool.isIntact(message, 0, header)) intact++;
    };
    const startUs = clock.nowUs();
    const times = { startUs, measureFromUs: startUs, measureToUs: startUs + 20_000 };
    const rate = { ratePerSecond: 5000, arrivals: 'constant', seed: 7 } as const;
    await new ServerPush(push, { ...payload, ...rate, ...times }, clock).run();
    expect(intact).toBe(100);
  });
});
