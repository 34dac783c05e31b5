/** Echoes, and notes when each message of the measured window was sent, as its header says. */

import { Header, readHeader } from '../../core/payload/message.js';
import { knownServer } from '../behaviours/known-server.js';

export default knownServer(({ send }) => {
  const header = new Header();
  const sentUs: number[] = [];
  return {
    message(socket, bytes) {
      send(socket, bytes);
      if (readHeader(bytes, 0, header) && header.measured) sentUs.push(header.sentUs);
    },
    account: () => ({ sentUs }),
  };
});
