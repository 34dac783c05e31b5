/** A throw-away git repository with a history of its own. */

import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './bench-command.js';

/** Nothing of the machine's own configuration, and nothing of a hook that may run these tests. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

export class Repository {
  readonly folder = realpathSync(temporaryFolder());

  /** @param from another one that this is a copy of, which takes no call of git. */
  constructor(from?: Repository) {
    if (from) {
      cpSync(from.folder, this.folder, { recursive: true, verbatimSymlinks: true });
      return;
    }
    this.git('init', '--quiet', '--initial-branch=main', '--template=');
    appendFileSync(join(this.folder, '.git/config'), '[user]\n\tname = A Test\n\temail = test@example.org\n');
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Commits everything. @returns the commit. */
  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD').trim();
  }

  /** Paths of all worktrees besides the repository itself. */
  worktrees(): string[] {
    const list = this.git('worktree', 'list', '--porcelain');
    return [...list.matchAll(/^worktree (.+)$/gm)].map((match) => match[1]!).filter((path) => path !== this.folder);
  }
}
