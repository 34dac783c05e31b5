/** Runs a server program of another runtime as a target: finds the runtime, starts the program, and ends it. */

import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isPushed, kindNames } from '../../core/kind.js';
import { headerBytes } from '../../core/payload/message.js';
import { eventName, type Running, type StartRequest, settings } from '../../core/target.js';

/** An executable that runs programs. */
export interface Runtime {
  /** On PATH. */
  readonly executable: string;
  /** A package of npm that carries it, and where it lies in it. */
  readonly carrier?: readonly [packageName: string, path: string];
  /** Said where it is not found: what to do. */
  readonly missing: string;
}

/** The programs lie beside the source of this file, not beside what is compiled. */
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../../../targets/programs');
const require = createRequire(import.meta.url);

/** The executable of the package where that is installed, or else the first on PATH. */
export function findRuntime({ executable, carrier }: Pick<Runtime, 'executable' | 'carrier'>): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((each) => join(each, executable));
  return [...(carrier === undefined ? [] : carried(carrier)), ...places].find(isExecutable);
}

/** @throws Error with what is to be done, where it is not installed. */
export function requireRuntime(runtime: Runtime): string {
  const found = findRuntime(runtime);
  if (found === undefined) throw new Error(runtime.missing);
  return found;
}

/** Why what needs it is not available; undefined where it is. */
export function unavailable(runtime: Runtime): string | undefined {
  return findRuntime(runtime) === undefined ? runtime.missing : undefined;
}

/** Why packages of npm are not there, with the remedy; undefined where they are. */
export function missingPackages(names: readonly string[]): string | undefined {
  const missing = names.filter((name) => {
    try {
      require.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  return missing.length === 0 ? undefined : `${missing.join(' and ')} cannot be found: npm i -D ${missing.join(' ')}`;
}

function carried([packageName, path]: NonNullable<Runtime['carrier']>): string[] {
  try {
    return [join(dirname(require.resolve(`${packageName}/package.json`)), path)];
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns what it prints, without the space around it; undefined when it fails or takes longer than ten seconds. */
export function ask(executable: string, args: readonly string[]): string | undefined {
  try {
    const printed = execFileSync(executable, args, {
      timeout: 10_000,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return printed.toString('utf8').trim();
  } catch {
    return undefined;
  }
}

/** A push is timed in the process that measures it, and a program is another one. */
export const programKinds = kindNames.filter((kind) => !isPushed(kind));

/** No program is told of a variant. */
export const programCannot = 'cannot be had of a server of another runtime; remove it';

/** What was asked for and cannot be had. */
function unmet({ heartbeatMs, recovery }: StartRequest, own: Running['settings']): Running['settings'] {
  const { heartbeatMs: actual, connectionStateRecovery } = own;
  return {
    ...(heartbeatMs !== undefined &&
      typeof actual === 'string' && {
        heartbeatMs: `${actual}; ${heartbeatMs} was asked for, but the library pings at no set times`,
      }),
    ...(recovery &&
      connectionStateRecovery === undefined && { connectionStateRecovery: 'not a thing of plain WebSocket' }),
  };
}

/** What a program is told, as JSON, in its last argument. */
interface ProgramRequest extends StartRequest {
  readonly heartbeatMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly backlog: number;
  readonly headerBytes: number;
  readonly eventName: string;
}

/** What a program prints on one line once it listens. */
interface Listening {
  readonly port: number;
  readonly settings: Running['settings'];
  /** Whether it listens on further addresses, each a line on its stdin that it repeats when it does. */
  readonly listensAlso?: boolean;
  /** Whether it kills one of its processes, told by the line `kill` and a number in [0, 1), which it repeats when it has. */
  readonly killsOne?: boolean;
}

export interface RunningProgram extends Running {
  /** Ends it at once (SIGKILL), which then is no failure; resolves when it is gone. */
  kill(): Promise<void>;
}

const maxPrintedChars = 8_000;
/** For a program to end what it has started. */
const endLimitMs = 1_000;

/** The line of a runtime's error report that names the error, after a colon: what is indented is code or a stack. */
function firstError(printed: string): string {
  const line = printed.split('\n').find((each) => /^(error|\w*Error)\b/i.test(each));
  return line === undefined ? '' : `: ${line.trim()}`;
}

/**
 * Starts a program. It ends when its stdin does, and so with its parent, or when it is told to by SIGTERM.
 * @param command the executable and what stands before the program. @param program in this folder, or an absolute path.
 * @throws Error of one sentence when it ends before it listens.
 */
export async function startProgram<Request extends StartRequest>(
  command: readonly [executable: string, ...args: string[]],
  program: string,
  request: Request,
): Promise<RunningProgram> {
  const { heartbeatMs, heartbeatTimeoutMs, maxMessageBytes, backlog } = settings;
  const equal = { heartbeatTimeoutMs, maxMessageBytes, backlog, headerBytes, eventName };
  const told: Request & ProgramRequest = { ...request, ...equal, heartbeatMs: request.heartbeatMs ?? heartbeatMs };
  const [executable, ...args] = command;
  const child = spawn(executable, [...args, resolve(folder, program), JSON.stringify(told)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  child.stdin.on('error', () => {});
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(0, maxPrintedChars);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(`${executable} could not be started: ${message}`));
    child.once('close', (code, signal) =>
      resolve(`${executable} ended with ${signal ?? `code ${code}`}${firstError(printed)}`),
    );
  });
  const lines = createInterface(child.stdout);
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  const died = ended.then((how): never => {
    throw new Error(`the server program ${program} of ${how}`);
  });
  died.catch(() => {});
  const { port, settings: own, listensAlso, killsOne } = JSON.parse(await Promise.race([first, died])) as Listening;
  let isClosing = false;
  // Nobody awaits it: the process that hosts this target says why it ends.
  void ended.then((how) => {
    if (!isClosing) throw new Error(`the server program ${program} of ${how}`);
  });
  const tell = async (line: string): Promise<void> => {
    const repeated = new Promise((resolve) => lines.once('line', resolve));
    child.stdin.write(`${line}\n`);
    await Promise.race([repeated, died]);
  };
  return {
    port,
    ...(child.pid !== undefined && { pids: [child.pid] }),
    settings: { ...settings, heartbeatMs: told.heartbeatMs, ...own, ...unmet(request, own) },
    ...(listensAlso && { listenAlso: tell }),
    ...(killsOne && { killOne: (random: number) => tell(`kill ${random}`) }),
    kill: async () => {
      isClosing = true;
      child.kill('SIGKILL');
      await ended;
    },
    close: async () => {
      isClosing = true;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
      await ended;
      clearTimeout(late);
    },
  };
}
