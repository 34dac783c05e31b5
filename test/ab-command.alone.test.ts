/** `bench ab` from end to end, in a throw-away git repository with a server of its own. */

import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunLine } from '../dist/core/result.js';
import {
  bench,
  type Finished,
  readLines,
  readTrials,
  type Started,
  startBench,
  temporaryFolder,
} from './bench-command.js';
import { Repository } from './repository.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const server = readFileSync(join(root, 'templates/ws-server.js'), 'utf8');
const dropping = server.replace(
  "socket.on('message', (data, binary) =>",
  "let n = 0;\n    socket.on('message', (data, binary) => ++n % 100 === 0 ||",
);

let repository: Repository;
/** Where bench makes its temporary folders. */
let scratch: string;

beforeEach(() => {
  scratch = temporaryFolder();
  repository = new Repository();
  repository.write('ws-server.js', server);
  repository.write('echo.yaml', readFileSync(join(root, 'templates/echo.yaml'), 'utf8'));
  repository.write('.gitignore', 'node_modules\n*.jsonl\n');
  symlinkSync(modules, join(repository.folder, 'node_modules'));
  repository.commit('what bench init writes');
  repository.git('branch', 'same');
});

/** Nothing stays behind, whatever happened. */
afterEach(() => {
  expect(repository.worktrees()).toEqual([]);
  expect(readdirSync(scratch)).toEqual([]);
});

const setUp = ['--setup', `ln -s '${modules}' node_modules`];
const ownModule = ['--target', './ws-server.js'];
const short = ['--connections', '5', '--quick', '--out', 'out.jsonl'];

function startAb(...flags: string[]): Started {
  return startBench(['ab', 'echo.yaml', ...flags], repository.folder, { TMPDIR: scratch });
}

function ab(...flags: string[]): Promise<Finished> {
  return startAb(...flags).finished;
}

/** One refusal: exit 2, a sentence without paths that the user never saw, nothing measured. */
async function refused(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await ab(...flags);
  expect(stderr).not.toContain('    at ');
  expect(stderr).not.toContain(scratch);
  expect(stdout).toBe('');
  expect(code, stderr).toBe(2);
  expect(existsSync(join(repository.folder, 'out.jsonl'))).toBe(false);
  return stderr;
}

describe('bench ab', () => {
  it('passes two revisions that are the same, and leaves a result file like any other', async () => {
    const given = ['p99 < 10s', 'errors = 0'];
    const gates = given.flatMap((gate) => ['--gate', gate]);
    const revisions = ['--base', 'main', '--head', 'same', ...ownModule, ...setUp];
    const { code, stdout, stderr } = await ab(...revisions, ...short, ...gates);
    expect(stderr).toContain('setting up base (main): ln -s');
    expect(stderr).toMatch(/2 of 2 forks|was invalid/);
    // A machine that is taken away by its hypervisor makes forks invalid (3), which is no fault of the command.
    expect([0, 3], stdout + stderr).toContain(code);
    expect(stdout).toContain('result file: out.jsonl');
    const out = join(repository.folder, 'out.jsonl');
    const [first] = readLines(out) as [RunLine];
    const commit = repository.git('rev-parse', 'main').trim();
    expect(first.sides).toEqual({
      base: { target: './ws-server.js', revision: 'main', commit, dirty: false },
      head: { target: './ws-server.js', revision: 'same', commit, dirty: false },
    });
    // Those that were given, and the usual ones of a closed loop, as none of the given compares with base.
    expect(first.scenario.gates).toHaveLength(2 + 4);
    expect(first.scenario.gates).toEqual(expect.arrayContaining(given));
    expect(new Set(readTrials(out).map(({ target }) => target))).toEqual(new Set(['base', 'head']));
    expect((await bench(['report', out], repository.folder)).code).toBe(0);
  });

  it('says that the contract is broken when the working directory drops messages, and leaves its changes alone', async () => {
    repository.write('ws-server.js', dropping);
    const { code, stdout } = await ab('--base', 'main', ...ownModule, ...setUp, ...short, '--forks', '1');
    expect(code).toBe(1);
    expect(stdout.toLowerCase()).toContain('contract broken');
    const [first] = readLines(join(repository.folder, 'out.jsonl')) as [RunLine];
    expect(first.sides!.head).toMatchObject({ revision: '.', dirty: true });
    expect(readFileSync(join(repository.folder, 'ws-server.js'), 'utf8')).toBe(dropping);
    expect(existsSync(join(repository.folder, 'node_modules'))).toBe(true);
  });

  it('ends at Ctrl-C with what is measured so far', async () => {
    const revisions = ['--base', 'main', '--head', 'same', ...ownModule, ...setUp];
    const { child, finished, saw } = startAb(...revisions, ...short, '--forks', '50');
    // The first fork has ended, whatever became of it.
    await saw('fork');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    expect(code, stderr).toBe(130);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toContain('result file: out.jsonl');
    const lines = readLines(join(repository.folder, 'out.jsonl'));
    expect(lines.at(-1)).toMatchObject({ type: 'end', interrupted: true });
    expect(lines.length).toBeGreaterThan(3);
  });

  it('removes its worktrees even at a second Ctrl-C, in the middle of a set-up', async () => {
    const { child, finished, saw } = startAb('--base', 'main', ...ownModule, '--setup', 'sleep 60');
    await saw('setting up base');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
  });
});

