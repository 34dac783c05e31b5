/** Commands of the system that bench calls, and that are stopped or killed meanwhile. */

import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { divideCores } from '../dist/runners/machine/cores.js';
import { bench, readLines, readTrials, temporaryFolder } from './bench-command.js';

/** A folder before all others of PATH, in which `name` is a shell script. */
function pathWith(name: string, script: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return `${folder}:${process.env['PATH']}`;
}

const args = (out: string) =>
  `run echo --target ws --quick --connections 2 --warmup 0s --duration 100ms --out ${out}`.split(' ');

describe.concurrent('a run', () => {
  it('goes on without the commit when git does not answer', async () => {
    const out = join(temporaryFolder(), 'a.jsonl');
    const { stderr } = await bench(args(out), undefined, { PATH: pathWith('git', 'kill -STOP $$') });
    expect(stderr).not.toMatch(/^ +at |bug/m);
    expect(readLines(out)[0]).toMatchObject({ type: 'run', git: null });
  });

  it.skipIf(divideCores().server === undefined)(
    'ends in a sentence when what moves it to its cores is killed (needs two cores and taskset)',
    async () => {
      const out = join(temporaryFolder(), 'b.jsonl');
      const { code, stderr } = await bench(args(out), undefined, { PATH: pathWith('taskset', 'kill -KILL $$') });
      expect(code).toBe(3);
      expect(stderr).toMatch(/taskset could not move bench to the cores of the generator: .*; try again/);
      expect(stderr).not.toMatch(/^ +at |bug/m);
    },
  );

  it.skipIf(divideCores().server === undefined)(
    'goes on when what moves it to its cores ends with the signal of a terminal, which was for bench',
    async () => {
      const folder = temporaryFolder();
      const out = join(folder, 'c.jsonl');
      const once = `[ "$1" = -a ] && mkdir ${folder}/once 2>&- && kill -HUP $$\n`;
      const path = pathWith('taskset', `${once}PATH=\${PATH#*:} exec taskset "$@"`);
      const { stderr } = await bench(args(out), undefined, { PATH: path });
      expect(stderr).not.toContain('could not move');
      expect(existsSync(join(folder, 'once'))).toBe(true);
      expect(readTrials(out)).not.toEqual([]);
    },
  );
});
