/** Owns the life of one server process as its parent sees it: start, measure, push, death, end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Tally } from '../core/tally.js';
import type { Cores } from './cores.js';
import { findOnPath } from './find-on-path.js';
import type { FromHost, HostRequest, ServerReading, ToHost } from './server-message.js';
import type { PushPlan } from './server-push.js';

const hostPath = fileURLToPath(new URL('./server-host.js', import.meta.url));
const startTimeoutMs = 10_000;
const stopGraceMs = 2_000;
/** What a dying server last wrote to its standard error, kept for the message about its death. */
const maxStderrChars = 4_000;

export class ServerProcess {
  readonly #child: ChildProcess;
  /** Rejects when the process ends, whatever for: nothing that is asked of it will be answered. */
  readonly #ended: Promise<never>;
  readonly #died: Promise<never>;
  readonly #gone: Promise<void>;
  #deathExpected = false;
  #stderr = '';
  port = 0;
  settings: Readonly<Record<string, string | number | boolean>> = {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-maxStderrChars);
    });
    this.#ended = new Promise((_, reject) => {
      child.once('error', (error) => reject(new Error(`the server process could not be started: ${error.message}`)));
      child.once('exit', (code, signal) => reject(new Error(this.#describeDeath(code, signal))));
    });
    this.#died = this.#ended.catch((error) => {
      if (this.#deathExpected) return new Promise<never>(() => {});
      throw error;
    });
    this.#died.catch(() => {});
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => resolve());
      // One that could not be started does not exit.
      child.once('error', () => child.pid === undefined && resolve());
    });
  }

  /**
   * Starts a host process for one target, on the server's core.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: HostRequest, cores: Cores): Promise<ServerProcess> {
    const [command, ...args] = commandLine(request, cores);
    const child = spawn(command!, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // ws would use native helpers if some other package happened to bring them: the same ws everywhere.
      env: { ...process.env, WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' },
    });
    const server = new ServerProcess(child);
    try {
      const first = await server.#next('listening', startTimeoutMs);
      server.port = first.port;
      server.settings = first.settings;
      return server;
    } catch (error) {
      server.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid!;
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
    return this.#gone;
  }

  /** Measures the server between two times on the host's monotonic clock. */
  async measure(fromUs: number, toUs: number, timeoutMs: number): Promise<ServerReading> {
    const reading = this.#next('reading', timeoutMs);
    this.#tell({ type: 'measure', fromUs, toUs });
    return (await reading).reading;
  }

  /**
   * Kind push: has the server send by the plan, which may be asked for while it is measured.
   * @returns the server's own books: what was scheduled, sent and dropped, and how late.
   */
  async push(plan: PushPlan, timeoutMs: number): Promise<Tally> {
    const pushed = this.#next('pushed', timeoutMs);
    this.#tell({ type: 'push', plan });
    return Tally.decode((await pushed).tally);
  }

  /** Ends the process; resolves when it is gone. One that is starved needs its time to go in good order. */
  async stop(): Promise<void> {
    this.#tell({ type: 'stop' });
    const impatient = setTimeout(() => this.kill(), stopGraceMs);
    await this.#gone;
    clearTimeout(impatient);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tell(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #next<T extends FromHost['type']>(type: T, timeoutMs: number): Promise<Extract<FromHost, { type: T }>> {
    let timer: NodeJS.Timeout;
    let listener: (message: FromHost) => void;
    const message = new Promise<Extract<FromHost, { type: T }>>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the server said nothing for ${timeoutMs / 1000} s (waiting for "${type}")`)),
        timeoutMs,
      );
      listener = (message) => {
        if (message.type === 'failed') reject(new Error(message.message));
        else if (message.type === type) resolve(message as Extract<FromHost, { type: T }>);
      };
      this.#child.on('message', listener);
    });
    return Promise.race([message, this.#ended]).finally(() => {
      clearTimeout(timer);
      this.#child.off('message', listener);
    });
  }

  #describeDeath(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
    const last = this.#stderr.trim().split('\n').slice(-6).join('\n');
    return `the server process ${how}${last ? `; its last words: ${last}` : ''}`;
  }
}

/**
 * `setpriv --pdeathsig` makes the kernel kill the server when its parent dies, even when the server is too busy to
 * notice; without it, the host ends itself when its channel to the parent closes.
 */
function commandLine(request: HostRequest, cores: Cores): string[] {
  const pin = cores.server === undefined ? [] : ['taskset', '-c', String(cores.server)];
  const bind = findOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  return [...pin, ...bind, process.execPath, hostPath, JSON.stringify(request)];
}
