/** What becomes of a Socket.IO connection whose upgrade to WebSocket does not get through. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import { cleanups, clientOf } from './fixtures/noting-client.js';
import { agree } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

const obstacles: Record<string, (request: IncomingMessage, socket: Socket) => void> = {
  'is refused': (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'),
  'is not answered': () => {},
  'is cut off': (request, socket) => {
    socket.write(agree(request.headers['sec-websocket-key'] ?? ''), () => socket.resetAndDestroy());
  },
};
const each = Object.entries(obstacles);

/** A server that echoes over polling and does `hinder` to every request for a WebSocket. */
const hindered = (hinder: (request: IncomingMessage, socket: Socket) => void): Promise<number> =>
  socketio((io) => {
    io.httpServer.removeAllListeners('upgrade');
    io.httpServer.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => {});
      cleanups.push(() => socket.destroy());
      hinder(request, socket);
    });
    io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
  });

describe('a connection whose upgrade', () => {
  it.each(each)('%s is ready over polling where it may stay there', async (_, hinder) => {
    const { notes, open } = clientOf(socketioLibrary, await hindered(hinder), {
      transport: 'upgrade',
      mayStayOnPolling: true,
    });
    const { connection, stagesUs, costs } = await open();
    expect(Object.keys(stagesUs).sort()).toEqual(['engineio', 'ready', 'socketio', 'tcp']);
    expect(Object.keys(costs).sort()).toEqual(['engineio', 'ready', 'socketio', 'tcp']);
    for (let i = 0; i < 20; i++) {
      expect(connection.send(0, i, 0, 0, true)).toBe(true);
      await notes.until(() => notes.lines.length > i);
    }
    expect(notes.lines).toEqual(Array.from({ length: 20 }, (_, i) => `0<0:${i}`));
    // As it was when the connection was ready, whatever has come of the upgrade since.
    expect(Object.keys(stagesUs)).toHaveLength(4);
  });

  it.each(each)('%s has failed where it may not', async (obstacle, hinder) => {
    const { notes, open } = clientOf(socketioLibrary, await hindered(hinder), {
      transport: 'upgrade',
      connectTimeoutMs: obstacle === 'is not answered' ? 300 : 5000,
    });
    const errorClass = obstacle === 'is not answered' ? 'connect:timeout' : 'connect:upgrade';
    await expect(open()).rejects.toThrow(errorClass);
    expect(notes.lines).toEqual([]);
  });

  it('gets through is made in the background where it may stay on polling', async () => {
    let upgraded: () => void = () => {};
    const upgrade = new Promise<void>((resolve) => {
      upgraded = resolve;
    });
    const port = await socketio((io) =>
      io.on('connection', (socket) => {
        if (socket.conn.transport.name === 'websocket') upgraded();
        socket.conn.once('upgrade', upgraded);
        socket.on('message', (data) => socket.emit('message', data));
      }),
    );
    const { notes, open } = clientOf(socketioLibrary, port, { transport: 'upgrade', mayStayOnPolling: true });
    const { connection } = await open();
    connection.send(0, 0, 0, 0, true);
    await upgrade;
    connection.send(0, 1, 0, 0, true);
    await notes.until(() => notes.lines.length === 2);
    expect(notes.lines).toEqual(['0<0:0', '0<0:1']);
  });
});
