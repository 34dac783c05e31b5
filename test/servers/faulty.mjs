/** An echo server on ws with known faults, each counted over all messages: what it does wrong, it does exactly so often. */

import { plainServer } from '../fixtures/plain-server.mjs';

const dropEvery = 1000;
const duplicateEvery = 997;
/** The last of 10,000 is early enough that another message of its connection follows. */
const swapEvery = 910;

let received = 0;

// Without kinds of its own, as modules of users are that serve the usual two.
export default plainServer(undefined, (socket) => {
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
});
