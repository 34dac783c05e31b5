/**
 * What the servers of known behaviour share that do least: plain WebSocket, or Socket.IO's opening on top of it, over
 * `node:net`. After the opening a server gets the frames of each read, unmasked, and answers with frames of its own.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Kind } from '../../core/kind.js';
import type { Protocol, Running, Target } from '../../core/target.js';
import { acceptOf } from '../../runners/clients/websocket/handshake.js';
import { reportGroundTruthAtExit } from '../ground-truth.js';
import { Unmasker, unmaskedText } from './unmasker.js';

export interface Opened {
  /** Handshakes answered, and the time from the first to the last. */
  readonly connections: number;
  readonly openedOverUs: number;
}

export interface BareBehaviour {
  /** Whole frames of one read, at least one. */
  frames(socket: Socket, frames: Buffer): void;
  /** Calls `answer`, now or later, to accept the upgrade. */
  upgrade?(answer: () => void): void;
  /** Calls `answer`, now or later, to accept Socket.IO's request to be connected. */
  connect?(answer: () => void): void;
  readonly push?: Running['push'];
  /** What it did, plain JSON. */
  account?(): object;
}

export interface BareOutlet {
  readonly kind: Kind;
  /** The open connections; the room of each is in the query of its request, `?room=7`. */
  readonly membership: Membership;
}

/** Which connections are open, and in which room each of them is. */
export class Membership {
  readonly #roomOf = new Map<Socket, number>();
  readonly #members = new Map<number, Set<Socket>>();

  enter(socket: Socket, room: number): void {
    this.#roomOf.set(socket, room);
    this.#members.set(room, (this.#members.get(room) ?? new Set()).add(socket));
  }

  /** Nothing happens to one that never entered. */
  leave(socket: Socket): void {
    const room = this.#roomOf.get(socket);
    if (room !== undefined) this.#members.get(room)?.delete(socket);
    this.#roomOf.delete(socket);
  }

  get everyone(): Iterable<Socket> {
    return this.#roomOf.keys();
  }

  /** Those in the room of `socket`, itself included; nobody when it is not open. */
  roommates(socket: Socket): Iterable<Socket> {
    const room = this.#roomOf.get(socket);
    return (room === undefined ? undefined : this.#members.get(room)) ?? [];
  }
}

const endOfRequest = '\r\n\r\n';
const open = { sid: 'bare', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 };
const engineioOpen = unmaskedText(`0${JSON.stringify(open)}`);
const socketioConnected = unmaskedText('40{"sid":"bare"}');

const atOnce = (answer: () => void): void => answer();

export function bareServer(protocol: Protocol, create: (outlet: BareOutlet) => BareBehaviour): Target {
  return {
    protocol,
    transport: 'websocket',
    library: protocol === 'websocket' ? 'ws' : 'socket.io',
    kinds: ['echo', 'connect'],
    async start({ kind, host, port }) {
      const membership = new Membership();
      const behaviour = create({ kind, membership });
      const { upgrade = atOnce, connect = atOnce } = behaviour;
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
          if (greeted) behaviour.frames(socket, frames);
          else {
            greeted = true;
            connect(() => socket.write(socketioConnected));
          }
        };
        let request = '';
        const onRequest = (bytes: Buffer): void => {
          request += bytes.toString('latin1');
          if (!request.includes(endOfRequest)) return;
          socket.off('data', onRequest).on('data', onFrames);
          membership.enter(socket, Number(/[?&]room=(\d{1,9})/.exec(request)?.[1] ?? 0));
          upgrade(() => answer(socket, request));
        };
        socket.on('data', onRequest);
        socket.on('error', () => {});
        socket.on('close', () => membership.leave(socket));
      });

      server.listen({ host, port, backlog: 511 });
      await once(server, 'listening');
      reportGroundTruthAtExit(() => ({
        ...({ connections, openedOverUs: (lastMs - firstMs) * 1000 } satisfies Opened),
        ...behaviour.account?.(),
      }));
      return {
        port: (server.address() as AddressInfo).port,
        settings: {},
        ...(behaviour.push && { push: behaviour.push }),
        close: async () => {
          for (const socket of membership.everyone) socket.destroy();
          server.close();
        },
      };
    },
  };
}
