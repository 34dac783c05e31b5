/** A plain WebSocket server on Bun.serve: run by Bun, told what to do in its last argument, says on one line where it listens. */

import { headOf, listening, request, roomIn } from './contract.mjs';

const { kind } = request;
const everyone = 'everyone';

const handlers = {
  echo: (socket, message) => socket.send(message),
  ack: (socket, message) => socket.send(headOf(message)),
  // The publish of the server reaches the sender too, that of a socket does not.
  broadcast: (_socket, message) => server.publish(everyone, message),
  room: (socket, message) => server.publish(socket.data.room, message),
  presence: (socket, message) => socket.publish(socket.data.room, message),
  connect: (socket, message) => socket.send(message),
  idle: () => {},
};

const isBroadcast = kind === 'broadcast';
const isInRooms = kind === 'room' || kind === 'presence';
// Seconds. A ping is sent 16 s before it runs out, counted from the last traffic, as in uWebSockets, which Bun contains.
const idleTimeout = 45;

const server = Bun.serve({
  hostname: request.host,
  port: request.port,
  fetch(asked, self) {
    const url = new URL(asked.url);
    const data = { room: `room:${roomIn(url)}` };
    if (asked.headers.get('upgrade') !== null && self.upgrade(asked, { data })) return undefined;
    return url.pathname === '/health' ? new Response('ok') : new Response('Not Found', { status: 404 });
  },
  websocket: {
    perMessageDeflate: false,
    maxPayloadLength: request.maxMessageBytes,
    idleTimeout,
    sendPings: true,
    // 0 is no limit.
    backpressureLimit: 0,
    closeOnBackpressureLimit: false,
    open(socket) {
      if (isBroadcast) socket.subscribe(everyone);
      if (isInRooms) socket.subscribe(socket.data.room);
    },
    message: handlers[kind],
  },
});

listening(server.port, {
  runtime: `Bun ${Bun.version}`,
  backlog: '512, fixed by the runtime',
  heartbeatMs: `only after ${idleTimeout - 16} s without traffic, to the nearest 4 s`,
  heartbeatTimeoutMs: '16000, fixed by the runtime',
});
