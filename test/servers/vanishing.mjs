/** A pushing server that refuses every new connection from the moment that the first one has been lost. */

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  kinds: ['push'],
  async start({ host, port }) {
    const http = createServer((_request, response) => response.writeHead(404).end());
    let hasVanished = false;
    // A loss that the kernel knew of before the request came is seen here first, however late this process is.
    const verifyClient = (_info, done) => setTimeout(() => done(!hasVanished), 50);
    const server = new WebSocketServer({ server: http, perMessageDeflate: false, verifyClient });
    server.on('connection', (socket) => {
      socket.on('close', () => {
        hasVanished = true;
      });
      socket.on('error', () => {});
    });
    await new Promise((resolve) => http.listen(port, host, resolve));
    return {
      port: http.address().port,
      settings: {},
      push: (message, type) => {
        const copy = Buffer.from(message);
        for (const client of server.clients) client.send(copy, { binary: type === 'binary' });
      },
      close: async () => {
        for (const client of server.clients) client.terminate();
        http.close();
      },
    };
  },
};
