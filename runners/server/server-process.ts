/** One server process as its parent sees it: start, measurement, push, expected or unexpected end. */

import { fileURLToPath } from 'node:url';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { Running } from '../../core/target.js';
import { HostedProcess } from '../machine/child-process.js';
import type { Cores } from '../machine/cores.js';
import type { FromHost, HostRequest, ServerReading, ToHost } from './server-message.js';
import type { PushPlan } from './server-push.js';

const path = fileURLToPath(new URL('./server-host.js', import.meta.url));
const startTimeoutMs = 10_000;
/** ws would use native helpers if some other package happened to bring them: the same ws everywhere. */
const env = { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' };

export class ServerProcess extends HostedProcess<ToHost, FromHost> {
  /** Rejects when the process ends without having been told to. */
  readonly died: Promise<never>;
  #deathExpected = false;
  port = 0;
  settings: Running['settings'] = {};

  private constructor(request: HostRequest, { server: core }: Cores) {
    super({ name: 'server', path, request, cores: core === undefined ? undefined : [core], env });
    this.died = this.ended.catch((error) => {
      if (this.#deathExpected) return new Promise<never>(() => {});
      throw error;
    });
    this.died.catch(() => {});
  }

  /**
   * Starts a host process for one target, on the server's core.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: HostRequest, cores: Cores): Promise<ServerProcess> {
    const server = new ServerProcess(request, cores);
    const { port, settings } = await server.first('listening', startTimeoutMs);
    return Object.assign(server, { port, settings });
  }

  /** From now on `died` does not reject: somebody is about to `kill()` on purpose. What is being measured still does. */
  expectDeath(): void {
    this.#deathExpected = true;
  }

  /** Measures the server between two times on the host's monotonic clock. */
  async measure(fromUs: number, toUs: number, timeoutMs: number): Promise<ServerReading> {
    return (await this.ask({ type: 'measure', fromUs, toUs }, 'reading', timeoutMs)).reading;
  }

  /**
   * Kind push: has the server send by the plan, which may be asked for while it is measured.
   * @returns the server's own account: what was scheduled, sent and dropped, and how late.
   */
  async push(plan: PushPlan, timeoutMs: number): Promise<EncodedTally> {
    return (await this.ask({ type: 'push', plan }, 'pushed', timeoutMs)).tally;
  }
}
