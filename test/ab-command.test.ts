/** `bench ab` from end to end, in a throw-away git repository with a server of its own. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ResultLine, RunLine, TrialLine } from '../dist/core/result.js';
import { abRepository, ownModule, server, setUp } from './ab-repository.js';
import { readLines, readTrials } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { saidHere, signalsWhen } from './signals-here.js';

const dropping = server.replace(
  "socket.on('message', (data, binary) =>",
  // Only of one connection: in a closed loop it sends no more, and the others go on.
  "globalThis.dropping ??= socket;\n    let n = 0;\n    socket.on('message', (data, binary) => (socket === globalThis.dropping && ++n % 20 === 0) ||",
);

const made = abRepository();

describe('bench ab', () => {
  it('ends at Ctrl-C with what is measured so far, and says that the contract is broken when the working directory drops messages', async () => {
    const { repository } = made.current();
    repository.write('ws-server.mjs', dropping);
    const given = ['p99 < 10s', 'errors = 0'];
    const gates = given.flatMap((gate) => ['--gate', gate]);
    const short = ['--connections', '5', '--quick', '--warmup', '0s', '--forks', '50', '--attempts', '10'];
    const out = join(repository.folder, 'out.jsonl');
    const broken = (): TrialLine[] => {
      // The last line may be half written.
      const whole = existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : [];
      const lines = whole.map((line) => JSON.parse(line) as ResultLine);
      return lines.filter(
        (line) => line.type === 'trial' && line.target === 'head' && line.counts.lost > 0,
      ) as TrialLine[];
    };
    // Where others keep the cores busy, a fork may end without a message.
    const { code, stdout, stderr } = await signalsWhen(
      () => broken().length > 0,
      ['SIGINT'],
      () => made.here('--base', 'main', ...ownModule, ...setUp, ...short, ...gates, '--out', 'out.jsonl'),
    );
    expect(stderr).toContain('setting up base (main): ln -s');
    expect(stderr).not.toContain('    at ');
    expect(code, stdout + stderr).toBe(130);
    expect(stdout.toLowerCase()).toContain('contract broken');
    expect(stdout).toContain('result file: out.jsonl');
    expect(readFileSync(join(repository.folder, 'ws-server.mjs'), 'utf8')).toBe(dropping);
    expect(existsSync(join(repository.folder, 'node_modules'))).toBe(true);

    const lines = readLines(out);
    const [first] = lines as [RunLine];
    const commit = repository.git('rev-parse', 'main').trim();
    expect(first.sides).toEqual({
      base: { target: './ws-server.mjs', revision: 'main', commit, dirty: false },
      head: { target: './ws-server.mjs', revision: '.', commit, dirty: true },
    });
    // Those that were given, and the usual ones of a closed loop, as none of the given compares with base.
    expect(first.scenario.gates).toHaveLength(2 + 4);
    expect(first.scenario.gates).toEqual(expect.arrayContaining(given));
    const [head] = broken();
    const base = readTrials(out).find((trial) => trial.target === 'base' && trial.block === head!.block)!;
    expect([base.counts.lost, base.counts.duplicated, head!.counts.duplicated]).toEqual([0, 0, 0]);
    expect(head!.counts.delivered).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatchObject({ type: 'end', interrupted: true });
    expect((await benchHere(['report', out], repository.folder)).code).toBe(0);
  });

  it('removes its worktrees at a second Ctrl-C, in the middle of a set-up', async () => {
    const { child, finished, saw } = made.start('--base', 'main', ...ownModule, '--setup', 'sleep 60');
    await saw('setting up base');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) child.kill(signal);
    expect((await finished).code).toBe(130);
  });

  it('removes its worktrees when its terminal is closed, which is told twice, in the middle of a set-up', async () => {
    const { code } = await signalsWhen(
      () => saidHere('setting up base'),
      ['SIGHUP', 'SIGHUP'],
      () => made.here('--base', 'main', ...ownModule, '--setup', 'sleep 60'),
    );
    expect(code).toBe(130);
  });
});
