/** Calls git without a shell, outside of whatever repository a hook may have put in the environment. */

import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** `git rev-parse --local-env-vars`: in a hook they would point every git command at the repository of the hook. */
const localVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

const maxOutputBytes = 64 * 1024 * 1024;

/** This process' environment without what binds git to a certain repository. */
export function environmentOfNoRepository(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !localVariables.includes(name)));
}

/** A git command that failed; the message is the last thing that git said. */
export class GitError extends Error {}

/** Neither takes locks that a `git` of the user's might wait for, nor runs the hooks of the repository. */
const quietly = ['--no-optional-locks', '-c', 'core.hooksPath=/dev/null'];

/** A git that was stopped, or waits for something, must not keep bench waiting for ever. */
const limit = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

/**
 * @returns what the command wrote on its standard output, without the last line break.
 * @throws GitError when it fails, the reason of `signal` when that aborts.
 */
export async function git(folder: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const options = { cwd: folder, env: environmentOfNoRepository(), maxBuffer: maxOutputBytes, ...limit };
  const running = promisify(execFile)('git', [...quietly, ...args], options);
  // By hand: the `signal` of execFile would not wait until git has cleaned up behind itself.
  const stop = (): void => void running.child.kill();
  signal.addEventListener('abort', stop);
  try {
    return (await running).stdout.replace(/\n$/, '');
  } catch (error) {
    signal.throwIfAborted();
    throw new GitError(reasonOf(error as ExecFileException & { stderr?: string }));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same at once, for the end of this process, which waits for nothing; a failure is not told. */
export function gitAtOnce(folder: string, args: readonly string[]): void {
  try {
    execFileSync('git', [...quietly, ...args], {
      cwd: folder,
      env: environmentOfNoRepository(),
      stdio: 'ignore',
      ...limit,
    });
  } catch {
    // Nobody is left to be told.
  }
}

function reasonOf({ code, message, killed, stderr = '' }: ExecFileException & { stderr?: string }): string {
  // Too much output is killed as well, with a code of its own.
  if (killed && typeof code !== 'string') return `git did not end within ${limit.timeout / 1000} s`;
  if (code === 'ENOENT') return 'git is not installed, or its folder is gone';
  const last = stderr.trim().split('\n').at(-1);
  return last?.replace(/^(fatal|error): /, '') || message;
}
