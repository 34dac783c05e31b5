/** A broadcasting server that drops, without a word, every message to a client that has too much still to be sent. */

import { WebSocketServer } from 'ws';

const maxBufferedBytes = 64 * 1024;

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  kinds: ['broadcast'],
  async start({ host, port }) {
    const server = new WebSocketServer({ host, port, perMessageDeflate: false });
    await new Promise((resolve) => server.once('listening', resolve));
    server.on('connection', (socket) => {
      socket.on('message', (data, binary) => {
        for (const client of server.clients)
          if (client.bufferedAmount <= maxBufferedBytes) client.send(data, { binary });
      });
      socket.on('error', () => {});
    });
    return {
      port: server.address().port,
      settings: {},
      close: async () => {
        for (const client of server.clients) client.terminate();
        server.close();
      },
    };
  },
};
