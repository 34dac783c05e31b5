/** A server of rooms whose walls leak: every 50th message also reaches one connection of another room. */

import { WebSocketServer } from 'ws';

const leakEvery = 50;

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  kinds: ['room'],
  async start({ host, port }) {
    const server = new WebSocketServer({ host, port, perMessageDeflate: false });
    await new Promise((resolve) => server.once('listening', resolve));
    const roomOf = new Map();
    let received = 0;
    server.on('connection', (socket, request) => {
      const room = new URLSearchParams(request.url.split('?')[1]).get('room');
      roomOf.set(socket, room);
      socket.on('message', (data, binary) => {
        const strangers = [];
        for (const [client, its] of roomOf)
          if (its === room) client.send(data, { binary });
          else strangers.push(client);
        if (++received % leakEvery === 0) strangers[0]?.send(data, { binary });
      });
      socket.on('close', () => roomOf.delete(socket));
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
