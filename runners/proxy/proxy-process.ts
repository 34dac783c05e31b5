/** Owns the life of one proxy process as its parent sees it: start, cut, retarget, unexpected death, end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cores } from '../cores.js';
import { findOnPath } from '../find-on-path.js';
import type { FromProxy, ProxyRequest, ToProxy } from './proxy-message.js';

const hostPath = fileURLToPath(new URL('./proxy-host.js', import.meta.url));
/** For each of its answers; one that has ten thousand connections to reset is busy for a while. */
const answerTimeoutMs = 10_000;
const stopGraceMs = 2_000;
/** What a dying proxy last wrote to its standard error, kept for the message about its death. */
const maxStderrChars = 4_000;

export class ProxyProcess {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;
  #stderr = '';
  port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-maxStderrChars);
    });
    this.#died = new Promise((_, reject) => {
      child.once('error', (error) => reject(new Error(`the proxy process could not be started: ${error.message}`)));
      child.once('exit', (code, signal) => reject(new Error(this.#describeDeath(code, signal))));
    });
    this.#died.catch(() => {});
  }

  /**
   * Starts a proxy to the server at `request.targetPort`, on the runners' cores: the server's is for the server alone.
   * @throws Error in one sentence when it does not listen within ten seconds.
   */
  static async start(request: ProxyRequest, cores: Cores): Promise<ProxyProcess> {
    const [command, ...args] = commandLine(request, cores);
    const proxy = new ProxyProcess(spawn(command!, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }));
    try {
      proxy.port = (await proxy.#next('listening')).port;
      return proxy;
    } catch (error) {
      proxy.#kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Rejects when the process ends. */
  get died(): Promise<never> {
    return this.#died;
  }

  /** Resets every connection, on both sides. @returns how many clients had one. */
  async cutAll(): Promise<number> {
    const cut = this.#next('cut');
    this.#tell({ type: 'cut' });
    return (await cut).connections;
  }

  /** New connections go to the server at this port; those that there are stay with theirs. */
  retarget(port: number): void {
    this.#tell({ type: 'retarget', port });
  }

  /** Ends the process, and with it all connections; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#tell({ type: 'stop' });
    const impatient = setTimeout(() => this.#kill(), stopGraceMs);
    await gone;
    clearTimeout(impatient);
  }

  #kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tell(message: ToProxy): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #next<T extends FromProxy['type']>(type: T): Promise<Extract<FromProxy, { type: T }>> {
    let timer: NodeJS.Timeout;
    let listener: (message: FromProxy) => void;
    const message = new Promise<Extract<FromProxy, { type: T }>>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the proxy said nothing for ${answerTimeoutMs / 1000} s (waiting for "${type}")`)),
        answerTimeoutMs,
      );
      listener = (message) => {
        if (message.type === 'failed') reject(new Error(`the proxy could not listen: ${message.message}`));
        else if (message.type === type) resolve(message as Extract<FromProxy, { type: T }>);
      };
      this.#child.on('message', listener);
    });
    return Promise.race([message, this.#died]).finally(() => {
      clearTimeout(timer);
      this.#child.off('message', listener);
    });
  }

  #describeDeath(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
    const last = this.#stderr.trim().split('\n').slice(-6).join('\n');
    return `the proxy process ${how}${last ? `; its last words: ${last}` : ''}`;
  }
}

/** As for a server: `setpriv` makes the kernel kill the proxy when its parent dies. */
function commandLine(request: ProxyRequest, cores: Cores): string[] {
  const pin = cores.server === undefined ? [] : ['taskset', '-c', cores.runners.join(',')];
  const bind = findOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  return [...pin, ...bind, process.execPath, hostPath, JSON.stringify(request)];
}
