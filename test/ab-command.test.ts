/** `bench ab` from end to end, in a throw-away git repository with a server of its own. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunLine } from '../dist/core/result.js';
import { abRepository, ownModule, server, setUp } from './ab-repository.js';
import { readLines, readTrials } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const dropping = server.replace(
  "socket.on('message', (data, binary) =>",
  // Only of one connection: in a closed loop it sends no more, and the others go on.
  "globalThis.dropping ??= socket;\n    let n = 0;\n    socket.on('message', (data, binary) => (socket === globalThis.dropping && ++n % 20 === 0) ||",
);

const made = abRepository();
const short = ['--connections', '5', '--quick', '--warmup', '0s', '--out', 'out.jsonl'];

describe('bench ab', () => {
  it('passes two revisions that are the same, and leaves a result file like any other', async () => {
    const given = ['p99 < 10s', 'errors = 0'];
    const gates = given.flatMap((gate) => ['--gate', gate]);
    const revisions = ['--base', 'main', '--head', 'same', ...ownModule, ...setUp];
    const { code, stdout, stderr } = await made.here(...revisions, ...short, '--forks', '1', ...gates);
    expect(stderr).toContain('setting up base (main): ln -s');
    expect(stderr).toMatch(/1 of 1 forks|was invalid/);
    // A machine that is taken away by its hypervisor makes forks invalid (3), which is no fault of the command.
    expect([0, 3], stdout + stderr).toContain(code);
    expect(stdout).toContain('result file: out.jsonl');
    const out = join(made.current().repository.folder, 'out.jsonl');
    const [first] = readLines(out) as [RunLine];
    const commit = made.current().repository.git('rev-parse', 'main').trim();
    expect(first.sides).toEqual({
      base: { target: './ws-server.mjs', revision: 'main', commit, dirty: false },
      head: { target: './ws-server.mjs', revision: 'same', commit, dirty: false },
    });
    // Those that were given, and the usual ones of a closed loop, as none of the given compares with base.
    expect(first.scenario.gates).toHaveLength(2 + 4);
    expect(first.scenario.gates).toEqual(expect.arrayContaining(given));
    expect(new Set(readTrials(out).map(({ target }) => target))).toEqual(new Set(['base', 'head']));
    expect((await benchHere(['report', out], made.current().repository.folder)).code).toBe(0);
  });

  it('says that the contract is broken when the working directory drops messages, and leaves its changes alone', async () => {
    made.current().repository.write('ws-server.mjs', dropping);
    const { code, stdout, stderr } = await made.here(
      '--base',
      'main',
      ...ownModule,
      ...setUp,
      ...short,
      '--forks',
      '1',
    );
    expect(code, stdout + stderr).toBe(1);
    expect(stdout.toLowerCase()).toContain('contract broken');
    const [first] = readLines(join(made.current().repository.folder, 'out.jsonl')) as [RunLine];
    expect(first.sides!.head).toMatchObject({ revision: '.', dirty: true });
    expect(readFileSync(join(made.current().repository.folder, 'ws-server.mjs'), 'utf8')).toBe(dropping);
    expect(existsSync(join(made.current().repository.folder, 'node_modules'))).toBe(true);
  });

  it('ends at Ctrl-C with what is measured so far', async () => {
    const revisions = ['--base', 'main', '--head', 'same', ...ownModule, ...setUp];
    const { child, finished, saw } = made.start(...revisions, ...short, '--forks', '50');
    // The first fork has ended, whatever became of it.
    await saw('fork');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    expect(code, stderr).toBe(130);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toContain('result file: out.jsonl');
    const lines = readLines(join(made.current().repository.folder, 'out.jsonl'));
    expect(lines.at(-1)).toMatchObject({ type: 'end', interrupted: true });
    expect(lines.length).toBeGreaterThan(3);
  });

  it.each([
    { what: 'at a second Ctrl-C', signals: ['SIGTERM', 'SIGINT'] },
    { what: 'when its terminal is closed, which is told twice', signals: ['SIGHUP', 'SIGHUP'] },
  ] as const)('removes its worktrees $what, in the middle of a set-up', async ({ signals }) => {
    const { child, finished, saw } = made.start('--base', 'main', ...ownModule, '--setup', 'sleep 60');
    await saw('setting up base');
    for (const signal of signals) child.kill(signal);
    expect((await finished).code).toBe(130);
  });
});
