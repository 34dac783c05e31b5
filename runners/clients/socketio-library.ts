/** Owns the client half of Socket.IO as the real `socket.io-client` does it, over each of its transports. */

import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, isIPv6, type NetConnectOpts, Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Client, ClientFactory, ClientSetup, Connection, ConnectStages, Opened } from '../../core/client.js';
import { blankMessage, writeHeader } from '../../core/message.js';
import { eventName } from '../../core/settings.js';
import type { Transport } from '../../core/target.js';

const maxBufferedBytes = 16 * 1024 * 1024;
const maxQueuedPackets = 10_000;

const transportsOf: Record<Transport, string[]> = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};

/**
 * Lets us see the TCP connections of one Socket.IO connection, which the library hides, and end them at once. Keeps
 * them alive between requests, as browsers do: on Node the library alone would open a TCP connection for every poll,
 * and long-polling would be judged by what no browser does.
 */
class ConnectionAgent extends Agent {
  readonly #open = new Set<TcpSocket>();
  readonly #onConnect: () => void;
  #ended = false;
  /** The TCP connection opened last: after an upgrade, that of the WebSocket. */
  latest: TcpSocket | undefined;
  /** Code of the first TCP error, such as ECONNREFUSED. */
  failure: string | undefined;

  constructor(onConnect: () => void) {
    super({ keepAlive: true });
    this.#onConnect = onConnect;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    if (this.#ended) {
      callback?.(new Error('the connection has ended'), new TcpSocket());
      return undefined;
    }
    const socket = connect(options as NetConnectOpts);
    this.#open.add(socket);
    this.latest = socket;
    socket.once('connect', this.#onConnect);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= error.code;
    });
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /** Resets what is open and refuses to open more. */
  end(): void {
    this.#ended = true;
    for (const socket of this.#open) socket.resetAndDestroy();
  }
}

function create(setup: ClientSetup): Client {
  const { inbox, clock, transport } = setup;
  const { sizeBytes, type } = setup.payload;
  const outgoing = Buffer.from(blankMessage(sizeBytes).buffer);
  let incoming = Buffer.alloc(sizeBytes);

  /** The library may queue what it is given, so binary messages are copies; strings cannot change. */
  const payloadNow = type === 'binary' ? () => Buffer.from(outgoing) : () => outgoing.toString('latin1');

  function receiveText(receiver: number, payload: unknown): void {
    const receivedUs = clock.nowUs();
    if (typeof payload !== 'string') {
      inbox.error(receiver, 'wrong-type');
      return;
    }
    const length = Buffer.byteLength(payload);
    if (length > incoming.length) incoming = Buffer.alloc(length);
    incoming.write(payload, 0, length, 'utf8');
    inbox.message(receiver, incoming, 0, length, receivedUs);
    inbox.endOfRead(receiver);
  }

  function receiveBinary(receiver: number, payload: unknown): void {
    const receivedUs = clock.nowUs();
    if (!(payload instanceof Uint8Array)) {
      inbox.error(receiver, 'wrong-type');
      return;
    }
    inbox.message(receiver, payload, 0, payload.length, receivedUs);
    inbox.endOfRead(receiver);
  }

  const receive = type === 'binary' ? receiveBinary : receiveText;

  function connectionOver(socket: Socket, agent: ConnectionAgent, close: () => void): Connection {
    return {
      send(sender, sequence, dueUs, sentUs, measured) {
        if (!socket.connected || socket.io.engine.writeBuffer.length > maxQueuedPackets) return false;
        // Over WebSocket the library counts as sent what still waits in the TCP socket.
        if (agent.latest !== undefined && agent.latest.writableLength > maxBufferedBytes) return false;
        writeHeader(outgoing, 0, 0, sender, sequence, dueUs, sentUs, measured);
        socket.emit(eventName, payloadNow());
        return true;
      },
      // The library has written already, or will as soon as its transport is free.
      flush() {},
      close,
    };
  }

  function open(receiver: number, address: string): Promise<Opened> {
    return new Promise((resolve, reject) => {
      const startedUs = clock.nowUs();
      const stagesUs: ConnectStages = { ready: 0 };
      const endStage = (stage: keyof ConnectStages) => {
        stagesUs[stage] ??= clock.nowUs() - startedUs;
      };
      const agent = new ConnectionAgent(() => endStage('tcp'));
      // Two of the options are declared for browsers only.
      const options = { agent, perMessageDeflate: false } as unknown as Partial<ManagerOptions & SocketOptions>;
      const socket = io(`http://${isIPv6(address) ? `[${address}]` : address}:${setup.port}`, {
        ...options,
        transports: transportsOf[transport],
        forceNew: true,
        reconnection: false,
        timeout: setup.connectTimeoutMs,
      });

      const close = () => {
        clearTimeout(timer);
        socket.off();
        socket.io.engine.off();
        agent.end();
        socket.disconnect();
      };
      const fail = (errorClass: string) => {
        close();
        reject(new Error(errorClass));
      };
      const timer = setTimeout(fail, setup.connectTimeoutMs, 'connect:timeout');
      let isReady = false;
      const readyAfter = (stage: keyof ConnectStages) => {
        endStage(stage);
        if (stagesUs.socketio === undefined) return;
        if (transport === 'upgrade' && stagesUs.upgrade === undefined) return;
        isReady = true;
        clearTimeout(timer);
        stagesUs.ready = Math.max(stagesUs.socketio, stagesUs.upgrade ?? 0);
        resolve({ connection: connectionOver(socket, agent, close), stagesUs });
      };

      socket.io.once('open', () => endStage('engineio'));
      socket.io.engine.once('upgrade', () => readyAfter('upgrade'));
      socket.io.engine.once('upgradeError', () => fail('connect:upgrade'));
      socket.once('connect', () => readyAfter('socketio'));
      socket.once('connect_error', (error) => fail(connectClass(error, agent.failure)));
      socket.on(eventName, (payload: unknown) => receive(receiver, payload));
      socket.once('disconnect', (_reason, details) => {
        if (isReady) inbox.closed(receiver, closeCode(details));
        else fail('connect:closed');
      });
    });
  }

  return { open };
}

/** What went wrong as a class; nothing the server has sent gets into it, but for an HTTP status. */
function connectClass(error: Error, tcpFailure: string | undefined): string {
  if (tcpFailure !== undefined) return `connect:${tcpFailure}`;
  if (error.message === 'timeout') return 'connect:timeout';
  const { type, description } = error as Error & { type?: string; description?: unknown };
  if (type !== 'TransportError') return 'connect:refused';
  // Polling gives the status itself, WebSocket an event whose message ends in it.
  const status = typeof description === 'number' ? description : statusIn((description as Error | undefined)?.message);
  return status >= 100 ? `connect:http-${status}` : 'connect:handshake';
}

function statusIn(message: string | undefined): number {
  return Number(/^Unexpected server response: (\d{3})$/.exec(message ?? '')?.[1] ?? 0);
}

/** The WebSocket close code inside the details of a disconnect; 0 where there is none. */
function closeCode(details: unknown): number {
  return (details as { context?: { code?: number } } | undefined)?.context?.code ?? 0;
}

export default {
  name: 'library',
  protocol: 'socketio',
  transports: ['websocket', 'polling', 'upgrade'],
  create,
} satisfies ClientFactory;
