/** A Socket.IO server on Node's HTTP server, polling first and then WebSocket; the other socketio targets are variants of it. */

import type { Namespace, Server, ServerOptions, Socket } from 'socket.io';
import { type Kind, kindNames } from '../core/kind.js';
import { headerBytes } from '../core/payload/message.js';
import {
  effectiveSettings,
  eventName,
  type Running,
  type StartRequest,
  settings,
  type Target,
  type Transport,
} from '../core/target.js';
import type { Compression } from '../core/variant/compression.js';
import { perMessageDeflate } from '../core/variant/per-message-deflate.js';
import type { TargetOptionName } from '../core/variant/target-options.js';
import { ownCopy, roomNumber, WebServer } from './http/web-server.js';

interface Emits {
  emit(event: string, payload: unknown): unknown;
}
/** What has events for somebody: all, a room or one connection. */
interface Audience extends Emits {
  /** The same, of events that are dropped where they cannot leave at once. */
  readonly volatile: Emits;
}
/** The events of an audience, volatile where that was asked for. */
type EventsOf = (audience: Audience) => Emits;

/** For all connections and one of them: what is done with a message. */
type Handler = (all: Namespace, socket: Socket, of: EventsOf) => (payload: unknown, acknowledge?: unknown) => void;

const echo: Handler = (_all, socket, of) => (payload) => of(socket).emit(eventName, payload);
const ignore: Handler = () => () => {};

const handlers: Record<Kind, Handler> = {
  echo,
  ack: () => (payload, acknowledge) => {
    if (typeof acknowledge === 'function') acknowledge(headerOf(payload));
  },
  broadcast: (all, _socket, of) => (payload) => of(all).emit(eventName, payload),
  room: (all, socket, of) => {
    const room = join(socket);
    return (payload) => of(all.to(room)).emit(eventName, payload);
  },
  presence: (_all, socket, of) => {
    const room = join(socket);
    return (payload) => of(socket.to(room)).emit(eventName, payload);
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

/**
 * Installs the handler of one kind for every connection to come.
 * @returns `Running.push` by the library's idiom.
 */
export function serve(io: Server, { kind, namespace = '/', volatile }: StartRequest): NonNullable<Running['push']> {
  const all = io.of(namespace);
  const of: EventsOf = volatile ? (audience) => audience.volatile : (audience) => audience;
  const handle = handlers[kind];
  all.on('connection', (socket) => socket.on(eventName, handle(all, socket, of)));
  return (message, type) => void of(all).emit(eventName, ownCopy(message, type));
}

const transportsOf = {
  upgrade: ['polling', 'websocket'],
  websocket: ['websocket'],
  polling: ['polling'],
} as const satisfies Record<Transport, unknown>;

/** How long a lost session is kept, which is the library's default. */
const recoveryMs = 120_000;

/** Everything set that Socket.IO lets one set; CORS stays off. */
export async function serverOptions(transport: Transport, request: StartRequest): Promise<Partial<ServerOptions>> {
  const { compression, heartbeatMs, maxHttpBufferBytes, parser, recovery } = request;
  return {
    transports: [...transportsOf[transport]],
    allowUpgrades: transport === 'upgrade',
    serveClient: false,
    perMessageDeflate: perMessageDeflate(compression),
    httpCompression: settings.compression,
    maxHttpBufferSize: maxHttpBufferBytes ?? settings.maxMessageBytes,
    pingInterval: heartbeatMs ?? settings.heartbeatMs,
    pingTimeout: settings.heartbeatTimeoutMs,
    ...(parser && { parser: await import('socket.io-msgpack-parser') }),
    ...(recovery && {
      connectionStateRecovery: { maxDisconnectionDuration: recoveryMs, skipMiddlewares: true },
    }),
  };
}

/** The settings that are recorded with either engine. */
export function commonSettings(transport: Transport, request: StartRequest): Running['settings'] {
  const { recovery, parser, namespace, volatile } = request;
  return {
    ...effectiveSettings(request),
    transports: transportsOf[transport].join(', '),
    connectionStateRecovery: recovery ?? false,
    ...(parser && { parser }),
    ...(namespace !== undefined && { namespace }),
    ...(volatile && { volatile }),
  };
}

/**
 * Engine.IO passes its threshold on to ws, which heeds it only where a window is not taken over to the next message. Not
 * changed here: this is what an application gets.
 */
function ofEveryMessage({ memLevel }: Compression): string {
  return `per-message deflate of every message: ws does not heed the threshold; memory level ${memLevel}`;
}

/** Options that do not depend on the transport. */
export const socketioOptions = [
  'compression',
  'tls',
  'parser',
  'heartbeatMs',
  'namespace',
  'recovery',
] as const satisfies readonly TargetOptionName[];

async function start(transport: Transport, request: StartRequest): Promise<Running> {
  // Not before: whoever only asks what the target is need not load the library.
  const { Server } = await import('socket.io');
  const web = new WebServer(request.tls);
  const io = new Server(web.http, await serverOptions(transport, request));
  const push = serve(io, request);
  return {
    port: await web.listen(request.host, request.port),
    settings: {
      ...commonSettings(transport, request),
      ...(request.compression && { compression: ofEveryMessage(request.compression) }),
      engine: 'ws, as installed with engine.io',
      bufferutil: process.env['WS_NO_BUFFER_UTIL'] ? 'not used' : 'used if installed',
    },
    listenAlso: (address) => web.listenAlso(address),
    push,
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
    options: [...socketioOptions, 'volatile', 'maxHttpBufferBytes'],
    start: (request) => start(transport, request),
  };
}

export default socketioTarget('upgrade');
