/** Kills bench and its children at random moments: no process, worktree or finished trial may be lost or left. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageFolder } from '../../cli/package-version.js';
import { shuffled } from '../../core/random.js';
import { type Attempt, below, type Family, pick } from './family.js';
import { MarkedBench, type Process, signalTo } from './marked-bench.js';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;
const limitMs = 60_000;
/** What a start takes at most, and what comes after a line of progress until the next. */
const [startMs, stepMs] = [3_000, 800];
/** For so many lines, on a machine that is slow. */
const waitMs = 15_000;

const modules = join(packageFolder, 'node_modules');
const templates = join(packageFolder, 'templates');

function git(folder: string, ...words: readonly string[]): string {
  return execFileSync(
    'git',
    ['-C', folder, '-c', 'user.name=torture', '-c', 'user.email=torture@localhost', ...words],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
}

/** A repository of two commits with a server module. @returns the words of `bench ab` in it. */
function abWords(folder: string): readonly string[] {
  const server = readdirSync(templates).find((name) => name.startsWith('ws-server')) ?? '';
  copyFileSync(join(templates, server), join(folder, server));
  symlinkSync(modules, join(folder, 'node_modules'));
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', server);
  git(folder, 'commit', '--quiet', '--message', 'a');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'b');
  const revisions = ['--base', 'HEAD~1', '--head', 'HEAD', '--target', `./${server}`];
  return ['ab', 'attack.yaml', ...revisions, '--setup', `ln -s ${modules} node_modules`, '--forks', '50'];
}

/** @param wasCut the last line may not be whole. */
function resultFaults({ folder, stderr }: MarkedBench, wasCut: boolean): readonly string[] {
  const told =
    (stderr.match(/^trial \d/gm)?.length ?? 0) + 2 * (stderr.match(/^(?:\d+ of \d+ forks|fork \d)/gm)?.length ?? 0);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));
  const faults = files.length > 1 ? [`there are ${files.length} result files`] : [];
  let trials = 0;
  for (const file of files) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    if (lines.pop() !== '' && !wasCut) faults.push(`the last line of ${file} is not whole`);
    for (const [index, line] of lines.entries())
      try {
        if ((JSON.parse(line) as { type: unknown }).type === 'trial') trials++;
      } catch {
        faults.push(`line ${index + 1} of ${file} is not whole`);
      }
  }
  return trials < told ? [...faults, `${told} trials were told, and ${trials} are stored`] : faults;
}

/** Half of the attacks hit the start, half what comes after some lines of progress. */
async function randomMoment(run: MarkedBench, { random }: Attempt): Promise<void> {
  const isStart = random.next() < 0.5;
  const lines = 1 + below(4, random);
  if (!isStart) await run.until(() => run.stderr.split('\n').length > lines, waitMs);
  await sleep(random.next() * (isStart ? startMs : stepMs));
}

async function killParent(attempt: Attempt): Promise<readonly string[]> {
  const { number, random, folder } = attempt;
  const signal = endings[number % endings.length] ?? 'SIGKILL';
  const command = (['run', 'ab', 'calibrate'] as const)[number % 3];
  const words =
    command === 'ab' ? abWords(folder) : command === 'run' ? ['run', 'attack.yaml'] : ['calibrate', '--quick'];
  const run = new MarkedBench(words, folder);
  await randomMoment(run, attempt);
  if (run.code !== undefined) return [...(await run.end(limitMs)), `bench ${command} ended with ${run.code} by itself`];
  // A terminal signals the whole process group, `kill` one process.
  const isKill = signal === 'SIGKILL';
  signalTo(!isKill && random.next() < 0.5 ? -run.pid : run.pid, signal);
  const isTwice = !isKill && random.next() < 0.25;
  if (isTwice) {
    await sleep(random.next() * stepMs);
    signalTo(run.pid, signal);
  }
  const faults = [...(await run.end(limitMs))];
  // Before it listens to signals, it dies as every process does.
  if (run.code !== signal && run.code !== 130) faults.push(`${signal} ended bench ${command} with ${run.code}`);
  faults.push(...resultFaults(run, isKill || isTwice));
  if (command !== 'ab') return faults;
  // A killed process removes nothing: the next one does, whatever becomes of it.
  if (isKill) faults.push(...(await new MarkedBench([...words, '--head', 'no-such-revision'], folder).end(limitMs)));
  const worktrees = git(folder, 'worktree', 'list').trim().split('\n').length - 1;
  return worktrees > 0 ? [...faults, `${worktrees} worktrees are left`] : faults;
}

/** A scenario and a target each, with all that bench starts besides a server: proxies, slow readers, a second server. */
const workloads = ['echo uws', 'broadcast ws,uws', 'reconnect ws', 'fallback socketio', 'push ws', 'slow-consumer ws'];

async function killChild(attempt: Attempt): Promise<readonly string[]> {
  const { number, random, folder } = attempt;
  const [scenario = '', target = ''] = pick(workloads, random).split(' ');
  const words = ['run', scenario, '--target', target, '--quick', '--connections', '10'];
  const run = new MarkedBench(words, folder);
  await randomMoment(run, attempt);
  // What only waits for the end of bench, to end the others, is missed by nobody.
  const isWatcher = ({ command }: Process): boolean => command.startsWith('sh -c read line;');
  // Between fork and exec a child has the command of bench, which waits for the exec and could do nothing if it never came.
  const children = (): Process[] => {
    const processes = run.processes();
    const own = processes.find(({ pid }) => pid === run.pid)?.command;
    return processes.filter((child) => child.pid !== run.pid && child.command !== own && !isWatcher(child));
  };
  await run.until(() => children().length > 0, limitMs);
  const [victim] = shuffled(children(), random);
  const signal = number % 2 === 0 ? 'SIGKILL' : 'SIGSTOP';
  if (victim === undefined || !signalTo(victim.pid, signal)) {
    // It was gone already, which was no attack: another run is.
    signalTo(run.pid, 'SIGKILL');
    const faults = await run.end(limitMs);
    rmSync(join(folder, 'results'), { recursive: true, force: true });
    return faults.length > 0 ? faults : killChild(attempt);
  }
  const faults = [...(await run.end(2 * limitMs))];
  // The trial that was hit may be repeated, or be invalid; when nothing was measured it is a failure.
  if (run.code !== 0 && run.code !== 2 && run.code !== 3) faults.push(`bench run ended with ${run.code}`);
  return [...faults, ...resultFaults(run, false)].map((fault) => `${fault} (${signal} to ${victim.command})`);
}

export const parentKills: Family = {
  name: 'bench killed in run, ab, calibrate',
  tries: { full: 168, short: 3 },
  attack: killParent,
};

export const childKills: Family = {
  name: 'children killed and stopped',
  tries: { full: 60, short: 1 },
  attack: killChild,
};
