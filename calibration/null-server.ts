/**
 * Owns the server that does least: over `node:net`, it takes the mask off every frame and sends what it got back, all
 * frames of a read in one write. It looks at no message, so that it is the generator that sets the pace.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Protocol, Target } from '../core/target.js';
import { acceptOf } from '../runners/wire/handshake.js';
import { tellTruthAtExit } from './truth.js';
import { Unmasker, unmaskedText } from './unmasker.js';

export interface Opened {
  /** Handshakes answered, and the time from the first to the last. */
  readonly connections: number;
  readonly openedOverUs: number;
}

const endOfRequest = '\r\n\r\n';
const open = { sid: 'null', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 };
const engineioOpen = unmaskedText(`0${JSON.stringify(open)}`);
const socketioConnected = unmaskedText('40{"sid":"null"}');

export function nullServer(protocol: Protocol): Target {
  return {
    protocol,
    transport: 'websocket',
    library: protocol === 'websocket' ? 'ws' : 'socket.io',
    async start({ kind, host, port }) {
      const sockets = new Set<Socket>();
      let connections = 0;
      let firstMs = 0;
      let lastMs = 0;

      const answer = (socket: Socket, request: string): void => {
        const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(request)?.[1] ?? '';
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            `Sec-WebSocket-Accept: ${acceptOf(key)}${endOfRequest}`,
        );
        if (protocol === 'socketio') socket.write(engineioOpen);
        lastMs = performance.now();
        if (connections++ === 0) firstMs = lastMs;
      };

      const server = createServer({ noDelay: true }, (socket) => {
        const unmasker = new Unmasker();
        /** Socket.IO's first message asks to be connected; it is the only one that gets an answer of its own. */
        let greeted = protocol === 'websocket';
        const onFrames = (bytes: Buffer): void => {
          const frames = unmasker.take(bytes);
          if (frames.length === 0) return;
          if (!greeted) {
            greeted = true;
            socket.write(socketioConnected);
          } else if (kind === 'echo') socket.write(frames);
          else for (const receiver of sockets) receiver.write(frames);
        };
        let request = '';
        const onRequest = (bytes: Buffer): void => {
          request += bytes.toString('latin1');
          if (!request.includes(endOfRequest)) return;
          socket.off('data', onRequest).on('data', onFrames);
          sockets.add(socket);
          answer(socket, request);
        };
        socket.on('data', onRequest);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
      });

      server.listen({ host, port, backlog: 511 });
      await once(server, 'listening');
      tellTruthAtExit(() => ({ connections, openedOverUs: (lastMs - firstMs) * 1000 }) satisfies Opened);
      return {
        port: (server.address() as AddressInfo).port,
        settings: {},
        close: async () => {
          for (const socket of sockets) socket.destroy();
          server.close();
        },
      };
    },
  };
}
