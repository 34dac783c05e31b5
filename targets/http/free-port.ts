/** Finds a port for programs that cannot say which they got, or would share one that is in use. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A port is tried, and given back: another process may take it meanwhile.
 * @param wanted 0 for any that is free. @throws Error EADDRINUSE
 */
export async function freePort(host: string, wanted = 0): Promise<number> {
  const probe = createServer().listen(wanted, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
