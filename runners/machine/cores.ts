/**
 * Divides the cores: servers get theirs to themselves, one for each of their processes, and the runners the others, where
 * there are two or more and `taskset` exists. Without it both compete, which the result says.
 */

import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { HarnessError } from '../failure.js';
import { answersAtOnce, findOnPath } from './child-process.js';
import { canKeepAwake } from './keep-awake.js';
import { readProc } from './proc.js';

export interface Cores {
  /** Of the processes that serve, at least one; undefined when nothing is pinned. */
  readonly server: readonly number[] | undefined;
  /** Of Redis and a proxy beside them; absent: those of the server. */
  readonly beside?: readonly number[] | undefined;
  readonly runners: readonly number[];
  /** Whether cores are kept awake during a trial; see `keep-awake.ts`. */
  readonly keepAwake: boolean;
  /** For the result file, in words. */
  readonly description: string;
}

/** What the servers of a run call for. */
export interface CoreDemand {
  /** Of the server with the most processes. */
  readonly server: number;
  /** Whether Redis or a proxy stands beside a server. */
  readonly hasCompanions?: boolean;
  /** The generator needs one core here at least: the user said how many the server has, or the load comes from other hosts. */
  readonly leavesOne?: boolean;
}

const oneProcess: CoreDemand = { server: 1 };

/** The generator has one core in so many at least: servers of many processes take more to load than those of one. */
const runnersOneIn = 3;

/**
 * Who has which cores; one core is shared by all. The runners are on the same cores for every target of a run, so that a server of
 * one process, which has the first core of the server's alone, is measured by the same generator as one of several.
 */
export function planCores(
  allowed: readonly number[],
  { server, hasCompanions = false, leavesOne = false }: CoreDemand,
): Pick<Cores, 'server' | 'beside' | 'runners'> {
  if (allowed.length < 2) return { server: undefined, runners: allowed };
  const forServers = allowed.length - (leavesOne ? 1 : Math.ceil(allowed.length / runnersOneIn));
  const serving = Math.max(1, Math.min(server, forServers));
  // Redis and the proxy share the cores of the server where one more would be one of the generator's.
  const apart = hasCompanions && serving === server && serving < forServers ? 1 : 0;
  return {
    server: allowed.slice(0, serving),
    ...(apart > 0 && { beside: allowed.slice(serving, serving + apart) }),
    runners: allowed.slice(serving + apart),
  };
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

export function divideCores(demand = oneProcess): Cores {
  const cores = allowedCores();
  const unpinned = { server: undefined, keepAwake: false } as const;
  const { server, beside, runners } = planCores(cores, demand);
  if (server === undefined) return { ...unpinned, runners, description: 'one core, shared by server and workers' };
  if (!findOnPath('taskset')) return { ...unpinned, runners, description: 'not pinned: taskset is not installed' };
  const keepAwake = canKeepAwake();
  const places = [
    `server on ${coresText(server)}${server.length > 1 ? ' (as many of these as it has processes)' : ''}`,
    ...(beside ? [`Redis and proxy on ${coresText(beside)}`] : []),
    `workers on ${coresText(runners)}`,
    ...(keepAwake ? ['cores kept awake'] : []),
  ];
  return { server, beside, runners, keepAwake, description: places.join(', ') };
}

/** For who makes load beside a server on these cores, which may be all that it may use itself. */
export function without(cores: Cores, taken: readonly number[]): Cores {
  const { server, runners } = cores;
  if (server === undefined) return cores;
  const left = [...server, ...runners].filter((core) => !taken.includes(core));
  return { ...cores, runners: left.length > 0 ? left : runners };
}

/** For a server that calls for no more than so many. */
export function narrowed(cores: Cores, atMost: number): Cores {
  return { ...cores, server: cores.server?.slice(0, atMost) };
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
  await moveTo(cores.runners, process.pid).catch(cannotMove);
}

/** Moves processes that run already, with all threads they have and will have. @throws Error in one sentence */
export async function moveProcesses(pids: readonly number[], cores: readonly number[]): Promise<void> {
  for (const pid of pids)
    await moveTo(cores, pid).catch(({ message }: Error) => {
      throw new Error(`taskset could not move process ${pid} to ${coresText(cores)}: ${message.trim()}`);
    });
}

function moveTo(cores: readonly number[], pid: number): Promise<unknown> {
  const move = () => promisify(execFile)('taskset', movingTo(cores, pid), answersAtOnce);
  return move().catch((error: ExecFileException) => (isInterrupted(error) ? move() : Promise.reject(error)));
}

/** Moves this process back to all cores that `divideCores` found. @throws HarnessError */
export function unpin(cores: Cores, isAgain = false): void {
  if (cores.server === undefined) return;
  try {
    const all = [...cores.server, ...(cores.beside ?? []), ...cores.runners];
    execFileSync('taskset', movingTo(all, process.pid), { stdio: 'ignore', ...answersAtOnce });
  } catch (error) {
    if (isAgain || !isInterrupted(error as ExecFileException)) cannotMove(error as Error);
    unpin(cores, true);
  }
}

/** A terminal sends Ctrl-C and its end to all processes of a command. bench ends in good order, and needs its cores until then. */
function isInterrupted({ signal }: ExecFileException): boolean {
  return signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP';
}

function movingTo(cores: readonly number[], pid: number): string[] {
  return ['-a', '-c', '-p', cores.join(','), String(pid)];
}

/** @throws HarnessError always: it was ended from outside, or may not do this. */
function cannotMove({ message }: Error): never {
  throw new HarnessError(`taskset could not move bench to the cores of the generator: ${message.trim()}; try again`);
}
