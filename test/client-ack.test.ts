/** What clients make of acknowledgements: those of real servers, late ones, wrong ones, and events that are none. */

import { describe, expect, it } from 'vitest';
import { headerBytes, maxSequence, type PayloadType, writeHeader } from '../dist/core/payload/message.js';
import type { Protocol } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import { clientOf } from './fixtures/noting-client.js';
import { openPacket, speaking, textFrame, unmasked } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';
import { websocket } from './fixtures/websocket-server.js';

type Acknowledge = (answer: unknown) => void;

const headerOf = (payload: string | Buffer): string | Buffer =>
  typeof payload === 'string' ? payload.slice(0, headerBytes) : payload.subarray(0, headerBytes);

const acknowledging: Record<Protocol, () => Promise<number>> = {
  websocket: () =>
    websocket((server) =>
      server.on('connection', (socket) =>
        socket.on('message', (data, isBinary) => socket.send(headerOf(data as Buffer), { binary: isBinary })),
      ),
    ),
  socketio: () =>
    socketio((io) =>
      io.on('connection', (socket) =>
        socket.on('message', (payload: string | Buffer, acknowledge: Acknowledge) => acknowledge(headerOf(payload))),
      ),
    ),
};

const each = (await loadClients()).flatMap((factory) =>
  factory.transports.flatMap((transport) =>
    (['text', 'binary'] as const).map((type) => ({
      name: `${factory.protocol} ${factory.name} client over ${transport}`,
      factory,
      transport,
      type,
    })),
  ),
);

describe('an acknowledgement', () => {
  it.each(each)('reaches its sender as the header alone: $type, $name', async ({ factory, transport, type }) => {
    const port = await acknowledging[factory.protocol]();
    const payload = { sizeBytes: 300, type };
    const { notes, open } = clientOf(factory, port, { kind: 'ack', transport, payload });
    const { connection } = await open(4);
    const sequences = [...Array.from({ length: 100 }, (_, i) => i), 1_000_000, maxSequence];
    for (const sequence of sequences) expect(connection.send(7, sequence, 1000, 2000, true)).toBe(true);
    connection.flush();
    await notes.until(() => notes.lines.length === sequences.length && notes.reads > 0);
    expect(notes.lines).toEqual(sequences.map((sequence) => `4<7:${sequence}`));
  });
});

