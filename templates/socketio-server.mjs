// A Socket.IO server for bench to measure: put your own in its place. What start() is given and returns stays the same.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

async function start({ kind, host, port }) {
  const http = createServer(({ url }, response) => response.writeHead(url === '/health' ? 200 : 404).end('ok'));
  const io = new Server(http, { transports: ['websocket'], serveClient: false, maxHttpBufferSize: 2 ** 24 });
  io.on('connection', (socket) => {
    const audience = kind === 'echo' ? socket : io; // broadcast: everyone, the sender included
    socket.on('message', (payload) => audience.emit('message', payload));
  });
  await once(http.listen(port, host), 'listening');
  return { port: http.address().port, settings: { compression: false }, close: () => io.close() };
}

export default { protocol: 'socketio', transport: 'websocket', library: 'socket.io', start };
