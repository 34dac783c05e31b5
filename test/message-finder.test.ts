/** Messages found by their own bytes inside what a user's server wraps around them. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageFinder } from '../dist/core/exchange/message-finder.js';
import { blankMessage, writeHeader } from '../dist/core/payload/message.js';
import { MessagePool } from '../dist/core/payload/message-pool.js';
import { MessagesInFlight } from '../dist/runners/clients/own/messages-in-flight.js';
import { OwnMessages } from '../dist/runners/clients/own/own-messages.js';
import { Notes } from './fixtures/noting-client.js';

const sizeBytes = 64;

function message(sender: number, sequence: number, dueUs = 1e12): Buffer {
  const bytes = Buffer.from(blankMessage(sizeBytes));
  writeHeader(bytes, 0, 0, sender, sequence, dueUs, dueUs + 5, true);
  return bytes;
}

const anything = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
/** Text of the characters that headers are made of. */
const digits = fc.stringMatching(/^[0-O]{0,120}$/).map((text) => Buffer.from(text));

describe('a message', () => {
  it('is found at any place, in whatever surrounds it', () => {
    const finder = new MessageFinder(sizeBytes);
    const around = fc.oneof(anything, digits);
    fc.assert(
      fc.property(around, around, fc.nat(1000), fc.nat(1e6), (before, after, sender, sequence) => {
        const bytes = Buffer.concat([before, message(sender, sequence), after]);
        expect(finder.find(bytes, 0, bytes.length)).toBe(before.length);
        expect(finder.header).toMatchObject({ sender, sequence, measured: true });
      }),
    );
  });

  it('is found neither where it is cut, nor where there is none', () => {
    const finder = new MessageFinder(sizeBytes);
    const whole = message(1, 2);
    expect(finder.find(whole, 0, sizeBytes - 1)).toBe(-1);
    expect(finder.find(whole, 1, sizeBytes)).toBe(-1);
    fc.assert(
      fc.property(fc.oneof(anything, digits), (bytes) => {
        expect(finder.find(bytes, 0, bytes.length)).toBe(-1);
      }),
    );
  });
});

describe('what came', () => {
  const deliver = (text: Buffer) => {
    const notes = new Notes(new MessagePool({ sizeBytes, type: 'text' }));
    const intact = new OwnMessages(notes, sizeBytes).deliver(4, text, 0, text.length, 1);
    return { intact, lines: notes.lines };
  };
  const [one, two] = [message(1, 7), message(2, 8)];

  it('may hold several messages, and one of them twice', () => {
    expect(deliver(Buffer.concat([Buffer.from('["'), one, Buffer.from('","'), two, Buffer.from('"]')]))).toEqual({
      intact: true,
      lines: ['4<1:7', '4<2:8'],
    });
    expect(deliver(Buffer.concat([one, Buffer.from(' again '), one])).lines).toEqual(['4<1:7']);
  });

  it('is not recognised where there is none', () => {
    expect(deliver(Buffer.from('{"joined":"somebody"}'))).toEqual({
      intact: false,
      lines: ['4 unrecognised {"joined":"somebody"}'],
    });
  });
});

describe('messages in flight', () => {
  it('are known until they are taken, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(5000), (count, first) => {
        const inFlight = new MessagesInFlight();
        const sequences = Array.from({ length: count }, (_, i) => first + i);
        for (const sequence of sequences) inFlight.add(sequence, sequence * 2, sequence * 3, sequence % 2 === 0);
        for (const sequence of sequences.toReversed()) {
          const sent = { dueUs: sequence * 2, sentUs: sequence * 3, measured: sequence % 2 === 0 };
          expect(inFlight.take(sequence)).toEqual(sent);
          expect(inFlight.take(sequence)).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });
});
