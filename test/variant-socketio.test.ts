/** Options of Socket.IO targets, seen on the wire: namespace, volatile events, recovery and the limit of polling bodies. */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Kind } from '../dist/core/kind.js';
import type { PayloadType } from '../dist/core/payload/message.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { cleanups, loopback } from './fixtures/noting-client.js';
import { framesIn } from './fixtures/tap.js';
import { intact, meet, pairsOf } from './fixtures/variants.js';

const pairs = await pairsOf(['socketio-websocket', 'socketio-uws']);
const withoutUws = pairs.filter(({ name }) => name !== 'socketio-uws');
const kinds: readonly Kind[] = ['echo', 'ack', 'broadcast', 'room', 'presence'];
const types: readonly PayloadType[] = ['text', 'binary'];

/** The first characters of the texts that passed. */
function textsIn(bytes: Buffer): string[] {
  return framesIn(bytes)
    .filter(({ opcode }) => opcode === 1)
    .map(({ payload }) => payload.toString().slice(0, 40));
}

describe.each(pairs)('a namespace of $name with the $factory.name client', (pair) => {
  it.each(kinds)('is joined, and stands in every packet: %s', async (kind) => {
    for (const type of types) {
      const { tap, notes, exchange } = await meet(
        pair,
        { kind, namespace: '/chat' },
        { kind, payload: { sizeBytes: 64, type } },
      );
      // Nobody else is there to be told.
      if (kind === 'presence') continue;
      await exchange(2);
      expect(notes.lines).toEqual(intact(2));
      const ofSocketio = (texts: readonly string[]) => texts.filter((text) => text.startsWith('4'));
      const [joining, ...sent] = ofSocketio(textsIn(tap.up));
      const [joined, ...came] = ofSocketio(textsIn(tap.down));
      expect(joining).toBe('40/chat,');
      expect(joined).toMatch(/^40\/chat,\{"sid":/);
      expect([...sent, ...came].length).toBe(4);
      for (const text of [...sent, ...came]) expect(text).toMatch(/^4(2|3|51-|61-)\/chat,\d*\[/);
    }
  });
});

describe.each(withoutUws)('volatile events of $name with the $factory.name client', (pair) => {
  /** Of so many messages, those that a connection gets that does not read while they are pushed. */
  async function received(volatile: true | undefined): Promise<number> {
    const payload = { sizeBytes: 64 * 1024, type: 'text' as const };
    const { running, tap, notes, connection } = await meet(pair, { kind: 'push', volatile }, { kind: 'push', payload });
    expect(running.settings['volatile']).toBe(volatile);
    connection.pauseReading();
    tap.pause();
    const message = Buffer.alloc(payload.sizeBytes, 'x');
    for (let n = 0; n < 100; n++) {
      running.push?.(message, 'text');
      // The transport becomes writable again, if it can, in a later turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    tap.resume();
    connection.resumeReading();
    message.fill('z');
    // Dropped itself where the connection is not writable yet.
    while (!notes.lines.some((line) => line.includes('zzz'))) {
      running.push?.(message, 'text');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return notes.lines.filter((line) => line.includes('xxx')).length;
  }

  it('are dropped for a connection that does not read, where others wait for it', async () => {
    expect(await received(undefined)).toBe(100);
    const few = await received(true);
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(100);
  });
});

describe('recovery of socketio-websocket', () => {
  it('gives the connection an id to come back with, and each event a position', async () => {
    const pair = pairs.find(({ name, factory }) => name === 'socketio-websocket' && factory.name === 'library');
    if (pair === undefined) throw new Error('the client is missing');
    const { tap, notes, exchange } = await meet(pair, { recovery: true }, { recovers: true });
    await exchange(1);
    expect(notes.lines).toEqual(intact(1));
    const down = tap.down.toString('latin1');
    expect(down).toMatch(/40\{"sid":"[^"]+","pid":"[^"]+"\}/);
    expect(down).toMatch(/42\["message","[^"]+","[^"]+"\]/);
  });
});

describe.each(['socketio', 'socketio-polling'])('the limit of polling bodies of %s', (name) => {
  const maxHttpBufferBytes = 5000;

  async function handshake(): Promise<{ readonly url: string; readonly open: unknown }> {
    const target = await loadTarget(name);
    const running = await target.start({ kind: 'echo', host: loopback, port: 0, maxHttpBufferBytes });
    cleanups.push(() => running.close());
    expect(running.settings['maxMessageBytes']).toBe(maxHttpBufferBytes);
    const url = `http://${loopback}:${running.port}/socket.io/?EIO=4&transport=polling`;
    const open: unknown = JSON.parse((await (await fetch(url)).text()).slice(1));
    return { url: `${url}&sid=${(open as { sid: string }).sid}`, open };
  }

  it('is told to clients, and a larger body is refused', async () => {
    const { url, open } = await handshake();
    expect(open).toMatchObject({ maxPayload: maxHttpBufferBytes });
    const post = async (bytes: number) =>
      (await fetch(url, { method: 'POST', body: `6${'x'.repeat(bytes - 1)}` })).status;
    expect(await post(maxHttpBufferBytes)).toBe(200);
    expect(await post(maxHttpBufferBytes + 1)).toBe(413);
  });
});

describe.each(['ws', 'socketio-websocket', 'socketio-uws'])('a heartbeat of %s', (name) => {
  it('is on the wire again and again', async (context) => {
    const target = await loadTarget(name);
    const reason = target.unavailable?.();
    if (reason !== undefined) return context.skip(reason);
    const running = await target.start({ kind: 'idle', host: loopback, port: 0, heartbeatMs: 20 });
    cleanups.push(() => running.close());
    const path = target.protocol === 'socketio' ? '/socket.io/?EIO=4&transport=websocket' : '/';
    const socket = new WebSocket(`ws://${loopback}:${running.port}${path}`);
    let pings = 0;
    await new Promise<void>((resolve) => {
      const pinged = () => ++pings === 3 && resolve();
      socket.on('ping', pinged);
      socket.on('message', (text) => {
        if (String(text) !== '2') return;
        socket.send('3');
        pinged();
      });
    });
    socket.close();
    await once(socket, 'close');
    expect(pings).toBe(3);
  });
});
