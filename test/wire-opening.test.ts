/** How the wire clients open a connection, and the error class of every way in which that fails. */

import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ClientFactory } from '../dist/core/client.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { cleanups, clientOf } from './fixtures/noting-client.js';
import { agree, listening, openPacket, rawServer, speaking, textFrame } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

describe('opening a connection', () => {
  const failure = async (factory: ClientFactory, port: number, connectTimeoutMs = 5000): Promise<string> => {
    const { notes, open } = clientOf(factory, port, { connectTimeoutMs });
    const reason = await open().then(
      () => 'opened',
      (error: Error) => error.message,
    );
    expect(notes.lines).toEqual([]);
    return reason;
  };

  it('fails when nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    await cleanups.pop()?.();
    expect(await failure(wsWire, port)).toBe('connect:ECONNREFUSED');
  });

  it.each([
    ['connect:http-403', () => 'HTTP/1.1 403 Forbidden\r\n\r\n'],
    ['connect:bad-response', () => 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['connect:bad-accept', () => agree('another key')],
  ])('fails as %s', async (errorClass, answer) => {
    const port = await rawServer((socket) => socket.write(answer()));
    expect(await failure(wsWire, port)).toBe(errorClass);
  });

  it('fails when the server answers nothing in time', async () => {
    const port = await rawServer(() => {});
    expect(await failure(wsWire, port, 50)).toBe('connect:timeout');
  });

  it('fails when the server stops within its answer', async () => {
    const port = await rawServer((socket, key) => socket.write(agree(key).slice(0, 60)));
    expect(await failure(wsWire, port, 50)).toBe('connect:timeout');
  });

  it('fails when the server hangs up', async () => {
    const port = await rawServer((socket) => socket.end());
    expect(await failure(wsWire, port)).toBe('connect:closed');
  });

  it('fails when the server resets the connection', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    expect(await failure(wsWire, port)).toBe('connect:reset');
  });

  it('succeeds when the answer comes byte by byte', async () => {
    const port = await rawServer(async (socket, key) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(agree(key))) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await expect(clientOf(wsWire, port).open()).resolves.toBeDefined();
  });

  it.each([
    ['the server does not open Engine.IO', 'connect:timeout', []],
    ['the open packet is garbage', 'engineio:bad-open', ['0{"sid":']],
    ['the open packet has no heartbeat', 'engineio:bad-open', ['0{"sid":"a"}']],
    ['the open packet is missing', 'socketio:unexpected-packet', ['40{"sid":"a"}']],
    ['the server accepts less than a message', 'connect:payload-above-server-limit', [openPacket(63)]],
    ['an event comes before the connection', 'socketio:unexpected-packet', [openPacket(), '42["message","a"]']],
    ['the namespace is refused', 'connect:socketio-refused', [openPacket(), '44{"message":"no"}']],
    ['the connection has no session', 'socketio:unexpected-packet', [openPacket(), '40{}']],
    ['the server takes leave', 'connect:closed', [openPacket(), '1']],
  ])('to Socket.IO fails when %s', async (_, errorClass, packets) => {
    const { port } = await speaking(...packets.map(textFrame));
    expect(await failure(socketioWire, port, errorClass === 'connect:timeout' ? 50 : 5000)).toBe(errorClass);
  });

  it('to Socket.IO fails when a middleware says no', async () => {
    const port = await socketio((io) => io.use((_socket, next) => next(new Error('no'))));
    expect(await failure(socketioWire, port)).toBe('connect:socketio-refused');
  });

  it('fails when the server closes the WebSocket before it is ready', async () => {
    const { port } = await speaking(Buffer.from('880203f0', 'hex'));
    expect(await failure(socketioWire, port)).toBe('connect:closed-1008');
  });
});