describe('the Socket.IO library client', () => {
  /** A server that keeps every acknowledgement for the test to give. */
  async function withholding() {
    const kept: (() => void)[] = [];
    const port = await socketio((io) =>
      io.on('connection', (socket) =>
        socket.on('message', (payload: string, acknowledge: Acknowledge) => {
          kept.push(() => acknowledge(headerOf(payload)));
          if (kept.length === 3) socket.disconnect(true);
        }),
      ),
    );
    return { kept, port };
  }

  it('counts an acknowledgement that is late, once, and does not deliver it any more', async () => {
    const { kept, port } = await withholding();
    const { notes, open } = clientOf(socketioLibrary, port, { kind: 'ack', ackTimeoutMs: 100 });
    const { connection } = await open();
    connection.send(0, 1, 0, 0, true);
    await notes.until(() => notes.lines.length > 0);
    connection.send(0, 2, 0, 0, true);
    while (kept.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const acknowledge of kept) acknowledge();
    await notes.until(() => notes.lines.length > 1);
    expect(notes.lines).toEqual(['0 error ack-timeout', '0<0:2']);
  });

  it('does not count as late what a lost connection owed', async () => {
    const { port } = await withholding();
    const { notes, open } = clientOf(socketioLibrary, port, { kind: 'ack' });
    const { connection } = await open();
    for (let i = 0; i < 3; i++) connection.send(0, i, 0, 0, true);
    await notes.until(() => notes.lines.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(notes.lines).toEqual([expect.stringMatching(/^0 closed \d+$/)]);
  });

  it('says nothing of what is owed when it closes itself', async () => {
    const { kept, port } = await withholding();
    const { notes, open } = clientOf(socketioLibrary, port, { kind: 'ack', ackTimeoutMs: 20 });
    const { connection } = await open();
    connection.send(0, 0, 0, 0, true);
    while (kept.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const before = [...notes.lines];
    connection.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(notes.lines).toEqual(before);
  });

  it('counts an event where only acknowledgements are due', async () => {
    const port = await socketio((io) => io.on('connection', (socket) => socket.emit('message', 'unasked')));
    const { notes, open } = clientOf(socketioLibrary, port, { kind: 'ack' });
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 error socketio:unexpected-event']);
  });
});

describe('the Socket.IO wire client', () => {
  const connected = [textFrame(openPacket()), textFrame('40{"sid":"b"}')];
  const binary = (text: string): Buffer => Buffer.concat([Buffer.of(0x82, text.length), Buffer.from(text)]);
  const placeholder = '{"_placeholder":true,"num":0}';
  const bytes = Buffer.alloc(headerBytes);
  writeHeader(bytes, 0, 0, 0, 12, 1000, 2000, true);
  const header = bytes.toString();

  /** What the inbox is told when the server says `frames` after connecting, and then closes. */
  async function told(type: PayloadType, ...frames: Buffer[]): Promise<string[]> {
    const { port, heard } = await speaking(...connected, ...frames, Buffer.from('880203e9', 'hex'));
    const { notes, open } = clientOf(socketioWire, port, { kind: 'ack', payload: { sizeBytes: 64, type } });
    await open();
    await heard;
    await notes.until(() => notes.lines.some((line) => line.includes('closed')));
    return notes.lines.filter((line) => line !== '0 closed 1001');
  }

  it.each([
    ['text', ['42', `0000000012["message","${header}`]],
    ['binary', ['451-', `0000000012["message",${placeholder}]`]],
  ] as const)('asks for acknowledgement by the sequence number: %s', async (type, [start, rest]) => {
    const { port, heard } = await speaking(...connected);
    const { open } = clientOf(socketioWire, port, { kind: 'ack', payload: { sizeBytes: headerBytes, type } });
    const { connection } = await open();
    connection.send(0, 12, 1000, 2000, true);
    connection.flush();
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.close();
    const [, packet, attachment] = unmasked(await heard);
    expect(packet?.[1]).toMatch(new RegExp(`^${start}`));
    expect(packet?.[1].slice(start.length, start.length + rest.length)).toBe(rest);
    expect(attachment?.[1]).toBe(type === 'binary' ? header : undefined);
  });

  it.each<[string, string[], PayloadType, Buffer[]]>([
    ['takes the answer to a message', ['0<0:12'], 'text', [textFrame(`4312["${header}"]`)]],
    ['takes an answer with blanks', ['0<0:12'], 'text', [textFrame(`4312[ "${header}" ]`)]],
    ['takes a binary answer', ['0<0:12'], 'binary', [textFrame(`461-12[${placeholder}]`), binary(header)]],
    ['takes a binary answer with blanks', ['0<0:12'], 'binary', [textFrame(`461-12[ ${placeholder}]`), binary(header)]],
    ['takes an answer that is no header', ['0<abc'], 'text', [textFrame('4312["abc"]')]],
    [
      'takes an answer with a broken header',
      [`0<${header.slice(0, -1)}~`],
      'text',
      [textFrame(`4313["${header.slice(0, -1)}~"]`)],
    ],
    ['sees a wrong id', ['0 error socketio:wrong-ack-id'], 'text', [textFrame(`4313["${header}"]`)]],
    ['sees a wrong id among blanks', ['0 error socketio:wrong-ack-id'], 'text', [textFrame(`4313[ "${header}"]`)]],
    [
      'sees the wrong id of a binary answer, but not in the next',
      ['0 error socketio:wrong-ack-id', '0<0:12'],
      'binary',
      [textFrame(`461-1[${placeholder}]`), binary(header), textFrame(`461-12[${placeholder}]`), binary(header)],
    ],
    ['counts text where binary is due', ['0 error wrong-type'], 'binary', [textFrame(`4312["${header}"]`)]],
    [
      'counts binary where text is due',
      ['0 error wrong-type'],
      'text',
      [textFrame(`461-12[${placeholder}]`), binary(header)],
    ],
    [
      'counts an answer of two values',
      ['0 error socketio:unexpected-ack'],
      'text',
      [textFrame(`4312["${header}","a"]`)],
    ],
    [
      'counts an event, though it looks like the message',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame(`42["message","${header}"]`)],
    ],
    [
      'ends after an answer without an id',
      ['0 error socketio:malformed-packet', '0 closed 1002'],
      'text',
      [textFrame(`43["${header}"]`)],
    ],
    [
      'ends after an answer with more digits than there are numbers',
      ['0 error socketio:malformed-packet', '0 closed 1002'],
      'text',
      [textFrame(`43${'9'.repeat(20)}["${header}"]`)],
    ],
  ])('%s', async (_, lines, type, frames) => {
    expect(await told(type, ...frames)).toEqual(lines);
  });
});
