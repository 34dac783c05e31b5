/** A user's own server in a trial: started by its command or running already, and measured from outside. */

import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import { printable } from '../../core/printable.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import type { Clock } from '../../core/schedule.js';
import { formatSeconds } from '../../core/units.js';
import { killGroup, lastWords, watched } from '../machine/child-process.js';
import type { Cores } from '../machine/cores.js';
import { ProfilerSocket } from '../profiler/profiler-socket.js';
import { processesListeningOn } from './listening-processes.js';
import { OutsideMeter } from './outside-meter.js';
import type { ServerReading } from './server-message.js';

/** How a user's own server comes to run. */
export interface OwnProcess {
  /** The command that starts it, split; undefined: it runs already. */
  readonly command?: readonly string[] | undefined;
  /** Where the command runs; undefined: the working directory. */
  readonly folder?: string | undefined;
  /** The process to measure; undefined: the one that was started, or that listens on the port. */
  readonly pid?: number | undefined;
  /** Whether its profile can be asked for, as far as it is a Node server that is started. */
  readonly isProfiled?: boolean;
}

const startLimitMs = 30_000;
const lookEveryMs = 50;
const stopGraceMs = 4_000;
const maxStderrChars = 4_000;

export class OwnServerProcess {
  readonly settings = {};
  readonly hasCompanions = false;
  /** Rejects when a server that was started ends by itself. */
  readonly died: Promise<never>;
  readonly #meter: OutsideMeter | undefined;
  #isStopping = false;

  private constructor(
    readonly port: number,
    /** Of the server's processes; none where they are not known. */
    readonly pids: readonly number[],
    clock: Clock,
    private readonly child?: ChildProcess,
    private readonly ended: Promise<string> = new Promise(() => {}),
    private readonly profiler?: ProfilerSocket,
  ) {
    this.#meter = pids.length > 0 ? new OutsideMeter(pids, clock) : undefined;
    this.died = this.ended.then((how) => {
      if (this.#isStopping) return new Promise<never>(() => {});
      throw new Error(how);
    });
    this.died.catch(() => {});
  }

  /** Of the process that listens. */
  get serving(): readonly number[] {
    return this.pids.slice(0, 1);
  }

  /** @throws Error in one sentence when a server that is to be started does not listen in time. */
  static async start(
    { hostname, addresses, port }: Pick<Endpoint, 'hostname' | 'addresses' | 'port'>,
    { command, folder, pid, isProfiled = false }: OwnProcess,
    cores: Cores,
    clock: Clock,
  ): Promise<OwnServerProcess> {
    if (command === undefined) {
      const known = pid === undefined ? processesListeningOn(port) : [pid];
      return new OwnServerProcess(port, isHere(addresses) ? known : [], clock);
    }
    const [address = hostname] = addresses;
    if (await answers(address, port))
      throw new Error(
        `something listens on port ${port} already; stop it, or leave out --start to measure it as it runs`,
      );
    const profiler = isProfiled ? new ProfilerSocket() : undefined;
    const child = spawnOn(cores.server, command, folder, { PORT: String(port), ...profiler?.env });
    const ended = endOf(child, command);
    let hasEnded = false;
    const died = ended.then((how): never => {
      hasEnded = true;
      throw new Error(how);
    });
    died.catch(() => {});
    try {
      await Promise.race([listens(address, port, command, () => hasEnded), died]);
    } catch (error) {
      killGroup(child.pid);
      profiler?.close();
      throw error;
    }
    // The one that listens comes first: by it the CPU of short windows is read, and npm start is only its parent.
    const pids = [...processesListeningOn(port).slice(0, 1), child.pid ?? []].flat();
    return new OwnServerProcess(port, [...new Set(pids)], clock, child, ended, profiler);
  }

  measure(fromUs: number, toUs: number): Promise<ServerReading | undefined> {
    return this.#meter?.measure(fromUs, toUs) ?? Promise.resolve(undefined);
  }

  /** From now until the last span of the plan is over; undefined where the server cannot be profiled. */
  profile(plan: ProfilePlan, timeoutMs: number): Promise<ProfileReading | undefined> {
    return this.profiler?.profile(this.pids, plan, timeoutMs) ?? Promise.resolve(undefined);
  }

  /** From now on an end is no failure. */
  expectDeath(): void {
    this.#isStopping = true;
  }

  /** At once, and without a word. */
  kill(): void {
    killGroup(this.child?.pid);
  }

  /** Resolves when what was started has ended. */
  get gone(): Promise<unknown> {
    return this.ended;
  }

  /** Ends what was started, with all that it started; what runs already goes on. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.profiler?.close();
    if (this.child?.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGTERM');
    } catch {
      // It has ended.
    }
    await Promise.race([this.ended, sleep(stopGraceMs, undefined, { ref: false })]);
    killGroup(this.child.pid);
    await this.ended;
  }
}

/** Whether a process of this machine can be the one that answers at these addresses. */
export function isHere(addresses: readonly string[]): boolean {
  return addresses.every((address) => address === '::1' || address.startsWith('127.'));
}

/** In a process group of its own, which ends with bench. */
function spawnOn(
  cores: readonly number[] | undefined,
  command: readonly string[],
  cwd: string | undefined,
  added: NodeJS.ProcessEnv,
): ChildProcess {
  const pinned = cores === undefined ? command : ['taskset', '-c', cores.join(','), ...command];
  const [shell, ...args] = watched(pinned);
  const env = { ...process.env, ...added };
  return spawn(shell, args, { cwd, env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
}

/** Resolves to how it ended, a sentence. */
function endOf(child: ChildProcess, command: readonly string[]): Promise<string> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrChars);
  });
  const name = printable(command.join(' '));
  const kill = (): void => killGroup(child.pid);
  process.once('exit', kill);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`the command ${name} could not be started: ${error.message}`));
    // Its group has a watcher, which else would keep the pipe to it open.
    child.once('exit', kill);
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      const said = lastWords(stderr);
      const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
      resolve(`the server that ${name} started ${how}${said && `; its last words: ${said}`}`);
    });
  });
}

/** @param isOver whether it has ended and nothing will listen any more. */
async function listens(
  address: string,
  port: number,
  command: readonly string[],
  isOver: () => boolean,
): Promise<void> {
  const untilMs = performance.now() + startLimitMs;
  while (!(await answers(address, port)) && !isOver()) {
    if (performance.now() > untilMs)
      throw new Error(
        `${printable(command.join(' '))} did not listen on port ${port} within ${formatSeconds(startLimitMs)}; it is told the port in PORT`,
      );
    await sleep(lookEveryMs);
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const tell = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', tell(true)).once('error', tell(false)).once('timeout', tell(false));
  });
}
