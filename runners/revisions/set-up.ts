/**
 * Runs the set-up command, `npm ci` for example, once in each worktree that bench made, before anything is measured.
 * It comes from the command line only, never from a file, and is started without a shell. The working directory (`.`)
 * is not set up: it is the user's own, and a command of ours could lose something there.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { printable } from '../../core/printable.js';
import { UsageError } from '../failure.js';
import { killGroup } from '../machine/child-process.js';
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
 * the command left in the background, which would disturb the measuring.
 *
 * @param where names the folder in messages.
 * @throws UsageError with the last lines of output when it cannot start, fails, or exceeds its time; the reason of
 * `signal` when that aborts.
 */
export async function setUp(command: SetUp, folder: string, where: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [file = '', ...args] = command.arguments;
  const child = spawn(file, args, {
    cwd: folder,
    env: environmentOfNoRepository(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
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
  const problem = late ? `did not end within ${command.timeoutMs / 1000} s and was ended` : how;
  if (problem !== undefined)
    throw new UsageError(`the set-up command \`${command.text}\` ${problem}, in ${where}${lastLines(output)}`);
}

/** @returns undefined when the command succeeded, else what it did. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`could not be started (${error.code === 'ENOENT' ? 'no such program or folder' : error.message})`),
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
