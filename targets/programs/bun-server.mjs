/** A plain WebSocket server on Bun.serve: run by Bun, told what to do in its last argument, says on one line where it listens. */

const request = JSON.parse(process.argv.at(-1));
const { kind, headerBytes } = request;
const everyone = 'everyone';
const headOf = (message) =>
  typeof message === 'string' ? message.slice(0, headerBytes) : message.subarray(0, headerBytes);

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

/** As `roomNumber` of the other targets. */
function roomOf(url) {
  const asked = url.searchParams.getAll('room');
  return asked.length === 1 && /^\d{1,9}$/.test(asked[0]) ? `room:${Number(asked[0])}` : 'room:0';
}

const isBroadcast = kind === 'broadcast';
const isInRooms = kind === 'room' || kind === 'presence';
// Seconds. A ping is sent 16 s before it runs out, counted from the last traffic, as in uWebSockets, which Bun contains.
const idleTimeout = 45;

const server = Bun.serve({
  hostname: request.host,
  port: request.port,
  fetch(asked, self) {
    const url = new URL(asked.url);
    if (asked.headers.get('upgrade') !== null && self.upgrade(asked, { data: { room: roomOf(url) } })) return undefined;
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

const settings = {
  runtime: `Bun ${Bun.version}`,
  backlog: '512, fixed by the runtime',
  heartbeatMs: `only after ${idleTimeout - 16} s without traffic, to the nearest 4 s`,
  heartbeatTimeoutMs: '16000, fixed by the runtime',
};
process.stdout.write(`${JSON.stringify({ port: server.port, settings })}\n`);

// The parent's end of stdin closes when it ends, however that comes about.
process.stdin.on('end', () => process.exit()).resume();
