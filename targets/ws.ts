/** A plain WebSocket server on `ws`, over Node's own HTTP server. */

import type { IncomingMessage } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { type Kind, kindNames, kinds } from '../core/kind.js';
import { headerBytes } from '../core/payload/message.js';
import { effectiveSettings, type Running, type StartRequest, settings, type Target } from '../core/target.js';
import type { Compression } from '../core/variant/compression.js';
import { perMessageDeflate } from '../core/variant/per-message-deflate.js';
import { ownCopy, roomNumber, WebServer } from './http/web-server.js';

type OnMessage = (data: RawData, isBinary: boolean) => void;
type Send = (socket: WebSocket, data: RawData | string, isBinary: boolean) => void;
/** For a server, then for each connection with its opening request: what is done with a message. */
type Handler = (server: WebSocketServer, send: Send) => (socket: WebSocket, request: IncomingMessage) => OnMessage;

const echo: Handler = (_server, send) => (socket) => (data, isBinary) => send(socket, data, isBinary);
const ignore: Handler = () => () => () => {};

const handlers: Record<Kind, Handler> = {
  echo,
  // A Buffer, unless one asks ws for another type.
  ack: (_server, send) => (socket) => (data, isBinary) =>
    send(socket, (data as Buffer).subarray(0, headerBytes), isBinary),
  broadcast: (server, send) => () => (data, isBinary) => sendToAll(send, server.clients, data, isBinary),
  room: inRooms(kinds.room),
  presence: inRooms(kinds.presence),
  push: ignore,
  connect: echo,
  idle: ignore,
};

/** The threshold of ws itself holds only where the compressor forgets each message. */
function sendWith(compression: Compression | undefined): Send {
  if (compression === undefined) return (socket, data, isBinary) => socket.send(data, { binary: isBinary });
  const { thresholdBytes } = compression;
  return (socket, data, isBinary) => {
    // A Buffer, or a text of ASCII.
    const { length } = data as Buffer | string;
    socket.send(data, { binary: isBinary, compress: length >= thresholdBytes });
  };
}

/** The loop that the documentation of ws shows: ws has no other way to reach several connections. */
function sendToAll(
  send: Send,
  sockets: ReadonlySet<WebSocket>,
  data: RawData | string,
  isBinary: boolean,
  but?: WebSocket,
): void {
  for (const socket of sockets)
    if (socket !== but && socket.readyState === WebSocket.OPEN) send(socket, data, isBinary);
}

function inRooms({ audience }: (typeof kinds)[Kind]): Handler {
  return (_server, send) => {
    const rooms: Rooms = new Map();
    return (socket, request) => {
      const members = join(rooms, socket, request);
      const but = audience === 'others' ? socket : undefined;
      return (data, isBinary) => sendToAll(send, members, data, isBinary, but);
    };
  };
}

type Rooms = Map<number, Set<WebSocket>>;

/** Makes `socket` a member of the room that it asks for until it closes. @returns the members, now and later. */
function join(rooms: Rooms, socket: WebSocket, { url = '' }: IncomingMessage): ReadonlySet<WebSocket> {
  const room = roomNumber(new URLSearchParams(url.split('?')[1]).get('room'));
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  socket.once('close', () => {
    members.delete(socket);
    if (members.size === 0) rooms.delete(room);
  });
  return members;
}

async function start(request: StartRequest): Promise<Running> {
  const { kind, host, port, heartbeatMs = settings.heartbeatMs, recovery, compression, tls } = request;
  const web = new WebServer(tls);
  const server = new WebSocketServer({
    server: web.http,
    perMessageDeflate: perMessageDeflate(compression),
    maxPayload: settings.maxMessageBytes,
  });
  const send = sendWith(compression);
  const handle = handlers[kind](server, send);
  server.on('connection', (socket, opening) => {
    socket.on('message', handle(socket, opening));
    // ws closes a connection that broke the protocol or was reset; unheard, the event would end the process.
    socket.on('error', () => {});
  });
  // Repeats an error of the HTTP server, by which `listen` rejects as well.
  server.on('error', () => {});
  const bound = await web.listen(host, port);
  const stopHeartbeat = startHeartbeat(server, heartbeatMs);

  return {
    port: bound,
    settings: {
      ...effectiveSettings(request),
      heartbeat: ownHeartbeat,
      bufferutil: process.env['WS_NO_BUFFER_UTIL'] ? 'not used' : 'used if installed',
      ...(recovery && { connectionStateRecovery: 'not a thing of plain WebSocket' }),
    },
    listenAlso: (address) => web.listenAlso(address),
    push: (message, type) => sendToAll(send, server.clients, ownCopy(message, type), type === 'binary'),
    close: async () => {
      stopHeartbeat();
      await web.close();
    },
  };
}

export const ownHeartbeat = 'by the server on a timer, as the documentation of ws shows: ws has none of its own';

/** Pings every connection at set times and drops those that have not answered in time, however many pings that is. */
export function startHeartbeat(server: WebSocketServer, heartbeatMs: number): () => void {
  /** The first ping that a connection has left unanswered, by number. A pong answers all before it (RFC 6455, 5.5.3). */
  const unanswered = new Map<WebSocket, number>();
  const deadlines = new Set<NodeJS.Timeout>();
  let pings = 0;
  server.on('connection', (socket) => {
    const forget = () => unanswered.delete(socket);
    socket.on('pong', forget).once('close', forget);
  });
  const interval = setInterval(() => {
    const ping = ++pings;
    for (const socket of server.clients) {
      if (!unanswered.has(socket)) unanswered.set(socket, ping);
      socket.ping();
    }
    const deadline = setTimeout(() => {
      deadlines.delete(deadline);
      for (const [socket, first] of unanswered) if (first <= ping) socket.terminate();
    }, settings.heartbeatTimeoutMs);
    deadlines.add(deadline);
  }, heartbeatMs);
  return () => {
    clearInterval(interval);
    for (const deadline of deadlines) clearTimeout(deadline);
  };
}

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  kinds: kindNames,
  options: ['compression', 'tls', 'heartbeatMs'],
  start,
} satisfies Target;
