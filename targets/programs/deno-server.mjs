/** A plain WebSocket server on Deno.serve: run by Deno, told what to do in its last argument, says on one line where it listens. */

import { headOf, listening, request, roomIn } from './contract.mjs';

const { kind } = request;
/** Every open connection, and those of each room: Deno has no topics. */
const everyone = new Set();
const rooms = new Map();

function sendToAll(sockets, data, but) {
  for (const socket of sockets) if (socket !== but && socket.readyState === WebSocket.OPEN) socket.send(data);
}

const handlers = {
  echo: (socket, data) => socket.send(data),
  ack: (socket, data) => socket.send(headOf(data)),
  broadcast: (_socket, data) => sendToAll(everyone, data),
  room: (_socket, data, members) => sendToAll(members, data),
  presence: (socket, data, members) => sendToAll(members, data, socket),
  connect: (socket, data) => socket.send(data),
  idle: () => {},
};

function membersOf(room) {
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members);
  return members;
}

// Seconds. A ping is sent when half of it is over without traffic.
const idleTimeout = 45;

function accept(asked, url) {
  const { socket, response } = Deno.upgradeWebSocket(asked, { idleTimeout });
  const room = roomIn(url);
  const members = membersOf(room);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    everyone.add(socket);
    members.add(socket);
  };
  socket.onmessage = ({ data }) => handlers[kind](socket, data, members);
  socket.onclose = () => {
    everyone.delete(socket);
    members.delete(socket);
    if (members.size === 0 && rooms.get(room) === members) rooms.delete(room);
  };
  // A connection that breaks the protocol or is reset is closed; an error that nobody hears would be printed.
  socket.onerror = () => {};
  return response;
}

function onListen({ port }) {
  listening(port, {
    runtime: `Deno ${Deno.version.deno}`,
    backlog: 'of the runtime',
    heartbeatMs: `only after ${idleTimeout / 2} s without traffic`,
    heartbeatTimeoutMs: 1000 * (idleTimeout / 2),
    maxMessageBytes: 'of the runtime',
  });
}

Deno.serve({ hostname: request.host, port: request.port, onListen }, (asked) => {
  const url = new URL(asked.url);
  if (asked.headers.get('upgrade') === 'websocket') return accept(asked, url);
  return url.pathname === '/health' ? new Response('ok') : new Response('Not Found', { status: 404 });
});
