/** Child process that hosts a part of a trial: starts it on its cores, exchanges messages with it, stops it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { printable } from '../../core/printable.js';
import { formatSeconds } from '../../core/units.js';
import { isStopped } from './proc.js';

/** Longer than a server may take to close, see `server-host.ts`. */
const stopGraceMs = 4_000;
/** What a dying process last wrote to its standard error, kept for the message about its death. */
const maxStderrChars = 4_000;
/** For what is still on its way when a process has ended. */
const lastWordsMs = 500;
const maxLastChars = 300;

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
  /** Of Node.js. */
  readonly flags?: readonly string[] | undefined;
  /** Undefined: not pinned. */
  readonly cores: readonly number[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the user sees what it prints. */
  readonly shown?: boolean;
}

/**
 * Hosts take messages `To`, and answer with `From`; one of type `failed` answers anything, one of type `dying` says why
 * the process is about to end. Each is in a process group of its own, which ends with it. See `joinParent` for their end.
 */
export class HostedProcess<To extends Message, From extends Message> {
  readonly #child: ChildProcess;
  /** Rejects when the process ends, whatever for: nothing that is asked of it will be answered. */
  readonly ended: Promise<never>;
  /** Resolves when the process has ended, however that came about. */
  readonly gone: Promise<void>;
  #stderr = '';
  #why: string | undefined;

  constructor(private readonly hosted: Hosted) {
    const [command, ...args] = commandLine(hosted);
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', hosted.shown ? 'inherit' : 'ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...hosted.env },
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-maxStderrChars);
    });
    if (hosted.shown) child.stderr?.pipe(process.stderr);
    // A user's module may send something of its own.
    child.on('message', (message: { type?: unknown; why?: unknown } | null) => {
      if (message?.type === 'dying') this.#why = String(message.why);
    });
    const kill = (): void => this.kill();
    process.once('exit', kill);
    this.ended = new Promise((_, reject) => {
      child.once('error', (error) =>
        reject(new Error(`the ${this.hosted.name} process could not be started: ${error.message}`)),
      );
      child.once('exit', (code, signal) => {
        const tell = (): void => reject(new Error(this.#describeDeath(code, signal)));
        const waiting = setTimeout(tell, lastWordsMs);
        child.once('close', () => {
          clearTimeout(waiting);
          tell();
        });
      });
    });
    this.ended.catch(() => {});
    this.gone = new Promise((resolve) => {
      child.once('exit', () => {
        process.off('exit', kill);
        // Whatever it started and left.
        this.kill();
        resolve();
      });
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

  /** What `answer` resolves to; one that does not come leaves no process behind. */
  async orGone<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.kill();
      await this.gone;
      throw error;
    }
  }

  /** Tells `message`, and waits for its answer as `next` does. */
  ask<T extends From['type']>(message: To, type: T, timeoutMs: number, late?: string) {
    const answer = this.next(type, timeoutMs, late);
    this.tell(message);
    return answer;
  }

  /**
   * The next message of a type.
   * @throws Error in one sentence, `late` when it does not come in time, another when something failed.
   */
  next<T extends From['type']>(
    type: T,
    timeoutMs: number,
    late = `the ${this.hosted.name} said nothing for ${formatSeconds(timeoutMs)} (waiting for "${type}")`,
  ): Promise<Extract<From, { type: T }>> {
    let timer: NodeJS.Timeout;
    let listener: (message: From | { type: 'failed'; message: string } | null) => void;
    const message = new Promise<Extract<From, { type: T }>>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${late}${isStopped(this.pid) ? ': its process is stopped (SIGSTOP)' : ''}`)),
        timeoutMs,
      );
      listener = (message) => {
        if (message?.type === 'failed') reject(new Error(String((message as { message: unknown }).message)));
        else if (message?.type === type) resolve(message as Extract<From, { type: T }>);
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

  /** Ends the process and all that it started. */
  kill(): void {
    killGroup(this.#child.pid);
  }

  #describeDeath(code: number | null, signal: NodeJS.Signals | null): string {
    const how = `the ${this.hosted.name} process ${signal ? `was killed by ${signal}` : `exited with code ${code}`}`;
    const last = lastWords(this.#stderr);
    return [this.#why, how, last && `its last words: ${last}`].filter(Boolean).join('; ');
  }
}

/** The last line that names an error in what was printed, or else the last. */
export function lastWords(text: string): string {
  const lines = text.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
  const last = lines.findLast((line) => /^(FATAL |\w*)(ERROR|Error)\b.*: /.test(line)) ?? lines.at(-1) ?? '';
  return printable(last.slice(0, maxLastChars));
}

/** Ends the process group that `pid` leads, if there is one. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/**
 * The host's own end: what its parent asks of it, and how to tell it something. The host ends with its parent.
 * @param end is to end the process when the parent says so, or is gone.
 */
export function joinParent<Request, To extends Message, From extends Message>(
  end: () => void = () => process.exit(0),
): {
  readonly request: Request;
  /** @param sent is called when the message is on its way, or cannot be. */
  tell(message: From, sent?: () => void): void;
  hear(listener: (message: To) => void): void;
} {
  // The parent decides when this process ends, whoever interrupts it.
  process.on('SIGINT', () => {}).on('SIGHUP', () => {});
  process.on('disconnect', end);
  return {
    request: JSON.parse(process.argv[2] ?? ''),
    // Unheard, a failed send to a parent that has just gone would end the process with an error.
    tell: (message, sent = () => {}) =>
      process.connected ? void process.send?.(message, undefined, undefined, sent) : sent(),
    hear: (listener) =>
      process.on('message', (message: To | typeof stop) => {
        if (message.type === 'stop') end();
        else listener(message as To);
      }),
  };
}

/** Where there is no shell, the host ends itself when its channel to the parent closes, unless it is too busy to notice. */
function commandLine({ path, request, cores, flags = [] }: Hosted): readonly [command: string, ...args: string[]] {
  const pin = cores === undefined ? [] : ['taskset', '-c', cores.join(',')];
  const node = [process.execPath, ...flags, path, JSON.stringify(request)];
  const [command = process.execPath, ...args] = [...pin, ...node];
  return findOnPath('sh') ? watched([command, ...args]) : [command, ...args];
}

/**
 * Becomes the command, with a watcher in the same process group that ends the group when the other end of descriptor 3 is
 * closed, as it is when the parent ends for whatever reason. A signal at the death of the parent (prctl(2)) would not reach
 * what the command has started. The watcher holds nothing else open, such as the channel that is descriptor 4.
 */
const watching = `sh -c 'read line; kill -KILL 0' <&3 >/dev/null 2>&1 3<&- 4<&- & exec "$@" 3<&-`;

/** To be run in a process group of its own, with a pipe as descriptor 3. */
export function watched(command: readonly string[]): readonly [command: string, ...args: string[]] {
  return ['sh', '-c', watching, 'sh', ...command];
}

/** For commands that answer at once: one that was stopped must not keep bench waiting for ever. */
export const answersAtOnce = { timeout: 10_000, killSignal: 'SIGKILL' } as const;

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
