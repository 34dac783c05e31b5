/** An echo server whose event loop stops for ever at the 500th message, and which makes a file when it does. */

import { writeFileSync } from 'node:fs';
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
        if (++received === 500) {
          writeFileSync(process.env.HANGS, '');
          for (;;);
        }
        socket.send(data, { binary });
      });
    });
    return { port: server.address().port, settings: {}, close: async () => server.close() };
  },
};
