/** How a user's own server in Node is asked for its profile: a socket that a module loaded into its processes connects to. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ProfilePlan, type ProfileReading, profilerPath } from '../../core/profile/profile-reading.js';

const module = new URL('./profiled-process.js', import.meta.url);

export class ProfilerSocket {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  readonly #path = join(this.#folder, 'socket');
  readonly #processes = new Map<number, Socket>();
  readonly #answers = new Map<Socket, (line: string) => void>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => {});
      createInterface({ input: socket }).on('line', (line) => {
        const answer = this.#answers.get(socket);
        if (answer) answer(line);
        else if (/^\d+$/.test(line)) this.#processes.set(Number(line), socket);
      });
    });
    this.#server.listen(this.#path).unref();
  }

  /** For the processes of the server: Node loads the module into each of them. */
  get env(): NodeJS.ProcessEnv {
    const options = [process.env['NODE_OPTIONS'], `--import=${module.href}`].filter(Boolean).join(' ');
    return { NODE_OPTIONS: options, [profilerPath]: this.#path };
  }

  /**
   * Has one of the processes profile itself.
   * @param pids that may be meant, the likeliest first.
   * @returns undefined when none of them runs the module, because it is not Node for example.
   * @throws Error when it does not answer in time, or with what went wrong.
   */
  async profile(pids: readonly number[], plan: ProfilePlan, timeoutMs: number): Promise<ProfileReading | undefined> {
    const socket = pids.flatMap((pid) => this.#processes.get(pid) ?? [])[0];
    if (socket === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const line = await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the profile of the server did not come in time')), timeoutMs);
      this.#answers.set(socket, resolve);
      socket.once('close', () => reject(new Error('the server ended while it was profiled')));
      socket.write(`${JSON.stringify(plan)}\n`);
    }).finally(() => clearTimeout(timer));
    const answer = JSON.parse(line) as ProfileReading | { readonly failed: string };
    if ('failed' in answer) throw new Error(`the server could not be profiled: ${answer.failed}`);
    return answer;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#processes.values()) socket.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
