/** A redis-server of our own on a free port, which keeps nothing on disk. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../targets/http/free-port.js';
import { unavailable } from '../../targets/programs/program.js';
import { redisServer } from '../../targets/several/companions.js';

/** Why there is none; undefined when there is one. */
export const redisUnavailable = (): string | undefined => unavailable(redisServer);

export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly words: readonly string[],
    private readonly isTls: boolean,
  ) {}

  /** @param words further arguments, such as `--bind`. */
  static async start(...words: string[]): Promise<RedisServer> {
    return RedisServer.#started(words, false);
  }

  /** By TLS alone. @param words name its certificate and key. */
  static async startTls(...words: string[]): Promise<RedisServer> {
    return RedisServer.#started(['--tls-auth-clients', 'no', ...words], true);
  }

  static async #started(words: readonly string[], isTls: boolean): Promise<RedisServer> {
    const server = new RedisServer(await freePort('127.0.0.1'), words, isTls);
    await server.start();
    return server;
  }

  url(address = '127.0.0.1'): string {
    return `${this.isTls ? 'rediss' : 'redis'}://${address}:${this.port}`;
  }

  /** Again, after it was killed, with nothing in it. */
  async start(): Promise<void> {
    const port = this.isTls ? ['--port', '0', '--tls-port'] : ['--port'];
    const usual = [...port, String(this.port), '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
    const child = spawn('redis-server', [...usual, ...this.words], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    let said = '';
    for await (const text of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
      said += text;
      if (said.includes('Ready to accept connections')) break;
    }
    child.stdout?.resume();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
