/** A throw-away git repository with a server of its own, as `bench init` writes one, and `bench ab` in it. */

import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Finished, type Started, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { Repository } from './repository.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');

export const server = readFileSync(join(root, 'templates/ws-server.mjs'), 'utf8');
export const setUp = ['--setup', `ln -s '${modules}' node_modules`];
export const ownModule = ['--target', './ws-server.mjs'];

export interface AbRepository {
  readonly repository: Repository;
  /** Where bench makes its temporary folders. */
  readonly scratch: string;
}

export interface AbTests {
  current(): AbRepository;
  start(...flags: string[]): Started;
  /** In the process of the test. */
  here(...flags: string[]): Promise<Finished>;
}

/** Makes one before each test of the file, and proves after it that nothing stayed behind. */
export function abRepository(): AbTests {
  const original = new Repository();
  original.write('ws-server.mjs', server);
  original.write('echo.yaml', readFileSync(join(root, 'templates/echo.yaml'), 'utf8'));
  original.write('.gitignore', 'node_modules\n*.jsonl\n');
  symlinkSync(modules, join(original.folder, 'node_modules'));
  original.commit('what bench init writes');
  let made: AbRepository;
  beforeEach(() => {
    made = { repository: new Repository(original), scratch: temporaryFolder() };
  });
  afterEach(() => {
    expect(made.repository.worktrees()).toEqual([]);
    expect(readdirSync(made.scratch)).toEqual([]);
  });
  const start = (...flags: string[]): Started =>
    startBench(['ab', 'echo.yaml', ...flags], made.repository.folder, { TMPDIR: made.scratch });
  const here = (...flags: string[]): Promise<Finished> =>
    benchHere(['ab', 'echo.yaml', ...flags], made.repository.folder, { TMPDIR: made.scratch });
  return { current: () => made, start, here };
}
