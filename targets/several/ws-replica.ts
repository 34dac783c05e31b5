/** Program: one of several ws servers that publish each message by Redis and send what they hear to their own connections. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Redis } from 'ioredis';
import { WebSocket, WebSocketServer } from 'ws';
import { isShared, kinds } from '../../core/kind.js';
import { headerBytes } from '../../core/payload/message.js';
import { effectiveSettings, settings } from '../../core/target.js';
import { roomNumber, WebServer } from '../http/web-server.js';
import { ownHeartbeat, startHeartbeat } from '../ws.js';
import { listening, toldRequest } from './replica.js';
import type { ReplicaRequest } from './replicas.js';

const request = toldRequest<ReplicaRequest>();
const { kind } = request;
const exceptsSender = kinds[kind].audience === 'others';

const publisher = new Redis(request.redisPort, '127.0.0.1');
const subscriber = publisher.duplicate();

/** One byte says whether a message is binary; the connection that it came from, which may be left out, is in 36 characters. */
const prefixBytes = 1 + 36;

/** Own connections and their ids, by channel: one for each room, or one for everybody. */
const members = new Map<string, Map<WebSocket, string>>();
/** By channel: resolves once it is subscribed to. */
const subscribed = new Map<string, Promise<unknown>>();

/** The members of a channel that is subscribed to. */
async function membersOf(channel: string): Promise<Map<WebSocket, string>> {
  const known = members.get(channel) ?? new Map<WebSocket, string>();
  members.set(channel, known);
  const subscription = subscribed.get(channel) ?? subscriber.subscribe(channel);
  subscribed.set(channel, subscription);
  await subscription;
  return known;
}

subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
  const isBinary = message[0] === 1;
  const from = message.toString('latin1', 1, prefixBytes);
  const data = message.subarray(prefixBytes);
  for (const [socket, id] of members.get(channel.toString()) ?? [])
    if (socket.readyState === WebSocket.OPEN && !(exceptsSender && id === from))
      socket.send(data, { binary: isBinary });
});

const web = new WebServer();
const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: settings.maxMessageBytes });

async function upgrade(opening: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  // A client that goes away meanwhile is nobody's fault.
  socket.on('error', () => {});
  const query = new URLSearchParams(opening.url?.split('?')[1]);
  const channel = `room:${kind === 'broadcast' ? 'all' : roomNumber(query.get('room'))}`;
  // Before the client knows that it is in: it misses nothing that is sent from then on.
  const room = isShared(kind) ? await membersOf(channel) : undefined;
  server.handleUpgrade(opening, socket, head, (connection) => {
    const id = randomUUID();
    room?.set(connection, id);
    connection.on('error', () => {});
    connection.once('close', () => room?.delete(connection));
    connection.on('message', (data: Buffer, isBinary: boolean) => {
      if (room) void publisher.publish(channel, Buffer.concat([Buffer.from(`${isBinary ? '\x01' : '\0'}${id}`), data]));
      else if (kind === 'ack') connection.send(data.subarray(0, headerBytes), { binary: isBinary });
      else if (kind !== 'idle') connection.send(data, { binary: isBinary });
    });
  });
}

web.http.on('upgrade', (opening: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(opening, socket, head));
startHeartbeat(server, request.heartbeatMs ?? settings.heartbeatMs);

const port = await web.listen(request.host, request.port);
await Promise.all([publisher.ping(), subscriber.ping()]);
listening({ port, settings: { ...effectiveSettings(request), heartbeat: ownHeartbeat } });
