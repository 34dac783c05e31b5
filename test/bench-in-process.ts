/**
 * The built command inside the process of the test, which spares it a start of half a second. What a start of its own can
 * break is proven in `command-line.test.ts` and, where it measures, in `own-server.test.ts` and `run-failures.test.ts`.
 */

import { Readable } from 'node:stream';
import { vi } from 'vitest';
import { main } from '../dist/cli/main.js';
import { type Finished, oneAttempt, ownCache, temporaryFolder } from './bench-command.js';
import { newListeners } from './signals-here.js';

/**
 * One at a time: it takes over the standard streams, the working directory, the environment and the exit code, and gives them back.
 * @param stdin what is read there, where anything is.
 */
export async function benchHere(
  args: readonly string[],
  cwd = temporaryFolder(),
  env: Readonly<Record<string, string>> = {},
  stdin?: string,
): Promise<Finished> {
  const taken = takeOver(cwd, env, stdin);
  try {
    await main([...args, ...oneAttempt(args)]);
    return { code: Number(process.exitCode ?? 0), ...taken.written };
  } finally {
    taken.giveBack();
  }
}

/** A command that serves something and goes on. */
export interface Serving {
  readonly stdout: string;
  readonly stderr: string;
  /** As Ctrl-C does, for this command alone. @returns its exit code. */
  interrupt(): Promise<number>;
}

/**
 * A command that says where it serves what, and goes on until Ctrl-C. What it took over is given back when it has said so.
 * What a signal does to a process is proven in `command-line.test.ts` and `probe-page.test.ts`.
 */
export async function serveHere(args: readonly string[], cwd = temporaryFolder()): Promise<Serving> {
  const added = newListeners();
  const taken = takeOver(cwd, {});
  let isOver = false;
  const ended = main(args).finally(() => (isOver = true));
  try {
    await vi.waitUntil(() => isOver || taken.written.stdout.includes('until Ctrl-C'), { timeout: 30_000 });
  } finally {
    taken.giveBack();
  }
  const own = added();
  return {
    ...taken.written,
    interrupt: async () => {
      const codeBefore = process.exitCode;
      process.exitCode = undefined;
      for (const { name, each } of own) {
        process.off(name, each);
        if (name === 'SIGINT') each(name);
      }
      await ended;
      const code = Number(process.exitCode ?? 0);
      process.exitCode = codeBefore;
      return code;
    },
  };
}

/** The standard streams, the working directory, the environment and the exit code. */
function takeOver(cwd: string, env: Readonly<Record<string, string>>, stdin?: string) {
  const written = { stdout: '', stderr: '' };
  const listen = (stream: 'stdout' | 'stderr') =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += chunk;
      return true;
    });
  const spies = [
    listen('stdout'),
    listen('stderr'),
    // yargs prints its help here, and vitest has a console of its own.
    vi.spyOn(console, 'log').mockImplementation((text: string) => {
      written.stdout += `${text}\n`;
    }),
  ];
  const [back, codeBefore, environment] = [process.cwd(), process.exitCode, { ...process.env }];
  const input =
    stdin === undefined ? undefined : vi.spyOn(process, 'stdin', 'get').mockReturnValue(standardInput(stdin));
  process.chdir(cwd);
  Object.assign(process.env, ownCache(), env);
  process.exitCode = undefined;
  return {
    written,
    giveBack: () => {
      process.chdir(back);
      // `--no-color` sets a variable, too.
      for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
      Object.assign(process.env, environment);
      process.exitCode = codeBefore;
      for (const spy of [...spies, input]) spy?.mockRestore();
    },
  };
}

function standardInput(text: string): typeof process.stdin {
  return Object.assign(Readable.from([text]), { isTTY: false }) as unknown as typeof process.stdin;
}
