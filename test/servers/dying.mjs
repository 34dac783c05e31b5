/** An echo server that ends its process at the 50th message, with words on standard error. */

import { WebSocketServer } from 'ws';

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  async start({ host, port }) {
    const server = new WebSocketServer({ host, port });
    await new Promise((resolve) => server.once('listening', resolve));
    let received = 0;
    server.on('connection', (socket) => {
      socket.on('message', (data, binary) => {
        if (++received === 50) {
          process.stderr.write('out of luck\n', () => process.exit(9));
          return;
        }
        socket.send(data, { binary });
      });
    });
    return { port: server.address().port, settings: {}, close: async () => server.close() };
  },
};
