/** A Socket.IO server on @socket.io/bun-engine: run by Bun, told what to do in its last argument, says on one line where it listens. */

import { Server as Engine } from '@socket.io/bun-engine';
import { Server } from 'socket.io';
import { headOf, listening, request, roomNumber } from './contract.mjs';

const { kind, eventName } = request;
const io = new Server();
const engine = new Engine({
  path: '/socket.io/',
  pingInterval: request.heartbeatMs,
  pingTimeout: request.heartbeatTimeoutMs,
  maxHttpBufferSize: request.maxMessageBytes,
});
io.bind(engine);

function join(socket) {
  const room = `room:${roomNumber(socket.handshake.query.room)}`;
  socket.join(room);
  return room;
}

const handlers = {
  echo: (socket) => (payload) => socket.emit(eventName, payload),
  ack: () => (payload, acknowledge) => {
    if (typeof acknowledge === 'function') acknowledge(headOf(payload));
  },
  broadcast: () => (payload) => io.emit(eventName, payload),
  room: (socket) => {
    const room = join(socket);
    return (payload) => io.to(room).emit(eventName, payload);
  },
  presence: (socket) => {
    const room = join(socket);
    return (payload) => socket.to(room).emit(eventName, payload);
  },
  connect: (socket) => (payload) => socket.emit(eventName, payload),
  idle: () => () => {},
};
io.on('connection', (socket) => socket.on(eventName, handlers[kind](socket)));

const handler = engine.handler();
const server = Bun.serve({
  ...handler,
  // 0 is no limit.
  websocket: { ...handler.websocket, perMessageDeflate: false, backpressureLimit: 0, closeOnBackpressureLimit: false },
  hostname: request.host,
  port: request.port,
  fetch(asked, self) {
    const { pathname } = new URL(asked.url);
    if (pathname === '/socket.io/') return handler.fetch(asked, self);
    return pathname === '/health' ? new Response('ok') : new Response('Not Found', { status: 404 });
  },
});

listening(server.port, {
  runtime: `Bun ${Bun.version}`,
  engine: '@socket.io/bun-engine',
  // Only kind push asks for it, which is not served.
  connectionStateRecovery: false,
  backlog: '512, fixed by the runtime',
});
