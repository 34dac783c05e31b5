/**
 * Divides the cores: the server gets one to itself and the runners the others, where there are two or more and `taskset`
 * exists. Without it both compete, which the result says.
 */

import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { HarnessError } from '../failure.js';
import { answersAtOnce, findOnPath } from './child-process.js';
import { canKeepAwake } from './keep-awake.js';
import { readProc } from './proc.js';

export interface Cores {
  /** Undefined when nothing is pinned. */
  readonly server: number | undefined;
  readonly runners: readonly number[];
  /** Whether cores are kept awake during a trial; see `keep-awake.ts`. */
  readonly keepAwake: boolean;
  /** For the result file, in words. */
  readonly description: string;
}

/** Cores that this process may use, from a list like `0-3,8`. */
export function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [from, to] = part.trim().split('-').map(Number);
    if (from === undefined || !Number.isInteger(from)) return [];
    const last = to !== undefined && Number.isInteger(to) ? to : from;
    return Array.from({ length: last - from + 1 }, (_, i) => from + i);
  });
}

export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readProc('/proc/self/status'))?.[1];
  if (list) return parseCoreList(list);
  return Array.from({ length: availableParallelism() }, (_, i) => i);
}

export function divideCores(): Cores {
  const cores = allowedCores();
  const [server, ...runners] = cores;
  const unpinned = { server: undefined, keepAwake: false } as const;
  if (runners.length === 0)
    return { ...unpinned, runners: cores, description: 'one core, shared by server and workers' };
  if (!findOnPath('taskset')) return { ...unpinned, runners, description: 'not pinned: taskset is not installed' };
  const keepAwake = canKeepAwake();
  return {
    server,
    runners,
    keepAwake,
    description: `server on core ${server}, workers on ${coresText(runners)}${keepAwake ? ', cores kept awake' : ''}`,
  };
}

/** For servers that run already, wherever they do: the generator alone has its cores. */
export function withoutServer({ server, runners, description }: Cores): Cores {
  const where = server === undefined ? description : `workers on ${coresText(runners)}, the server where it runs`;
  return { server: undefined, runners, keepAwake: false, description: where };
}

function coresText(cores: readonly number[]): string {
  return `${cores.length > 1 ? 'cores' : 'core'} ${cores.join(',')}`;
}

/** Moves this process, with all threads it has and will have, to the runners' cores; a no-op when nothing is pinned. @throws HarnessError */
export async function pinRunners(cores: Cores): Promise<void> {
  if (cores.server === undefined) return;
  const move = () => promisify(execFile)('taskset', movingTo(cores.runners), answersAtOnce);
  await move()
    .catch((error: ExecFileException) => (isInterrupted(error) ? move() : Promise.reject(error)))
    .catch(cannotMove);
}

/** Moves this process back to all cores that `divideCores` found. @throws HarnessError */
export function unpin(cores: Cores, isAgain = false): void {
  if (cores.server === undefined) return;
  try {
    execFileSync('taskset', movingTo([cores.server, ...cores.runners]), { stdio: 'ignore', ...answersAtOnce });
  } catch (error) {
    if (isAgain || !isInterrupted(error as ExecFileException)) cannotMove(error as Error);
    unpin(cores, true);
  }
}

/** A terminal sends Ctrl-C and its end to all processes of a command. bench ends in good order, and needs its cores until then. */
function isInterrupted({ signal }: ExecFileException): boolean {
  return signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP';
}

function movingTo(cores: readonly number[]): string[] {
  return ['-a', '-c', '-p', cores.join(','), String(process.pid)];
}

/** @throws HarnessError always: it was ended from outside, or may not do this. */
function cannotMove({ message }: Error): never {
  throw new HarnessError(`taskset could not move bench to the cores of the generator: ${message.trim()}; try again`);
}
