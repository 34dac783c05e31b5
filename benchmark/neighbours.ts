/**
 * Runs `npm run neighbours`: the built command beside whatever takes its cores from it, in a closed and in an open loop. Each
 * trial must name what befell it; alone, on a machine that nobody else uses, none may. Exits with 1 when that does not hold.
 * `-- alone stopped` runs the cases that have one of these words in their names.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readResultFile } from '../cli/stored-results.js';
import type { ReasonCode } from '../core/measure/reason.js';
import { reasonText } from '../reports/reasons/reasons.js';
import { processTree } from '../runners/machine/core-time.js';
import { divideCores } from '../runners/machine/cores.js';
import { readProc } from '../runners/machine/proc.js';
import { bench, folder, scenarios } from './built-command.js';

/** Until `run` has ended. */
type Disturb = (run: ChildProcess, load: readonly string[]) => Promise<void>;

interface Case {
  readonly what: string;
  /** One of them is named by each trial; none of all where there is none. */
  readonly named: readonly ReasonCode[];
  readonly trials?: number;
  readonly disturb?: Disturb;
}

const loops = { closed: ['--inflight', '1'], open: ['--rate', '500/s'] } as const;
const common = ['--target', 'ws', '--connections', '20', '--warmup', '500ms', '--duration', '2s', '--no-wait'];
const aloneTrials = 10;
const { server, runners } = divideCores();

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

function start(load: readonly string[], name: string, trials = 1): ChildProcess {
  const args = ['run', join(scenarios, 'echo.yaml'), ...common, ...load, '--trials', String(trials), '--quiet'];
  return spawn(process.execPath, [bench, ...args, '--force', '--out', join(folder, `${name}.jsonl`)], {
    stdio: 'ignore',
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (isRunning(child)) await once(child, 'exit');
}

/** Processes that never rest, on one core. */
function busyOn(core: number | undefined, count = 1): Disturb {
  const loop = `while (process.ppid === ${process.pid});`;
  return async (run) => {
    const busy = Array.from({ length: count }, () =>
      spawn('taskset', ['-c', String(core), process.execPath, '-e', loop], { stdio: 'ignore' }),
    );
    await ended(run);
    for (const child of busy) child.kill('SIGKILL');
  };
}

/** Stops processes for a moment, again and again. */
function stopping(pidsOf: (run: ChildProcess) => readonly number[]): Disturb {
  const send = (pid: number, signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  };
  return async (run) => {
    while (isRunning(run)) {
      await sleep(700);
      const pids = pidsOf(run);
      for (const pid of pids) send(pid, 'SIGSTOP');
      await sleep(200);
      for (const pid of pids) send(pid, 'SIGCONT');
    }
  };
}

const serversOf = ({ pid = 0 }: ChildProcess): number[] =>
  processTree(pid).filter((child) => readProc(`/proc/${child}/cmdline`).includes('server-host.js'));

const shared: readonly ReasonCode[] = ['server-core-shared', 'generator-cores-shared'];
const cases: readonly Case[] = [
  { what: 'alone', named: [], trials: aloneTrials },
  {
    what: 'two benches at once',
    named: shared,
    disturb: async (run, load) => {
      while (isRunning(run)) await ended(start(load, 'other'));
    },
  },
  { what: 'busy neighbour of the server', named: ['server-core-shared'], disturb: busyOn(server?.[0]) },
  { what: 'busy neighbour of the generator', named: ['generator-cores-shared'], disturb: busyOn(runners[0]) },
  { what: 'starved generator', named: ['generator-cores-shared'], disturb: busyOn(runners[0], 4) },
  { what: 'stopped server', named: ['server-stopped'], disturb: stopping(serversOf) },
  { what: 'stopped generator', named: ['generator-stopped'], disturb: stopping(({ pid = 0 }) => [pid]) },
];

/** @returns whether every trial says what it should. */
async function holds({ what, named, trials, disturb }: Case, loop: keyof typeof loops): Promise<boolean> {
  const load = loops[loop];
  const run = start(load, loop, trials);
  await Promise.all([ended(run), disturb?.(run, load)]);
  // 0 is a valid run, 3 one of which nothing is valid.
  if (run.exitCode !== 0 && run.exitCode !== 3) throw new Error(`${what}: bench ended with ${run.exitCode}`);
  const lines = readResultFile(join(folder, `${loop}.jsonl`)).trials;
  const known = named.length > 0 ? named : cases.flatMap((one) => one.named);
  const said = lines.map((line) => [...line.invalidBecause, ...line.doubts].filter(({ code }) => known.includes(code)));
  const speaking = said.filter((reasons) => reasons.length > 0).length;
  const valid = lines.filter((line) => line.valid).length;
  const isRight = lines.length > 0 && speaking === (named.length > 0 ? lines.length : 0);
  const first = said.flat()[0] ?? lines.flatMap((line) => line.invalidBecause)[0];
  process.stdout.write(
    `${isRight ? 'holds' : 'FAILS'}  ${what}, ${loop} loop: named by ${speaking} of ${lines.length} trials, ${valid} valid` +
      `${first ? ` (${reasonText([first])})` : ''}\n`,
  );
  return isRight;
}

if (server === undefined) throw new Error('this needs two cores and taskset');
const words = process.argv.slice(2);
for (const one of cases.filter(({ what }) => words.length === 0 || words.some((word) => what.includes(word))))
  for (const loop of ['closed', 'open'] as const) if (!(await holds(one, loop))) process.exitCode = 1;
