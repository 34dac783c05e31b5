/**
 * Checks out the versions of the user's repository that are compared: each revision in a git worktree of its own in a
 * temporary folder, of which nothing stays behind. The working directory itself is never touched: as a version
 * (`.`) it is measured where it lies, with its uncommitted changes.
 */

import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { type Side, sides } from '../../core/plan.js';
import { quote } from '../../core/printable.js';
import { UsageError } from '../failure.js';
import { GitError, git, gitAtOnce } from './git.js';

/** What a user calls the working directory where a revision is asked for. */
export const workingDirectory = '.';

export interface Version {
  /** As the user named it. */
  readonly revision: string;
  readonly commit: string;
  /** It has changes that are in no commit; only the working directory can. */
  readonly dirty: boolean;
  /** Top of its files. */
  readonly top: string;
  /** The place in it that the working directory of this process is in the user's own files. */
  readonly folder: string;
}

/** The process that made a worktree is in the name of its folder, so that one left by a killed process can be told. */
const folderPattern = /^bench-ab-(\d+)-\w+$/;

const remedy = 'compare two modules anywhere with --base-target and --head-target';

export class Worktrees {
  #folder: string | undefined;
  readonly #made: string[] = [];
  readonly #removeAtExit = (): void => this.remove();

  /** @param prefix working directory below the top; empty at the top itself. */
  private constructor(
    private readonly top: string,
    private readonly prefix: string,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Finds the repository around a folder, and removes what a killed bench left behind in it.
   * @param here the working directory.
   * @param signal its abort ends a running git command.
   * @throws UsageError when there is no repository.
   */
  static async open(here: string, signal: AbortSignal): Promise<Worktrees> {
    try {
      const top = await git(here, ['rev-parse', '--show-toplevel'], signal);
      const worktrees = new Worktrees(top, await git(here, ['rev-parse', '--show-prefix'], signal), signal);
      await worktrees.#removeStale();
      return worktrees;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new UsageError(
        `revisions can only be compared inside a git repository (${error.message}); elsewhere, compare two modules with --base-target and --head-target`,
      );
    }
  }

  /** Whether the working directory has changes that no revision has. */
  async isDirty(): Promise<boolean> {
    return (await git(this.top, ['status', '--porcelain'], this.signal)) !== '';
  }

  /** @throws UsageError when there is no such commit. */
  async commitOf(revision: string): Promise<string> {
    const name = revision === workingDirectory ? 'HEAD' : revision;
    try {
      // A name that begins with a dash would be an option of git; no branch or tag can.
      if (name !== '' && !name.startsWith('-'))
        return await git(this.top, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], this.signal);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
    }
    throw new UsageError(
      `there is no revision ${quote(revision)} in this repository; give a branch, tag or commit that \`git log\` knows here (in CI, fetch it first)`,
    );
  }

  /**
   * The files of a revision, in a worktree of their own unless it is the working directory. Submodules are not checked
   * out, and no hook of the repository runs.
   * @throws UsageError when there is no such revision, or when it cannot be checked out.
   */
  async checkOut(side: Side, revision: string): Promise<Version> {
    const commit = await this.commitOf(revision);
    if (revision === workingDirectory)
      return { revision, commit, dirty: await this.isDirty(), top: this.top, folder: join(this.top, this.prefix) };
    const top = join(this.#temporaryFolder(), side);
    this.#made.push(top);
    try {
      await git(this.top, ['worktree', 'add', '--quiet', '--detach', top, commit], this.signal);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new UsageError(`${revision} cannot be checked out in ${top}: ${error.message}`);
    }
    return { revision, commit, dirty: false, top, folder: join(top, this.prefix) };
  }

  /**
   * A path of the user's, from the top of the repository; there need not be such a file.
   * @throws UsageError when it lies outside the repository by its name.
   */
  pathBelow(path: string): string {
    const below = isAbsolute(path) ? relative(this.top, path) : normalize(join(this.prefix, path));
    if (isOutside(below))
      throw new UsageError(`${path} lies outside the repository, so it has no revisions; ${remedy}`);
    return below;
  }

  /**
   * The file that a path of the user's means in a version.
   * @throws UsageError when it lies outside the repository, by its name or by a link, or is no file in that version.
   */
  moduleIn(version: Version, path: string): string {
    const below = this.pathBelow(path);
    const file = join(version.top, below);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new UsageError(`there is no file ${below} in ${version.revision} (commit ${version.commit.slice(0, 12)})`);
    if (isOutside(relative(realpathSync(version.top), realpathSync(file))))
      throw new UsageError(`${path} is a link that leads out of the repository, so it has no revisions; ${remedy}`);
    return file;
  }

  /** Removes every worktree that was made. Synchronous and safe to repeat: the end of the process calls it too. */
  remove(): void {
    process.off('exit', this.#removeAtExit);
    for (const worktree of this.#made.splice(0)) this.#discard(worktree);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #temporaryFolder(): string {
    if (this.#folder === undefined) {
      // Git lists worktrees by their real paths.
      this.#folder = realpathSync(mkdtempSync(join(tmpdir(), `bench-ab-${process.pid}-`)));
      process.on('exit', this.#removeAtExit);
    }
    return this.#folder;
  }

  /**
   * Files first, by ourselves: git then forgets the worktree whatever state it is in, half made, locked or half removed.
   * By its name and not by `git worktree prune`, which would forget the user's own worktrees on a disk not mounted now.
   */
  #discard(worktree: string): void {
    rmSync(worktree, { recursive: true, force: true, maxRetries: 3 });
    gitAtOnce(this.top, ['worktree', 'remove', '--force', '--force', worktree]);
  }

  async #removeStale(): Promise<void> {
    const list = await git(this.top, ['worktree', 'list', '--porcelain'], this.signal);
    for (const [, path = ''] of list.matchAll(/^worktree (.+)$/gm)) {
      const [, pid] = folderPattern.exec(basename(dirname(path))) ?? [];
      if (pid === undefined || !sides.some((side) => side === basename(path)) || isAlive(Number(pid))) continue;
      this.#discard(path);
      rmSync(dirname(path), { recursive: true, force: true });
    }
  }
}

function isOutside(below: string): boolean {
  return below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
