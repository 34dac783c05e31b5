/** The set-up command: how it is split, where it runs, and what is said when it fails or hangs. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../dist/runners/failure.js';
import { splitArguments } from '../dist/runners/revisions/arguments.js';
import { setUp } from '../dist/runners/revisions/set-up.js';
import { temporaryFolder } from './bench-command.js';

describe('a command given as one text', () => {
  it.each<[string, string[]]>([
    ['npm ci', ['npm', 'ci']],
    ['  npm\tci \n', ['npm', 'ci']],
    [`node -e 'console.log("a b")'`, ['node', '-e', 'console.log("a b")']],
    ['node "a b.js" "say \\"hi\\"" "back\\\\slash"', ['node', 'a b.js', 'say "hi"', 'back\\slash']],
    ['a\\ b c', ['a b', 'c']],
    [`--flag='one two'three`, ['--flag=one twothree']],
    [`a '' b`, ['a', '', 'b']],
    ['echo $HOME ~ * && rm -rf / | cat > x', ['echo', '$HOME', '~', '*', '&&', 'rm', '-rf', '/', '|', 'cat', '>', 'x']],
    ['"$(whoami)" `id`', ['$(whoami)', '`id`']],
    ['"c:\\new"', ['c:\\new']],
  ])('is split at blanks, with quotes and without expansion: %j', (text, expected) => {
    expect(splitArguments(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['', 'empty'],
    ['   ', 'empty'],
    [`npm 'ci`, `quote ' that is never closed`],
    ['npm "ci\\"', 'quote " that is never closed'],
    ['npm ci\\', 'backslash at the very end'],
  ])('is refused when it is not whole: %j', (text, reason) => {
    const split = splitArguments(text);
    expect(split).toBeInstanceOf(Error);
    expect((split as Error).message).toContain(reason);
  });

  it('gives back any arguments that were quoted, whatever they hold', () => {
    const quoted = (argument: string) => `'${argument.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (args) => {
        expect(splitArguments(args.map(quoted).join(' '))).toEqual(args);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a set-up command', () => {
  const { signal } = new AbortController();
  const node = (script: string, timeoutMs = 20_000) => ({
    text: 'the command',
    arguments: [process.execPath, '-e', script],
    timeoutMs,
  });
  const failure = (command: ReturnType<typeof node>, folder = temporaryFolder()) =>
    setUp(command, folder, 'base (main)', signal).then(
      () => undefined,
      (error: Error) => error,
    );

  it('runs in the folder it is for', async () => {
    const folder = temporaryFolder();
    await setUp(node(`require('fs').writeFileSync('done', 'yes')`), folder, 'base', signal);
    expect(readFileSync(join(folder, 'done'), 'utf8')).toBe('yes');
  });

  it('that fails is an error with its last lines of output, shown as text', async () => {
    const error = await failure(
      node(`for (let i = 1; i <= 30; i++) console.log('line ' + i); console.error('\\x1b[31mno'); process.exit(3)`),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error!.message).toContain('`the command` failed with exit code 3, in base (main)');
    expect(error!.message).toContain('\n  line 30\n');
    expect(error!.message).toContain('\\x1b[31mno');
    expect(error!.message).not.toContain('line 1\n');
  });

  it('that fails without a word is an error that says so', async () => {
    expect((await failure(node('process.exit(1)')))!.message).toContain('it printed nothing');
  });

  it('that cannot be started is an error that says why', async () => {
    const error = await failure({ text: 'no-such', arguments: ['no-such-program-at-all'], timeoutMs: 1000 });
    expect(error!.message).toContain('`no-such` could not be started (no such program or folder)');
    expect((await failure(node(''), '/no/such/folder'))!.message).toContain('no such program or folder');
  });

  const nested = `const { spawn } = require('child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    console.log('child ' + child.pid);`;

  it('that hangs is ended at its limit, with everything that it started', async () => {
    // A shell starts at once, a Node within the second only on a machine that nobody else uses.
    const shell = ['sh', '-c', 'sleep 1000 & echo child $!; wait'];
    const error = await failure({ text: 'the command', arguments: shell, timeoutMs: 1000 });
    expect(error!.message).toContain('did not end within 1 s and was ended');
    expect(await gone(Number(/child (\d+)/.exec(error!.message)![1]))).toBe(true);
  });

  it('leaves nothing running in the background', async () => {
    const folder = temporaryFolder();
    const script = `${nested} require('fs').writeFileSync('pid', String(child.pid)); child.unref(); process.exit(0)`;
    await setUp(node(script), folder, 'base', signal);
    expect(await gone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('ends with bench, and so does what it has started, however bench is ended', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../dist/runners/revisions/set-up.js')).href;
    const script = `
      const { setUp } = await import(${JSON.stringify(module)});
      const command = ['sh', '-c', 'sleep 1000 & echo $$ $! > made && mv made pids; wait'];
      await setUp({ text: 'it', arguments: command, timeoutMs: 600_000 }, '.', 'base', new AbortController().signal);`;
    const ended = (['SIGKILL', 'SIGQUIT', 'SIGHUP'] as const).map(async (name) => {
      const cwd = temporaryFolder();
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd, stdio: 'ignore' });
      while (!existsSync(join(cwd, 'pids'))) await sleep(20);
      const pids = readFileSync(join(cwd, 'pids'), 'utf8').trim().split(' ').map(Number);
      parent.kill(name);
      return Promise.all(pids.map(gone));
    });
    expect(await Promise.all(ended)).toEqual(Array(3).fill([true, true]));
  });

  it('is ended by an interrupt, whose reason is passed on', async () => {
    const controller = new AbortController();
    const folder = temporaryFolder();
    const script = `require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`;
    const running = setUp(node(script), folder, 'base', controller.signal);
    while (!existsSync(join(folder, 'pid')) || readFileSync(join(folder, 'pid'), 'utf8') === '') await sleep(20);
    controller.abort(new Error('interrupted'));
    await expect(running).rejects.toThrow('interrupted');
    expect(await gone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  });
});

/** Whether a process ends soon; one that ended and that nobody has waited for counts as gone. */
async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}
