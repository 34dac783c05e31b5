/** A broadcasting server that drops, without a word, every message to a client that has too much still to be sent. */

import { plainServer } from '../fixtures/plain-server.mjs';

/** Several messages, so that a reader that is merely busy loses nothing. */
const maxBufferedBytes = 1024 * 1024;

export default plainServer(['broadcast'], (socket, _request, server) => {
  socket.on('message', (data, binary) => {
    for (const client of server.clients) if (client.bufferedAmount <= maxBufferedBytes) client.send(data, { binary });
  });
});
