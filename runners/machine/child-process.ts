/** Child process that hosts a part of a trial: starts it on its cores, exchanges messages with it, stops it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const stopGraceMs = 2_000;
/** What a dying process last wrote to its standard error, kept for the message about its death. */
const maxStderrChars = 4_000;

interface Message {
  readonly type: string;
}

/** Ends the host. */
const stop = { type: 'stop' } as const;

interface Hosted {
  /** In messages to the user, e.g. `server`. */
  readonly name: string;
  /** The module to run, which gets `request` as JSON for its argument. */
  readonly path: string;
  readonly request: object;
  /** Undefined: not pinned. */
  readonly cores: readonly number[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Hosts take messages `To`, and answer with `From`; one of type `failed` answers anything. See `joinParent` for their end.
 */
export class HostedProcess<To extends Message, From extends Message> {
  readonly #child: ChildProcess;
  /** Rejects when the process ends, whatever for: nothing that is asked of it will be answered. */
  readonly ended: Promise<never>;
  /** Resolves when the process has ended, however that came about. */
  readonly gone: Promise<void>;
  #stderr = '';

  constructor(private readonly hosted: Hosted) {
    const [command, ...args] = commandLine(hosted);
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...hosted.env },
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-maxStderrChars);
    });
    this.ended = new Promise((_, reject) => {
      child.once('error', (error) =>
        reject(new Error(`the ${this.hosted.name} process could not be started: ${error.message}`)),
      );
      child.once('exit', (code, signal) => reject(new Error(this.#describeDeath(code, signal))));
    });
    this.ended.catch(() => {});
    this.gone = new Promise((resolve) => {
      child.once('exit', () => resolve());
      // One that could not be started does not exit.
      child.once('error', () => child.pid === undefined && resolve());
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  tell(message: To | typeof stop): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** As `next`, for the first message: one that does not come leaves no process behind. */
  async first<T extends From['type']>(type: T, timeoutMs: number): Promise<Extract<From, { type: T }>> {
    try {
      return await this.next(type, timeoutMs);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Tells `message`, and waits for its answer as `next` does. */
  ask<T extends From['type']>(message: To, type: T, timeoutMs: number): Promise<Extract<From, { type: T }>> {
    const answer = this.next(type, timeoutMs);
    this.tell(message);
    return answer;
  }

  /** The next message of a type. @throws Error in one sentence when it does not come in time, or something failed. */
  next<T extends From['type']>(type: T, timeoutMs: number): Promise<Extract<From, { type: T }>> {
    let timer: NodeJS.Timeout;
    let listener: (message: From | { type: 'failed'; message: string }) => void;
    const message = new Promise<Extract<From, { type: T }>>((resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(new Error(`the ${this.hosted.name} said nothing for ${timeoutMs / 1000} s (waiting for "${type}")`)),
        timeoutMs,
      );
      listener = (message) => {
        if (message.type === 'failed') reject(new Error((message as { message: string }).message));
        else if (message.type === type) resolve(message as Extract<From, { type: T }>);
      };
      this.#child.on('message', listener);
    });
    return Promise.race([message, this.ended]).finally(() => {
      clearTimeout(timer);
      this.#child.off('message', listener);
    });
  }

  /** Ends the process; resolves when it is gone. One that is starved needs its time to go in good order. */
  async stop(): Promise<void> {
    this.tell(stop);
    const impatient = setTimeout(() => this.kill(), stopGraceMs);
    await this.gone;
    clearTimeout(impatient);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #describeDeath(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
    const last = this.#stderr.trim().split('\n').slice(-6).join('\n');
    return `the ${this.hosted.name} process ${how}${last ? `; its last words: ${last}` : ''}`;
  }
}

/** The host's own end: what its parent asks of it, and how to tell it something. The host ends with its parent. */
export function joinParent<Request, To extends Message, From extends Message>(): {
  readonly request: Request;
  tell(message: From): void;
  hear(listener: (message: To) => void): void;
} {
  // A Ctrl-C in the terminal reaches the whole process group; the parent decides when this process ends.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(0));
  return {
    request: JSON.parse(process.argv[2] ?? ''),
    // Unheard, a failed send to a parent that has just gone would end the process with an error.
    tell: (message) => void process.send?.(message, undefined, undefined, () => {}),
    hear: (listener) =>
      process.on('message', (message: To | typeof stop) => {
        if (message.type === 'stop') process.exit(0);
        listener(message as To);
      }),
  };
}

/**
 * `setpriv --pdeathsig` makes the kernel kill the process when its parent dies, even when it is too busy to notice;
 * without it, the host ends itself when its channel to the parent closes.
 */
function commandLine({ path, request, cores }: Hosted): [command: string, ...args: string[]] {
  const pin = cores === undefined ? [] : ['taskset', '-c', cores.join(',')];
  const bind = findOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const [command = process.execPath, ...args] = [...pin, ...bind, process.execPath, path, JSON.stringify(request)];
  return [command, ...args];
}

/** Where an executable lies on PATH. */
export function findOnPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
