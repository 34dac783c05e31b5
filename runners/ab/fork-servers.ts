/** Owns the two servers of a fork: started at once, on the same core, blamed by name when one fails, ended together. */

import { type Side, sides } from '../../core/plan.js';
import type { Cores } from '../machine/cores.js';
import type { HostRequest, ServerReading } from '../server/server-message.js';
import { ServerProcess } from '../server/server-process.js';
import { type Both, both, bothAwaited } from './both.js';

/** The server of one side failed; the message says how. */
export class SideFailure extends Error {
  readonly side: Side;
  /** False when it had not even begun to listen. */
  readonly started: boolean;

  constructor(side: Side, started: boolean, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.side = side;
    this.started = started;
  }
}

export class ForkServers {
  readonly servers: Both<ServerProcess>;

  private constructor(servers: Both<ServerProcess>) {
    this.servers = servers;
  }

  /**
   * @param first is started a moment before the other.
   * @throws SideFailure when either does not start; the other is ended then.
   */
  static async start(requests: Both<HostRequest>, cores: Cores, first: Side): Promise<ForkServers> {
    const attempts = both((side) => ServerProcess.start(requests[side], cores), first);
    await Promise.allSettled(Object.values(attempts));
    try {
      return new ForkServers(await bothAwaited((side) => blaming(side, false, attempts[side])));
    } catch (error) {
      await Promise.allSettled(sides.map(async (side) => (await attempts[side]).stop()));
      throw error;
    }
  }

  /** Rejects with a SideFailure when a server ends without having been told to. */
  get died(): Promise<never> {
    return Promise.race(sides.map((side) => blaming(side, true, this.servers[side].died)));
  }

  /** Measures both between two times. @throws SideFailure when one does not answer. */
  measure(fromUs: number, toUs: number, timeoutMs: number): Promise<Both<ServerReading>> {
    return bothAwaited((side) => blaming(side, true, this.servers[side].measure(fromUs, toUs, timeoutMs)));
  }

  async stop(): Promise<void> {
    await bothAwaited((side) => this.servers[side].stop());
  }
}

function blaming<T>(side: Side, started: boolean, promise: Promise<T>): Promise<T> {
  return promise.catch((error: unknown) => {
    throw new SideFailure(side, started, error);
  });
}
