/** Revisions in worktrees: what is checked out where, what is refused, and that nothing stays behind. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../dist/runners/failure.js';
import { Worktrees } from '../dist/runners/revisions/worktree.js';
import { temporaryFolder } from './bench-command.js';
import { Repository } from './repository.js';

const { signal } = new AbortController();

let repository: Repository;
let worktrees: Worktrees;

const made = new Repository();
made.write('server.js', 'first');
const first = made.commit('first');
made.git('tag', 'v1');
made.write('server.js', 'second');
const second = made.commit('second');

beforeEach(async () => {
  repository = new Repository(made);
  worktrees = await Worktrees.open(repository.folder, signal);
});

afterEach(() => worktrees.remove());

describe('a revision', () => {
  it('is checked out as it was committed, in a folder of its own, for each side', async () => {
    const base = await worktrees.checkOut('base', 'v1');
    const head = await worktrees.checkOut('head', 'HEAD');
    expect(base).toMatchObject({ revision: 'v1', commit: first, dirty: false });
    expect(head).toMatchObject({ revision: 'HEAD', commit: second, dirty: false });
    expect(readFileSync(worktrees.moduleIn(base, 'server.js'), 'utf8')).toBe('first');
    expect(readFileSync(worktrees.moduleIn(head, './server.js'), 'utf8')).toBe('second');
    expect(repository.worktrees().sort()).toEqual([base.top, head.top].sort());
  });

  it('may be the same on both sides', async () => {
    const base = await worktrees.checkOut('base', 'main');
    const head = await worktrees.checkOut('head', 'main');
    expect(base.top).not.toBe(head.top);
    expect(base.commit).toBe(head.commit);
  });

  it('that does not exist is refused in a sentence', async () => {
    for (const revision of ['no-such-branch', '', '--help', 'HEAD~99', 'v1:server.js']) {
      const checkedOut = await worktrees.checkOut('base', revision).catch((error: unknown) => error);
      expect(checkedOut, revision).toBeInstanceOf(UsageError);
      expect((checkedOut as UsageError).message, revision).toContain('there is no revision');
    }
    expect(repository.worktrees()).toEqual([]);
  });

  it('runs no hook of the repository', async () => {
    const mark = join(repository.folder, 'hooked');
    const hook = join(repository.folder, '.git/hooks/post-checkout');
    mkdirSync(dirname(hook), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    await worktrees.checkOut('base', 'v1');
    expect(existsSync(mark)).toBe(false);
  });
});

describe('the working directory', () => {
  it('is measured where it lies, with its changes, which are recorded and stay', async () => {
    expect(await worktrees.checkOut('head', '.')).toMatchObject({ commit: second, dirty: false });
    repository.write('server.js', 'changed');
    repository.write('new.js', 'new');
    const head = await worktrees.checkOut('head', '.');
    expect(head).toMatchObject({ revision: '.', commit: second, dirty: true, top: repository.folder });
    expect(worktrees.moduleIn(head, 'server.js')).toBe(join(repository.folder, 'server.js'));
    await worktrees.checkOut('base', 'v1');
    worktrees.remove();
    expect(readFileSync(join(repository.folder, 'server.js'), 'utf8')).toBe('changed');
    expect(readFileSync(join(repository.folder, 'new.js'), 'utf8')).toBe('new');
    expect(repository.git('status', '--porcelain').trim().split('\n')).toEqual(['M server.js', '?? new.js']);
  });

  it('may be a folder below the top, whose like is then found in each version', async () => {
    repository.write('packages/chat/server.js', 'below');
    repository.commit('third');
    const below = await Worktrees.open(join(repository.folder, 'packages/chat'), signal);
    try {
      const head = await below.checkOut('head', 'HEAD');
      expect(head.folder).toBe(join(head.top, 'packages/chat/'));
      expect(readFileSync(below.moduleIn(head, 'server.js'), 'utf8')).toBe('below');
      expect(readFileSync(below.moduleIn(head, '../../server.js'), 'utf8')).toBe('second');
      const absolute = join(repository.folder, 'server.js');
      expect(below.moduleIn(head, absolute)).toBe(join(head.top, 'server.js'));
    } finally {
      below.remove();
    }
  });

  it('outside of any repository is refused with a remedy', async () => {
    await expect(Worktrees.open(temporaryFolder(), signal)).rejects.toThrow(/git repository.*--base-target/);
  });
});

describe('a module', () => {
  it('that a version does not have is named with the version', async () => {
    repository.write('later.js', '');
    repository.commit('later');
    const base = await worktrees.checkOut('base', 'v1');
    expect(() => worktrees.moduleIn(base, 'later.js')).toThrow(/no file later\.js in v1 \(commit /);
    expect(() => worktrees.moduleIn(base, '.')).toThrow('no file');
  });

  it('outside of the repository is refused, by its path and by a link: both sides would be the same file', async () => {
    const elsewhere = join(temporaryFolder(), 'server.js');
    writeFileSync(elsewhere, '');
    symlinkSync(elsewhere, join(repository.folder, 'link.js'));
    repository.commit('a link');
    const head = await worktrees.checkOut('head', 'HEAD');
    expect(() => worktrees.moduleIn(head, 'link.js')).toThrow('leads out of the repository');
    for (const path of ['../server.js', '/etc/hostname', 'a/../../b.js'])
      expect(() => worktrees.moduleIn(head, path), path).toThrow('lies outside the repository');
  });
});

describe('what is left behind', () => {
  it('is nothing, neither in git nor on the disk', async () => {
    const { top } = await worktrees.checkOut('base', 'v1');
    // As a set-up command would leave it.
    mkdirSync(join(top, 'node_modules'));
    writeFileSync(join(top, 'server.js'), 'changed by the set-up');
    repository.git('worktree', 'lock', top);
    worktrees.remove();
    expect(repository.worktrees()).toEqual([]);
    expect(existsSync(dirname(top))).toBe(false);
    worktrees.remove();
  });

  it('is nothing when the process exits without a word', async () => {
    const module = JSON.stringify(new URL('../dist/runners/revisions/worktree.js', import.meta.url).href);
    const script = `
      const { Worktrees } = await import(${module});
      const worktrees = await Worktrees.open(process.cwd(), new AbortController().signal);
      console.log((await worktrees.checkOut('base', 'v1')).top);
      process.exit(7);`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: repository.folder,
      encoding: 'utf8',
    });
    expect(status).toBe(7);
    expect(stdout).toMatch(/bench-ab-\d+-/);
    expect(existsSync(dirname(stdout.trim()))).toBe(false);
    expect(repository.worktrees()).toEqual([]);
  });

  it('by a process that was killed is removed by the next, which leaves the worktrees of others alone', async () => {
    const mine = join(temporaryFolder(), 'mine');
    repository.git('worktree', 'add', '--quiet', '--detach', mine, 'v1');
    const running = await worktrees.checkOut('base', 'v1');
    const module = pathToFileURL(join(import.meta.dirname, '../dist/runners/revisions/worktree.js')).href;
    const script = `
      const { Worktrees } = await import(${JSON.stringify(module)});
      const worktrees = await Worktrees.open(process.cwd(), new AbortController().signal);
      console.log((await worktrees.checkOut('head', 'v1')).top);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: repository.folder });
    const [path] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    const stale = path.toString().trim();
    expect(existsSync(stale)).toBe(true);

    await Worktrees.open(repository.folder, signal);
    expect(existsSync(dirname(stale))).toBe(false);
    expect(repository.worktrees().sort()).toEqual([mine, running.top].sort());
  });

  it('is nothing when an abort ends git in the middle', async () => {
    const controller = new AbortController();
    const interrupted = await Worktrees.open(repository.folder, controller.signal);
    const checkedOut = interrupted.checkOut('base', 'v1');
    setImmediate(() => controller.abort(new Error('interrupted')));
    await expect(checkedOut).rejects.toThrow('interrupted');
    interrupted.remove();
    expect(repository.worktrees()).toEqual([]);
  });
});
