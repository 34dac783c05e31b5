/** What a Socket.IO wire connection makes of the packets of a server, well-formed or not. */

import { describe, expect, it } from 'vitest';
import type { PayloadType } from '../dist/core/payload/message.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import { clientOf } from './fixtures/noting-client.js';
import { openPacket, speaking, textFrame, unmasked } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

describe('a Socket.IO connection', () => {
  const connected = [textFrame(openPacket()), textFrame('40{"sid":"b"}')];
  const binary = (text: string): Buffer => Buffer.concat([Buffer.of(0x82, text.length), Buffer.from(text)]);
  const placeholder = '{"_placeholder":true,"num":0}';

  /** What the inbox is told when the server sends `frames` to a connected client and then closes. */
  async function told(type: PayloadType, ...frames: Buffer[]): Promise<string[]> {
    const { port, heard } = await speaking(...connected, ...frames, Buffer.from('880203e9', 'hex'));
    const { notes, open } = clientOf(socketioWire, port, { payload: { sizeBytes: 64, type } });
    await open();
    await heard;
    await notes.until(() => notes.lines.some((line) => line.includes('closed')));
    return notes.lines;
  }

  it.each<[string, string[], PayloadType, Buffer[]]>([
    ['takes a message of another length', ['0<abc'], 'text', [textFrame('42["message","abc"]')]],
    ['takes a message with escapes', ['0<a"b'], 'text', [textFrame('42["message","a\\"b"]')]],
    ['takes a message with blanks', ['0<a'], 'text', [textFrame('42["message", "a" ]')]],
    ['takes a binary message', ['0<abc'], 'binary', [textFrame(`451-["message",${placeholder}]`), binary('abc')]],
    [
      'takes a binary message with blanks',
      ['0<abc'],
      'binary',
      [textFrame(`451-["message", ${placeholder}]`), binary('abc')],
    ],
    ['answers no noop', [], 'text', [textFrame('6')]],
    ['counts an unknown event', ['0 error socketio:unexpected-event'], 'text', [textFrame('42["other","a"]')]],
    [
      'counts a message with two arguments',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('42["message","a","b"]')],
    ],
    [
      'counts a message in a namespace',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('42/a,["message","a"]')],
    ],
    [
      'counts a message that asks for an acknowledgement',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('425["message","a"]')],
    ],
    ['counts an acknowledgement', ['0 error socketio:unexpected-ack'], 'text', [textFrame('435["a"]')]],
    [
      'counts an unknown binary event and passes over its attachments',
      ['0 error socketio:unexpected-event', '0<a'],
      'text',
      [
        textFrame(`452-["other",${placeholder},{"_placeholder":true,"num":1}]`),
        binary('x'),
        binary('y'),
        textFrame('42["message","a"]'),
      ],
    ],
    ['counts text where binary is due', ['0 error wrong-type'], 'binary', [textFrame('42["message","a"]')]],
    [
      'counts binary where text is due',
      ['0 error wrong-type'],
      'text',
      [textFrame(`451-["message",${placeholder}]`), binary('a')],
    ],
  ])('%s and goes on', async (_, lines, type, frames) => {
    expect(await told(type, ...frames)).toEqual([...lines, '0 closed 1001']);
  });

  it.each<[string, string, Buffer[]]>([
    ['JSON that is cut', 'socketio:malformed-packet', [textFrame('42["message","a')]],
    ['an unknown Socket.IO type', 'socketio:malformed-packet', [textFrame('49')]],
    ['an empty message', 'engineio:unexpected-packet', [textFrame('')]],
    ['an unknown Engine.IO type', 'engineio:unexpected-packet', [textFrame('x')]],
    ['a second open packet', 'engineio:bad-open', [textFrame(openPacket())]],
    ['a second connect packet', 'socketio:unexpected-packet', [textFrame('40{"sid":"c"}')]],
    ['an attachment of nothing', 'socketio:unexpected-attachment', [binary('abc')]],
    [
      'an attachment that is missing',
      'socketio:missing-attachment',
      [textFrame(`451-["message",${placeholder}]`), textFrame('42["message","a"]')],
    ],
    [
      'a second binary event before the attachment of the first',
      'socketio:missing-attachment',
      [textFrame(`451-["message",${placeholder}]`), textFrame(`451-["message",${placeholder}]`)],
    ],
    ['text that is not UTF-8', 'frame:bad-utf8', [Buffer.from('8104343228c3', 'hex')]],
  ])('ends after %s', async (_, errorClass, frames) => {
    const code = errorClass === 'frame:bad-utf8' ? 1007 : 1002;
    expect(await told('binary', ...frames)).toEqual([`0 error ${errorClass}`, `0 closed ${code}`]);
  });

  it.each([
    ['the end', `42["message","${'a'.repeat(64)}"}`, ['0 error socketio:malformed-packet', '0 closed 1002']],
    ['the start', `42["massage","${'a'.repeat(64)}"]`, ['0 error socketio:unexpected-event', '0 closed 1001']],
  ])('does not take an event for a message by its length when %s differs', async (_, text, lines) => {
    expect(await told('text', textFrame(text))).toEqual(lines);
  });

  it.each([['41'], ['1']])('tells 0 when the server takes leave with %s', async (packet) => {
    expect(await told('text', textFrame(packet))).toEqual(['0 closed 0']);
  });

  it('answers the heartbeat of Engine.IO, also between an event and its attachment', async () => {
    const { port, heard } = await speaking(
      ...connected,
      textFrame(`451-["message",${placeholder}]`),
      textFrame('2'),
      binary('abc'),
      Buffer.from('8800', 'hex'),
    );
    const { notes, open } = clientOf(socketioWire, port, { payload: { sizeBytes: 64, type: 'binary' } });
    await open();
    expect(unmasked(await heard)).toEqual([
      [0x1, '40'],
      [0x1, '3'],
      [0x8, ''],
    ]);
    expect(notes.lines).toEqual(['0<abc', '0 closed 1005']);
  });

  it('outlives the heartbeats of a real server, and is told when that disconnects it', async () => {
    const port = await socketio(
      (io) => {
        io.on('connection', (socket) => {
          let heartbeats = 0;
          socket.conn.on('heartbeat', () => {
            if (++heartbeats === 3) socket.disconnect();
          });
        });
      },
      { pingInterval: 20, pingTimeout: 5000 },
    );
    const { notes, open } = clientOf(socketioWire, port);
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 0']);
  });
});
