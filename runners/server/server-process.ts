/** One server process as its parent sees it: start, measurement, push, expected or unexpected end. */

import { fileURLToPath } from 'node:url';
import type { EncodedTally } from '../../core/measure/tally.js';
import { HostedProcess } from '../machine/child-process.js';
import type { Cores } from '../machine/cores.js';
import type { FromHost, HostRequest, ServerReading, ToHost } from './server-message.js';
import type { PushPlan } from './server-push.js';

const path = fileURLToPath(new URL('./server-host.js', import.meta.url));
const startTimeoutMs = 10_000;
/** ws would use native helpers if some other package happened to bring them: the same ws everywhere. */
const env = { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' };

export class ServerProcess {
  readonly #died: Promise<never>;
  #deathExpected = false;
  port = 0;
  settings: Readonly<Record<string, string | number | boolean>> = {};

  private constructor(private readonly host: HostedProcess<ToHost, FromHost>) {
    this.#died = host.ended.catch((error) => {
      if (this.#deathExpected) return new Promise<never>(() => {});
      throw error;
    });
    this.#died.catch(() => {});
  }

  /**
   * Starts a host process for one target, on the server's core.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: HostRequest, { server: core }: Cores): Promise<ServerProcess> {
    const cores = core === undefined ? undefined : [core];
    const host = new HostedProcess<ToHost, FromHost>({ name: 'server', path, request, cores, env });
    const server = new ServerProcess(host);
    try {
      const first = await host.next('listening', startTimeoutMs);
      server.port = first.port;
      server.settings = first.settings;
      return server;
    } catch (error) {
      server.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.host.pid;
  }

  /** Rejects when the process ends without having been told to. */
  get died(): Promise<never> {
    return this.#died;
  }

  /** From now on `died` does not reject: somebody is about to `kill()` on purpose. What is being measured still does. */
  expectDeath(): void {
    this.#deathExpected = true;
  }

  /** Resolves when the process has ended, however that came about. */
  gone(): Promise<void> {
    return this.host.gone;
  }

  /** Measures the server between two times on the host's monotonic clock. */
  async measure(fromUs: number, toUs: number, timeoutMs: number): Promise<ServerReading> {
    const reading = this.host.next('reading', timeoutMs);
    this.host.tell({ type: 'measure', fromUs, toUs });
    return (await reading).reading;
  }

  /**
   * Kind push: has the server send by the plan, which may be asked for while it is measured.
   * @returns the server's own account: what was scheduled, sent and dropped, and how late.
   */
  async push(plan: PushPlan, timeoutMs: number): Promise<EncodedTally> {
    const pushed = this.host.next('pushed', timeoutMs);
    this.host.tell({ type: 'push', plan });
    return (await pushed).tally;
  }

  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void> {
    return this.host.stop({ type: 'stop' });
  }

  kill(): void {
    this.host.kill();
  }
}
