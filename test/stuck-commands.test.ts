/** Commands of the system that bench calls, and that are stopped or killed meanwhile. */

import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { divideCores } from '../dist/runners/machine/cores.js';
import { readLines, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

/** A folder before all others of PATH, in which `name` is a shell script. */
function pathWith(name: string, script: string, others = process.env['PATH']): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return `${folder}:${others}`;
}

const args = (out: string) =>
  `run echo --target ws --quick --connections 2 --warmup 0s --duration 100ms --out ${out}`.split(' ');

describe('a run', () => {
  const canPin = divideCores().server !== undefined;

  it('goes on without the commit when git does not answer, and when what moves it to its cores ends with the signal of a terminal, which was for bench', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'a.jsonl');
    const once = `[ "$1" = -a ] && mkdir ${folder}/once 2>&- && kill -HUP $$\n`;
    const withGit = pathWith('git', 'kill -STOP $$');
    const path = canPin ? pathWith('taskset', `${once}PATH=\${PATH#*:} exec taskset "$@"`, withGit) : withGit;
    const { stderr } = await benchHere(args(out), folder, { PATH: path });
    expect(stderr).not.toMatch(/^ +at |bug/m);
    expect(stderr).not.toContain('could not move');
    expect(existsSync(join(folder, 'once'))).toBe(canPin);
    expect(readLines(out)[0]).toMatchObject({ type: 'run', git: null });
    expect(readTrials(out)).not.toEqual([]);
  });

  it.skipIf(!canPin)(
    'ends in a sentence when what moves it to its cores is killed (needs two cores and taskset)',
    async () => {
      const out = join(temporaryFolder(), 'b.jsonl');
      const { code, stderr } = await benchHere(args(out), undefined, { PATH: pathWith('taskset', 'kill -KILL $$') });
      expect(code).toBe(3);
      expect(stderr).toMatch(/taskset could not move bench to the cores of the generator: .*; try again/);
      expect(stderr).not.toMatch(/^ +at |bug/m);
    },
  );
});
