/** An echo server that says of itself what the environment asks for: JSON, `TELLS` is its settings and `LIBRARY` its library. */

import { plainServer } from '../fixtures/plain-server.mjs';

const server = plainServer(['echo'], (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});

export default {
  ...server,
  library: process.env.LIBRARY ?? 'ws',
  start: async (request) => ({ ...(await server.start(request)), settings: JSON.parse(process.env.TELLS) }),
};
