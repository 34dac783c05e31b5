/** A Socket.IO server on Node's HTTP server, polling first and then WebSocket; the other socketio targets are variants of it. */

import type { Server, ServerOptions, Socket } from 'socket.io';
import { type Kind, kindNames } from '../core/kind.js';
import { headerBytes } from '../core/message.js';
import { eventName, type Running, type StartRequest, settings, type Target, type Transport } from '../core/target.js';
import { ownCopy, roomNumber, WebServer } from './http/web-server.js';

/** For a server and a connection: what is done with a message. */
type Handler = (io: Server, socket: Socket) => (payload: unknown, acknowledge?: unknown) => void;

const echo: Handler = (_io, socket) => (payload) => socket.emit(eventName, payload);
const ignore: Handler = () => () => {};

const handlers: Record<Kind, Handler> = {
  echo,
  ack: () => (payload, acknowledge) => {
    if (typeof acknowledge === 'function') acknowledge(headerOf(payload));
  },
  broadcast: (io) => (payload) => io.emit(eventName, payload),
  room: (io, socket) => {
    const room = join(socket);
    return (payload) => io.to(room).emit(eventName, payload);
  },
  presence: (_io, socket) => {
    const room = join(socket);
    return (payload) => socket.to(room).emit(eventName, payload);
  },
  push: ignore,
  connect: echo,
  idle: ignore,
};

/** @returns the room that the connection asked for. */
function join(socket: Socket): string {
  const room = `room:${roomNumber(socket.handshake.query['room'])}`;
  void socket.join(room);
  return room;
}

/** Only text and binary have a header; an event may bring any other JSON value. */
function headerOf(payload: unknown): string | Buffer | undefined {
  if (typeof payload === 'string') return payload.slice(0, headerBytes);
  return Buffer.isBuffer(payload) ? payload.subarray(0, headerBytes) : undefined;
}

/** Installs the handler of one kind for every connection to come. */
export function serve(io: Server, kind: Kind): void {
  const handle = handlers[kind];
  io.on('connection', (socket) => socket.on(eventName, handle(io, socket)));
}

/** `Running.push` by the library's idiom. */
export function pushThrough(io: Server): NonNullable<Running['push']> {
  return (message, type) => void io.emit(eventName, ownCopy(message, type));
}

const transportsOf = {
  upgrade: ['polling', 'websocket'],
  websocket: ['websocket'],
  polling: ['polling'],
} as const satisfies Record<Transport, unknown>;

/** How long a lost session is kept, which is the library's default. */
const recoveryMs = 120_000;

/** Everything set that Socket.IO lets one set; CORS stays off. */
export function serverOptions(transport: Transport, { heartbeatMs, recovery }: StartRequest): Partial<ServerOptions> {
  return {
    transports: [...transportsOf[transport]],
    allowUpgrades: transport === 'upgrade',
    serveClient: false,
    perMessageDeflate: settings.compression,
    httpCompression: settings.compression,
    maxHttpBufferSize: settings.maxMessageBytes,
    pingInterval: heartbeatMs ?? settings.heartbeatMs,
    pingTimeout: settings.heartbeatTimeoutMs,
    ...(recovery && {
      connectionStateRecovery: { maxDisconnectionDuration: recoveryMs, skipMiddlewares: true },
    }),
  };
}

/** The settings that are recorded with either engine. */
export function commonSettings(transport: Transport, { heartbeatMs, recovery }: StartRequest): Running['settings'] {
  return {
    ...settings,
    heartbeatMs: heartbeatMs ?? settings.heartbeatMs,
    transports: transportsOf[transport].join(', '),
    connectionStateRecovery: recovery ?? false,
  };
}

async function start(transport: Transport, request: StartRequest): Promise<Running> {
  // Not before: whoever only asks what the target is need not load the library.
  const { Server } = await import('socket.io');
  const web = new WebServer();
  const io = new Server(web.http, serverOptions(transport, request));
  serve(io, request.kind);
  return {
    port: await web.listen(request.host, request.port),
    settings: {
      ...commonSettings(transport, request),
      engine: 'ws, as installed with engine.io',
      bufferutil: process.env['WS_NO_BUFFER_UTIL'] ? 'not used' : 'used if installed',
    },
    listenAlso: (address) => web.listenAlso(address),
    push: pushThrough(io),
    close: async () => {
      // Socket.IO alone would wait for the other side to close.
      await Promise.all([io.close(), web.close()]);
    },
  };
}

/** The Socket.IO server with only the transports that `transport` needs. */
export function socketioTarget(transport: Transport): Target {
  return {
    protocol: 'socketio',
    transport,
    library: 'socket.io',
    kinds: kindNames,
    start: (request) => start(transport, request),
  };
}

export default socketioTarget('upgrade');
