/** What most servers of known behaviour share: plain WebSocket on `ws`, and counts of all messages received and sent. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Kind } from '../../core/kind.js';
import type { Target } from '../../core/target.js';
import { reportGroundTruthAtExit } from '../ground-truth.js';

/** What every server of known behaviour reports about itself. */
export interface Counted {
  readonly received: number;
  readonly sent: number;
}

export interface Outlet {
  readonly kind: Kind;
  /** Sends one text message and counts it. */
  send(socket: WebSocket, message: Buffer): void;
  /** Every open connection. */
  readonly everyone: Iterable<WebSocket>;
}

export interface Behaviour {
  message(socket: WebSocket, message: Buffer): void;
  /** What it did besides receiving and sending, plain JSON. */
  account?(): object;
}

export function knownServer(create: (outlet: Outlet) => Behaviour): Target {
  return {
    protocol: 'websocket',
    transport: 'websocket',
    library: 'ws',
    async start({ kind, host, port }) {
      const server = new WebSocketServer({ host, port, perMessageDeflate: false });
      await once(server, 'listening');
      let received = 0;
      let sent = 0;
      const behaviour = create({
        kind,
        everyone: server.clients,
        send: (socket, message) => {
          sent++;
          socket.send(message, { binary: false });
        },
      });
      server.on('connection', (socket) => {
        socket.on('error', () => {});
        socket.on('message', (message: Buffer) => {
          received++;
          behaviour.message(socket, message);
        });
      });
      reportGroundTruthAtExit(() => ({ received, sent, ...behaviour.account?.() }));
      return {
        port: (server.address() as AddressInfo).port,
        settings: {},
        close: async () => {
          for (const client of server.clients) client.terminate();
          server.close();
        },
      };
    },
  };
}
