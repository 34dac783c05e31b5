/** Finds a port for programs that cannot say which they got, or would share one that is in use. */

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * From these one is drawn: who asks the kernel for any port is given one above them (`ip_local_port_range` of Linux, 32768 to
 * 60999), so that nobody takes it by chance before the program has it.
 */
const lowest = 16_384;
const highest = 32_767;
const mostTries = 100;

/**
 * A port is tried, and given back.
 * @param wanted 0 for any that is free. @throws Error EADDRINUSE
 */
export async function freePort(host: string, wanted = 0): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = wanted === 0 ? randomInt(lowest, highest + 1) : wanted;
    try {
      const probe = createServer().listen(port, host);
      await once(probe, 'listening');
      probe.close();
      await once(probe, 'close');
      return port;
    } catch (error) {
      if (wanted !== 0 || tries === mostTries) throw error;
    }
  }
}
