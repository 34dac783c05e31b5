/** An echo server on ws with known faults, each counted over all messages: what it does wrong, it does exactly so often. */

import { WebSocketServer } from 'ws';

const dropEvery = 1000;
const duplicateEvery = 997;
const swapEvery = 991;

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  async start({ host, port }) {
    const server = new WebSocketServer({ host, port, perMessageDeflate: false });
    await new Promise((resolve) => server.once('listening', resolve));
    let received = 0;
    server.on('connection', (socket) => {
      let held;
      socket.on('message', (data, binary) => {
        received++;
        if (received % dropEvery === 0) return;
        if (received % swapEvery === 0 && held === undefined) {
          held = data;
          return;
        }
        socket.send(data, { binary });
        if (received % duplicateEvery === 0) socket.send(data, { binary });
        if (held !== undefined) socket.send(held, { binary });
        held = undefined;
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
