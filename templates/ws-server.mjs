// A WebSocket server for bench to measure: put your own in its place. What start() is given and returns stays the same.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

async function start({ kind, host, port }) {
  const http = createServer(({ url }, response) => response.writeHead(url === '/health' ? 200 : 404).end('ok'));
  const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 2 ** 24 });
  server.on('connection', (socket) => {
    const audience = kind === 'echo' ? [socket] : server.clients; // broadcast: everyone, the sender included
    socket.on('message', (data, binary) => audience.forEach((client) => void client.send(data, { binary })));
    socket.on('error', () => {}); // a connection that was reset: unheard, it would end the process
  });
  await once(http.listen(port, host), 'listening');
  const close = async () => [http, ...server.clients].forEach((open) => void open.close());
  return { port: http.address().port, settings: { compression: false }, close };
}

export default { protocol: 'websocket', transport: 'websocket', library: 'ws', start };
