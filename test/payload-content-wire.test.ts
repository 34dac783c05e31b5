/** Contents of messages on the wire: every client and protocol delivers them intact, and deflate saves what each lets it save. */

import { describe, expect, it } from 'vitest';
import type { PayloadContent } from '../dist/core/payload/content.js';
import type { StartRequest } from '../dist/core/target.js';
import { intact, meet, pairsOf, titleOf } from './fixtures/variants.js';

const pairs = await pairsOf(['ws', 'uws', 'socketio-websocket', 'socketio-polling', 'socketio']);
const compression = { thresholdBytes: 64, memLevel: 8 };
const messages = 40;
const workloads = [
  { kind: 'echo', payload: { sizeBytes: 300, type: 'text', content: 'json' } },
  { kind: 'ack', payload: { sizeBytes: 1000, type: 'binary', content: 'random' } },
  { kind: 'echo', payload: { sizeBytes: 20_000, type: 'binary', content: 'json' } },
] as const;

describe.each(pairs.map((pair) => [titleOf(pair), pair] as const))('%s', (_, pair) => {
  const { protocol, transport } = pair.target;
  const options: Partial<StartRequest>[] = [
    {},
    ...(transport === 'websocket' ? [{ compression }] : []),
    ...(protocol === 'socketio' ? [{ parser: 'msgpack' as const }] : []),
    ...(protocol === 'socketio' && transport === 'websocket' ? [{ parser: 'msgpack' as const, compression }] : []),
  ];

  for (const asked of pair.target.options ? options : [{}])
    it(`delivers every content intact: ${Object.keys(asked).join(' and ') || 'without options'}`, async () => {
      for (const { kind, payload } of workloads) {
        const { notes, exchange, connection } = await meet(pair, { kind, ...asked }, { kind, payload });
        await exchange(messages);
        expect(notes.lines, `${kind} of ${payload.sizeBytes} B`).toEqual(intact(messages));
        connection.close();
      }
    });
});

describe.each(pairs.filter(({ name }) => name === 'ws').map((pair) => [titleOf(pair), pair] as const))(
  '%s and per-message deflate',
  (_, pair) => {
    it('takes more bytes for json than for repeat, and more for random than for json', async () => {
      const sizeBytes = 1024;
      const sent = 150;
      const shares = async (content: PayloadContent) => {
        const { tap, notes, exchange } = await meet(
          pair,
          { compression },
          { payload: { sizeBytes, type: 'text', content } },
        );
        const opened = { up: tap.up.length, down: tap.down.length };
        await exchange(sent);
        expect(notes.lines).toEqual(intact(sent));
        return {
          up: (tap.up.length - opened.up) / (sent * sizeBytes),
          down: (tap.down.length - opened.down) / (sent * sizeBytes),
        };
      };
      const [repeat, json, random] = [await shares('repeat'), await shares('json'), await shares('random')];
      // The WebSocket of Node.js inflates, and never compresses.
      const directions = pair.factory.name === 'undici' ? (['down'] as const) : (['up', 'down'] as const);
      for (const direction of directions) {
        expect(json[direction], direction).toBeGreaterThan(2 * repeat[direction]);
        expect(random[direction], direction).toBeGreaterThan(1.2 * json[direction]);
        expect(random[direction], direction).toBeLessThan(0.9);
      }
      // The server remembers earlier messages, which have the same keys.
      expect(json.down).toBeLessThan(0.4);
    });
  },
);
