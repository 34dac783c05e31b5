/**
 * Runs `npm run ab-proof`: shows on a real throw-away git repository what `bench ab` says of a commit that changes
 * nothing, one that costs 10 % more CPU a message, one that drops messages, and of a generator that does not get its
 * core. Prints verdicts and exit codes, and fails when one of them is not what is true. Takes about five minutes.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figureOf } from '../reports/fold/figure.js';
import { readResult } from '../reports/results/result-reader.js';
import { divideCores } from '../runners/machine/cores.js';

// Two levels up from dist/benchmark, where this runs.
const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
const bench = join(packageFolder, 'dist/cli/bench.js');
const server = readFileSync(join(packageFolder, 'templates/ws-server.js'), 'utf8');
const setUp = `ln -s ${JSON.stringify(join(packageFolder, 'node_modules'))} node_modules`;

/** Linux keeps the idle cores out of it: a neighbour is nothing without a core to share. */
const cores = divideCores();
const slowdownShare = 0.1;
const onConnection = "server.on('connection', (socket) => {";
const onMessage = "socket.on('message', (data, binary) =>";

interface Case {
  readonly what: string;
  readonly branch: string;
  readonly flags?: readonly string[];
  readonly starved?: boolean;
  readonly expectedCode: number;
  /** What the output must say. */
  readonly expected: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'a commit that changes nothing',
    branch: 'identical',
    expectedCode: 0,
    expected: /no change|small change|inconclusive/,
  },
  { what: 'a commit that costs 10 % more CPU a message', branch: 'slower', expectedCode: 1, expected: /regression/ },
  {
    what: 'a commit that drops one message in a thousand',
    branch: 'dropping',
    flags: ['--forks', '2'],
    expectedCode: 1,
    expected: /contract broken/i,
  },
  {
    what: 'a generator whose core is shared with busy neighbours',
    branch: 'identical',
    flags: ['--forks', '2', '--rate', '5000/s'],
    starved: true,
    expectedCode: 3,
    expected: /invalid/,
  },
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bench-ab-proof-')));
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

function branch(name: string, text: string): void {
  run('git', 'switch', '--quiet', '--create', name, 'main');
  writeFileSync(join(folder, 'ws-server.js'), text);
  run('git', 'commit', '--quiet', '--all', '--allow-empty', '--message', name);
  run('git', 'switch', '--quiet', 'main');
}

/** What a message costs the server here, by a short run in a closed loop, in µs of CPU. */
function costUs(): number {
  const flags = ['--target', './ws-server.js', '--trials', '3', '--quiet', '--out', 'cost.jsonl'];
  run(process.execPath, bench, 'run', 'echo.yaml', ...flags);
  const { trials } = readResult(readFileSync(join(folder, 'cost.jsonl'), 'utf8'), 'cost.jsonl');
  const costs = trials.flatMap(({ valid, server }) => (valid && server ? [server.cpuUsPerDelivery] : []));
  const cost = figureOf(costs)?.median;
  if (cost === undefined) throw new Error('this machine is too disturbed: no trial that shows the cost is valid');
  return cost;
}

function prepareRepository(): number {
  run(process.execPath, bench, 'init');
  writeFileSync(join(folder, '.gitignore'), 'node_modules\nresults\n*.jsonl\n');
  run('ln', '-s', join(packageFolder, 'node_modules'), 'node_modules');
  run('git', 'init', '--quiet', '--initial-branch=main');
  run('git', 'config', 'user.name', 'ab-proof');
  run('git', 'config', 'user.email', 'ab-proof@example.org');
  run('git', 'add', '--all');
  run('git', 'commit', '--quiet', '--message', 'what bench init writes');
  const busyUs = slowdownShare * costUs();
  const spin = `const until = performance.now() + ${busyUs / 1000}; while (performance.now() < until);`;
  branch('identical', server);
  const slower = [onMessage, `${onMessage} {\n      ${spin}\n      return`] as const;
  branch('slower', replaced(slower, [')));', '));\n    });']));
  const counting = [onConnection, `let n = 0;\n  ${onConnection}`] as const;
  branch('dropping', replaced(counting, [onMessage, `${onMessage} ++n % 1000 === 0 ||`]));
  return busyUs;
}

/** The server with some of its text replaced. @throws Error when it is not there: the template has changed. */
function replaced(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`templates/ws-server.js no longer holds ${from}`);
    return text.replace(from, to);
  }, server);
}

/** Three processes that never rest on each core of the generator; they end by themselves should nobody end them. */
function neighbours(): ChildProcess[] {
  const busy = 'const end = Date.now() + 300_000; while (Date.now() < end);';
  return cores.runners.flatMap((core) =>
    Array.from({ length: 3 }, () =>
      spawn('taskset', ['-c', String(core), process.execPath, '-e', busy], { stdio: 'ignore' }),
    ),
  );
}

function prove({ what, branch, flags = [], starved = false, expectedCode, expected }: Case): boolean {
  process.stdout.write(`\n=== ${what}\n`);
  const busy = starved ? neighbours() : [];
  try {
    const ab = ['ab', 'echo.yaml', '--base', 'main', '--head', branch, '--target', './ws-server.js', '--setup', setUp];
    const startedMs = Date.now();
    const { status, stdout } = spawnSync(process.execPath, [bench, ...ab, ...flags], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const good = status === expectedCode && expected.test(stdout);
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
    process.stdout.write(
      `${stdout}\nexit ${status} after ${seconds} s: ${good ? 'as it must be' : `WRONG, ${expectedCode} with ${expected} is true`}\n`,
    );
    return good;
  } finally {
    for (const child of busy) child.kill('SIGKILL');
  }
}

try {
  const busyUs = prepareRepository();
  process.stdout.write(`${cores.description}; 10 % of a message is ${busyUs.toFixed(2)} µs\n`);
  const chosen = process.argv.slice(2);
  const proven = cases
    .filter(({ branch, starved }) => chosen.length === 0 || chosen.includes(starved ? 'starved' : branch))
    .filter(({ starved }) => !starved || cores.server !== undefined)
    .map(prove);
  const left = run('git', 'worktree', 'list').trim().split('\n').length - 1;
  const files = readdirSync(tmpdir()).filter((name) => name.startsWith('bench-ab-') && !folder.endsWith(name));
  process.stdout.write(
    `\n${proven.filter(Boolean).length} of ${proven.length} as they must be; worktrees left: ${left}, folders: ${files.length}\n`,
  );
  if (proven.includes(false) || left > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
