/**
 * Runs the set-up command, `npm ci` for example, once in each worktree that bench made, before anything is measured.
 * It comes from the command line only, never from a file, and no shell reads it. The working directory (`.`) is not set
 * up: it is the user's own, and a command of ours could lose something there.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { printable } from '../../core/printable.js';
import { formatSeconds } from '../../core/units.js';
import { UsageError } from '../failure.js';
import { findOnPath, killGroup, watched } from '../machine/child-process.js';
import { environmentOfNoRepository } from './git.js';

export interface SetUp {
  /** As it was given, for messages. */
  readonly text: string;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
}

/** What a message repeats of a command's output. */
const shownLines = 10;
const keptChars = 8_000;
/** After the command's own end, so long at most for output still on its way. */
const outputGraceMs = 1_000;

/**
 * Runs the command in `folder` in a process group of its own, which has ended when this returns or throws: also whatever
 * the command left in the background, which would disturb the measuring. It also ends with this process.
 *
 * @param where names the folder in messages.
 * @throws UsageError with the last lines of output when it cannot start, fails, or exceeds its time; the reason of
 * `signal` when that aborts.
 */
export async function setUp(command: SetUp, folder: string, where: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const failed = (problem: string, output = ''): UsageError =>
    new UsageError(`the set-up command \`${command.text}\` ${problem}, in ${where}${lastLines(output)}`);
  if (!isThere(command, folder)) throw failed(notStarted('no such program or folder'));
  const [program, ...words] = watched(command.arguments);
  const child = spawn(program, words, {
    cwd: folder,
    env: environmentOfNoRepository(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptChars);
    });
  const kill = (): void => killGroup(child.pid);
  process.on('exit', kill);
  signal.addEventListener('abort', kill);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    kill();
  }, command.timeoutMs);
  const how = await endOf(child);
  clearTimeout(limit);
  signal.removeEventListener('abort', kill);
  process.off('exit', kill);
  kill();
  signal.throwIfAborted();
  const problem = late ? `did not end within ${formatSeconds(command.timeoutMs)} and was ended` : how;
  if (problem !== undefined) throw failed(problem, output);
}

function isThere({ arguments: [program = ''] }: SetUp, folder: string): boolean {
  return program.includes('/') ? existsSync(resolvePath(folder, program)) : findOnPath(program) !== undefined;
}

function notStarted(why: string): string {
  return `could not be started (${why})`;
}

/** @returns undefined when the command succeeded, else what it did. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(notStarted(error.code === 'ENOENT' ? 'no such program or folder' : error.message)),
    );
    child.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : code === 0 ? undefined : `failed with exit code ${code}`;
      child.once('close', () => resolve(how));
      // A process that it left in the background may hold its output open for ever.
      setTimeout(() => resolve(how), outputGraceMs).unref();
    });
  });
}

function lastLines(output: string): string {
  const lines = output.trim().split('\n').slice(-shownLines);
  if (lines[0] === '') return '; it printed nothing';
  return `; its last lines:${lines.map((line) => `\n  ${printable(line.trimEnd())}`).join('')}`;
}