describe('bench ab refuses in a sentence', () => {
  const main = ['--base', 'main', ...ownModule];

  it('a revision that does not exist', async () => {
    expect(await refused('--base', 'mian', ...ownModule, ...setUp)).toContain('there is no revision "mian"');
    expect(await refused(...main, '--head', 'same~5', ...setUp)).toContain('there is no revision "same~5"');
  });

  it('a set-up that fails, with its last words', async () => {
    const said = await refused(...main, '--setup', `sh -c 'echo no such registry; exit 4'`);
    expect(said).toContain('failed with exit code 4, in base (main)');
    expect(said).toContain('no such registry');
  });

  it('a set-up that hangs, at its time limit', async () => {
    const said = await refused(...main, '--setup', 'sleep 60', '--setup-timeout', '1s');
    expect(said).toContain('did not end within 1 s');
  });

  it('a revision whose packages are not installed, with the remedy', async () => {
    expect(await refused(...main)).toMatch(/base \(main\): .*Cannot find package 'ws'.*--setup "npm ci"/s);
  });

  it('a module without the right export, and names the side', async () => {
    repository.write('ws-server.js', 'export const server = 1;');
    const said = await refused(...main, ...setUp);
    expect(said).toContain('head (.): The server module ./ws-server.js is not a target');
  });

  it('a module that a revision does not have, or that lies outside the repository', async () => {
    expect(await refused('--base', 'main', '--target', './other.js')).toContain('no file other.js in main');
    expect(await refused('--base', 'main', '--target', '../other.js')).toContain('lies outside the repository');
  });

  it('a gate with a typo, at its column', async () => {
    expect(await refused(...main, ...setUp, '--gate', 'p99 no wrose than base by 5%')).toMatch(/:8\b.*worse/);
  });

  it('a scenario with several workloads', async () => {
    repository.write(
      'echo.yaml',
      `${readFileSync(join(repository.folder, 'echo.yaml'), 'utf8')}sweep: { connections: [5, 10] }\n`,
    );
    expect(await refused(...main, ...setUp)).toContain('--connections');
  });

  it('two modules of different protocols', async () => {
    const said = await refused('--base-target', './ws-server.js', '--head-target', 'socketio');
    expect(said).toMatch(/base speaks websocket over websocket and head socketio over upgrade/);
  });

  it('a folder that is in no repository', async () => {
    const { code, stderr } = await bench(['ab', 'echo', ...main], temporaryFolder());
    expect(code).toBe(2);
    expect(stderr).toMatch(/git repository.*--base-target/s);
  });

  it('flags that do not say enough, before anything is made', async () => {
    expect(await refused()).toContain('what is to be compared?');
  });
});
