/**
 * Child process that serves one layer with all below it, holds the connections that come, and tells what memory it uses
 * after garbage collection.
 */

import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryLayer } from '../../core/layers/memory-layers.js';
import { settings } from '../../core/target.js';
import { perMessageDeflate, usualCompression } from '../../core/variant/per-message-deflate.js';
import { joinParent } from '../machine/child-process.js';
import type { FromLayerServer, LayerRequest, ToLayerServer } from './ladder-plan.js';

const { request, tell, hear } = joinParent<LayerRequest, ToLayerServer, FromLayerServer>();
const { noDelay, backlog } = settings;
let held = 0;
const hold = (): void => {
  held++;
};

const options = { perMessageDeflate: false, transports: ['websocket' as const] };

/** What a layer does not have is not loaded either: most of what such a process costs is its start. */
const servers: Readonly<Record<MemoryLayer, () => Server | Promise<Server>>> = {
  tcp: () =>
    createServer({ noDelay }, (socket) => {
      socket.on('error', () => {}).resume();
      hold();
    }),
  websocket: () => websocket(createHttpServer({ noDelay })),
  async tls() {
    const { makeCertificate } = await import('../certificate.js');
    return websocket(createHttpsServer({ noDelay, ...(await makeCertificate()) }));
  },
  async deflate() {
    const { WebSocketServer } = await import('ws');
    const http = createHttpServer({ noDelay });
    const websockets = new WebSocketServer({ server: http, perMessageDeflate: perMessageDeflate(usualCompression) });
    // A connection has its compressor and its decompressor from its first message each way on.
    websockets.on('connection', (socket) => {
      socket.on('message', (message) => socket.send(message, hold)).on('error', () => {});
    });
    return http;
  },
  async engineio() {
    const http = createHttpServer({ noDelay });
    // The version that Socket.IO itself uses.
    const require = createRequire(createRequire(import.meta.url).resolve('socket.io'));
    const { attach } = require('engine.io') as typeof import('engine.io');
    attach(http, options).on('connection', (socket) => {
      socket.on('message', () => {});
      hold();
    });
    return http;
  },
  socketio: () => socketio(),
  room: () => socketio('room'),
};

async function websocket(http: HttpServer): Promise<Server> {
  const { WebSocketServer } = await import('ws');
  const websockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  websockets.on('connection', (socket) => {
    socket.on('message', () => {}).on('error', () => {});
    hold();
  });
  return http;
}

async function socketio(room?: string): Promise<Server> {
  const { Server: SocketioServer } = await import('socket.io');
  const http = createHttpServer({ noDelay });
  new SocketioServer(http, { ...options, serveClient: false }).on('connection', async (socket) => {
    socket.on('message', () => {});
    if (room !== undefined) await socket.join(room);
    hold();
  });
  return http;
}

/** Garbage of one collection may keep other alive until the next. */
const collections = 4;
const pollMs = 10;

async function memoryWith(connections: number): Promise<void> {
  while (held < connections) await sleep(pollMs);
  for (let i = 0; i < collections; i++) {
    globalThis.gc?.();
    await sleep(pollMs);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  tell({ type: 'memory', heapBytes: heapUsed + external, rssBytes: rss });
}

hear(({ connections }) => void memoryWith(connections));
const server = await servers[request.layer]();
server.listen({ host: request.host, port: 0, backlog });
await once(server, 'listening');
tell({ type: 'listening', port: (server.address() as AddressInfo).port });
