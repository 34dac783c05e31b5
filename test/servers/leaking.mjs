/** A server of rooms whose walls leak: every 5th message also reaches one connection of another room. */

import { plainServer } from '../fixtures/plain-server.mjs';

const leakEvery = 5;

const roomOf = new Map();
let received = 0;

export default plainServer(['room'], (socket, request) => {
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
});
