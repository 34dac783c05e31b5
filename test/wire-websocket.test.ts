/** What a plain wire connection makes of what a server sends, pings, closes and breaks. */

import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { clientOf } from './fixtures/noting-client.js';
import { agree, rawServer, speaking, textFrame, unmasked } from './fixtures/raw-server.js';

describe('a plain WebSocket connection', () => {
  it('takes messages that come in the same read as the handshake', async () => {
    const port = await rawServer((socket, key) =>
      socket.write(Buffer.concat([Buffer.from(agree(key)), textFrame('one'), textFrame('two')])),
    );
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.length === 2);
    expect(notes.lines).toEqual(['0<one', '0<two']);
    expect(notes.reads).toBe(1);
  });

  it.each([
    ['frame:masked', 1002, '818100000000 61'],
    ['frame:reserved-bits', 1002, 'c10161'],
    ['frame:bad-utf8', 1007, '8102c328'],
    ['frame:too-large', 1009, '827f0000000001000001'],
  ])('ends after %s, telling the server and the inbox %i', async (violation, code, hex) => {
    const { port, heard } = await speaking(Buffer.from(`${hex.replace(' ', '')}81016181`, 'hex'));
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.some((line) => line.includes('closed')));
    expect(unmasked(await heard)).toEqual([[0x8, String.fromCharCode(code >> 8, code & 0xff)]]);
    expect(notes.lines.slice(-2)).toEqual([`0 error ${violation}`, `0 closed ${code}`]);
    expect(notes.lines.filter((line) => line.includes('error'))).toHaveLength(1);
  });

  it('answers a ping with its payload and a close frame with its code', async () => {
    const { port, heard } = await speaking(Buffer.from('8903010203', 'hex'), Buffer.from('880203e9', 'hex'));
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 1001']);
    expect(unmasked(await heard)).toEqual([
      [0xa, '\x01\x02\x03'],
      [0x8, '\x03\xe9'],
    ]);
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('tells 0 when the server %s without a close frame, and sends no more', async (_, leave) => {
    const port = await rawServer((socket, key) => {
      socket.write(agree(key), () => setImmediate(() => leave(socket)));
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 0']);
    expect(connection.send(0, 0, 0, 0, true)).toBe(false);
  });

  it.each([
    ['text', '820161'],
    ['binary', '810161'],
  ] as const)('of %s does not deliver messages of the other type', async (type, hex) => {
    const { port } = await speaking(Buffer.from(hex, 'hex'));
    const { notes, open } = clientOf(wsWire, port, { payload: { sizeBytes: 64, type } });
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 error wrong-type']);
  });

  it('may be closed from within the delivery of a message', async () => {
    let hungUp: () => void = () => {};
    const hangUp = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const port = await rawServer((socket, key) => {
      socket.write(agree(key));
      socket.once('data', () => socket.write(Buffer.concat([textFrame('one'), textFrame('two')])));
      socket.once('close', hungUp);
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    const deliver = notes.message.bind(notes);
    notes.message = (...args) => {
      connection.close();
      return deliver(...args);
    };
    const readsBefore = notes.reads;
    connection.send(0, 0, 0, 0, true);
    connection.flush();
    await hangUp;
    expect(notes.lines).toEqual(['0<one']);
    expect(notes.reads).toBe(readsBefore);
  });
});
