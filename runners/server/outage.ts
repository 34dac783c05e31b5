/** One outage in the course of a trial: when it happens, and what proxy and server do in which order. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Outage } from '../../core/scenario.js';
import type { ProxyProcess } from '../proxy/proxy-process.js';

/** What an outage needs of the server under test. */
export interface RestartableServer {
  /** Kills the server; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts a fresh one. @returns its port. */
  restart(): Promise<number>;
}

export class OutageRun {
  constructor(
    private readonly outage: Pick<Outage, 'how'>,
    private readonly proxy: Pick<ProxyProcess, 'cutAll' | 'retarget'>,
    private readonly server: RestartableServer,
  ) {}

  /**
   * Happens `atMs` from now; resolves when connections reach a server again. Between a kill and the restart the proxy
   * resets new connections, as the kernel of a host does where nothing listens.
   * @throws the reason of `signal` when that aborts; and whatever server and proxy fail with.
   */
  async run(atMs: number, signal: AbortSignal): Promise<void> {
    // Rejects when the signal aborts, with an error that does not say why: the line after it does.
    await sleep(atMs, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
    if (this.outage.how === 'reset') {
      await this.proxy.cutAll();
      return;
    }
    await this.server.kill();
    signal.throwIfAborted();
    this.proxy.retarget(await this.server.restart());
  }
}
