/** Proxy process, seen from its parent: starts it, cuts connections, changes where it leads, stops it. */

import { fileURLToPath } from 'node:url';
import { HostedProcess } from '../machine/child-process.js';
import type { Cores } from '../machine/cores.js';
import type { FromProxy, ProxyRequest, ToProxy } from './proxy-message.js';

const path = fileURLToPath(new URL('./proxy-host.js', import.meta.url));
/** For each of its answers; one that has ten thousand connections to reset is busy for a while. */
const answerTimeoutMs = 10_000;

export class ProxyProcess {
  readonly #host: HostedProcess<ToProxy, FromProxy>;
  port = 0;

  private constructor(host: HostedProcess<ToProxy, FromProxy>) {
    this.#host = host;
  }

  /**
   * Starts a proxy to the server at `request.targetPort`, on the runners' cores: the server's is for the server alone.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: ProxyRequest, { server, runners }: Cores): Promise<ProxyProcess> {
    const cores = server === undefined ? undefined : runners;
    const host = new HostedProcess<ToProxy, FromProxy>({ name: 'proxy', path, request, cores });
    const proxy = new ProxyProcess(host);
    try {
      proxy.port = (await host.next('listening', answerTimeoutMs)).port;
      return proxy;
    } catch (error) {
      host.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#host.pid;
  }

  /** Rejects when the process ends. */
  get died(): Promise<never> {
    return this.#host.ended;
  }

  /** Resets every connection, on both sides. @returns how many clients had one. */
  async cutAll(): Promise<number> {
    const cut = this.#host.next('cut', answerTimeoutMs);
    this.#host.tell({ type: 'cut' });
    return (await cut).connections;
  }

  /** New connections go to the server at this port; those that there are stay with theirs. */
  retarget(port: number): void {
    this.#host.tell({ type: 'retarget', port });
  }

  /** Ends the process, and with it all connections; resolves when it is gone. */
  stop(): Promise<void> {
    return this.#host.stop({ type: 'stop' });
  }
}
