/** Program: one of several Socket.IO servers whose adapter passes packets on to the others by way of Redis. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { WebServer } from '../http/web-server.js';
import { commonSettings, serve, serverOptions } from '../socketio.js';
import { listening, toldRequest } from './replica.js';
import type { ReplicaRequest } from './replicas.js';

/** How many connections of Redis wait for what is written to a stream. */
async function waitingReaders(redis: Redis): Promise<number> {
  return String(await redis.client('LIST')).match(/ cmd=xread\b/g)?.length ?? 0;
}

/** Has `io` reach the other processes; resolves once it hears them. */
async function join(io: Server, adapter: string, redis: Redis): Promise<void> {
  if (adapter === '@socket.io/redis-streams-adapter') {
    const { createAdapter } = await import('@socket.io/redis-streams-adapter');
    const before = await waitingReaders(redis);
    io.adapter(createAdapter(redis));
    // It hears what is written after its first read has begun.
    while ((await waitingReaders(redis)) <= before) await sleep(10);
    return;
  }
  const { createAdapter } = await import('@socket.io/redis-adapter');
  const subscriber = redis.duplicate();
  io.adapter(createAdapter(redis, subscriber));
  // A connection of Redis answers in order: what was subscribed to before is subscribed to by then.
  await subscriber.ping();
}

const request = toldRequest<ReplicaRequest>();
const web = new WebServer();
const io = new Server(web.http, await serverOptions('websocket', request));
await join(io, request.adapter, new Redis(request.redisPort, '127.0.0.1'));
serve(io, request);
const port = await web.listen(request.host, request.port);
listening({ port, settings: { ...commonSettings('websocket', request), adapter: request.adapter } });
