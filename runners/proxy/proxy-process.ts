/** Proxy process, seen from its parent: starts it, cuts connections, changes where it leads. */

import { fileURLToPath } from 'node:url';
import { HostedProcess } from '../machine/child-process.js';
import type { Cores } from '../machine/cores.js';
import type { FromProxy, ProxyRequest, ToProxy } from './proxy-message.js';

const path = fileURLToPath(new URL('./proxy-host.js', import.meta.url));
/** For each of its answers; one that has ten thousand connections to reset is busy for a while. */
const answerTimeoutMs = 10_000;

export class ProxyProcess extends HostedProcess<ToProxy, FromProxy> {
  port = 0;

  /**
   * Starts a proxy to the server at `request.targetPort`, on the runners' cores: the server's is for the server alone.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: ProxyRequest, { server, runners }: Cores): Promise<ProxyProcess> {
    const proxy = new ProxyProcess({ name: 'proxy', path, request, cores: server === undefined ? undefined : runners });
    const { port } = await proxy.orGone(proxy.next('listening', answerTimeoutMs));
    return Object.assign(proxy, { port });
  }

  /** Resets every connection, on both sides. @returns how many clients had one. */
  async cutAll(): Promise<number> {
    return (await this.ask({ type: 'cut' }, 'cut', answerTimeoutMs)).connections;
  }

  /** New connections go to the server at this port; those that there are stay with theirs. */
  retarget(port: number): void {
    this.tell({ type: 'retarget', port });
  }
}
