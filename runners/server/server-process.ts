/** One server process as its parent sees it: start, measurement, push, expected or unexpected end. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { EncodedTally } from '../../core/measure/tally.js';
import { printable, show } from '../../core/printable.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import { settingsSchema, type TrialLine } from '../../core/result.js';
import { complaint, cut } from '../../core/stored-value.js';
import type { TargetDescription } from '../../core/target.js';
import { formatSeconds } from '../../core/units.js';
import { HostedProcess } from '../machine/child-process.js';
import { type Cores, moveProcesses } from '../machine/cores.js';
import type {
  FromHost,
  HostRequest,
  ListenRequest,
  LoadRequest,
  ProcessRequest,
  ServerReading,
  ToHost,
} from './server-message.js';
import type { PushPlan } from './server-push.js';

const path = fileURLToPath(new URL('./server-host.js', import.meta.url));
/** To load a target, and then to start it. */
const limitMs = 10_000;
/** ws would use native helpers if some other package happened to bring them: the same ws everywhere. */
const env = { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' };

interface Loaded {
  readonly server: ServerProcess;
  readonly target: TargetDescription;
}

export class ServerProcess extends HostedProcess<ToHost, FromHost> {
  /** Rejects when the process ends without having been told to. */
  readonly died: Promise<never>;
  private readonly target: string;
  #deathExpected = false;
  port = 0;
  settings: TrialLine['settings'] = {};
  /** The processes that serve, where this one only started them. */
  #serving: readonly number[] = [];
  hasCompanions = false;

  private constructor({ target, nodeFlags }: ProcessRequest, cores: readonly number[] | undefined, shown: boolean) {
    const request: LoadRequest = { target };
    super({ name: 'server', path, request, cores, env, shown, flags: nodeFlags });
    this.target = target;
    this.died = this.ended.catch((error) => {
      if (this.#deathExpected) return new Promise<never>(() => {});
      throw error;
    });
    this.died.catch(() => {});
  }

  /**
   * Starts a host process for one target, on cores of its own where there are any; what it starts is on them, too.
   * @param shown whether the user sees what it prints.
   * @throws Error in one sentence when the target cannot be loaded within ten seconds, or is none.
   */
  static async load(request: ProcessRequest, cores?: readonly number[], shown = false): Promise<Loaded> {
    const { target } = request;
    const server = new ServerProcess(request, cores, shown);
    const late = `The server module ${target} was not loaded within ${formatSeconds(limitMs)}: it loops or waits. Only start() may take time, so do it there.`;
    const loaded = await server.orGone(server.next('loaded', limitMs, late));
    return { server, target: loaded.target };
  }

  /** Loads a target and has it listen. @throws Error in one sentence. */
  static async start({ target, nodeFlags, ...request }: HostRequest, cores: Cores): Promise<ServerProcess> {
    const { server } = await ServerProcess.load({ target, nodeFlags }, cores.server);
    await server.listen(request, cores.beside);
    return server;
  }

  /**
   * @param beside cores for what stands beside the processes that serve; undefined: theirs.
   * @throws Error in one sentence when it does not listen within ten seconds, or says of itself what cannot be stored.
   */
  async listen(request: ListenRequest, beside?: readonly number[]): Promise<void> {
    const late = `start() of ${this.target} did not end within ${formatSeconds(limitMs)}; it is to return { port, settings, close } as soon as the server listens.`;
    const listening = this.ask({ type: 'listen', request }, 'listening', limitMs, late).then(
      async ({ port, settings, pids = [], beside: companions }) => {
        this.#serving = pids;
        this.hasCompanions = companions !== undefined;
        if (beside && companions) await moveProcesses(Object.values(companions), beside);
        return { port, settings: storable(settings, `start() of ${this.target}`) };
      },
    );
    Object.assign(this, await this.orGone(listening));
  }

  /** Of the server's processes, those that serve first. */
  get pids(): readonly number[] {
    return [...this.#serving, this.pid];
  }

  /** Of the processes that serve. */
  get serving(): readonly number[] {
    return this.#serving.length > 0 ? this.#serving : [this.pid];
  }

  /** The same before a run, and whether something listens there. */
  async tryListening(request: ListenRequest): Promise<void> {
    await this.listen(request);
    const socket = connect(this.port, request.host);
    await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => {
      throw new Error(`start() of ${this.target} returned the port ${this.port}, where nothing listens: ${error.code}`);
    });
    socket.destroy();
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

  /** Kills one of several processes, while the others go on. @param random uniform in [0, 1): which one. */
  async killOne(random: number): Promise<void> {
    await this.ask({ type: 'kill one', random }, 'killed one', limitMs);
  }

  /** Profiles the server from now until the last span of the plan is over; undefined where another process serves. */
  async profile(plan: ProfilePlan, timeoutMs: number): Promise<ProfileReading | undefined> {
    if (this.#serving.length > 0) return undefined;
    return (await this.ask({ type: 'profile', plan }, 'profiled', timeoutMs)).profile;
  }
}

/** Settings as a result file holds them: long texts are cut. @throws Error in one sentence when it cannot hold them. */
export function storable(settings: unknown, teller: string): TrialLine['settings'] {
  const each = 'each is to be a text, a number, true or false';
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new Error(`${teller} returned settings: ${show(settings)}; ${each}`);
  const kept = Object.entries(settings).map(([name, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value) || name === '__proto__')
      throw new Error(`${teller} returned settings.${printable(cut(name, 60))}: ${show(value)}; ${each}`);
    return [name, typeof value === 'string' ? cut(value) : value];
  });
  const { data, error } = settingsSchema.safeParse(Object.fromEntries(kept));
  if (error) throw new Error(`${teller} returned settings that a result file cannot hold: ${complaint(error)}`);
  return data;
}
