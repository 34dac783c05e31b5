/** The built command as a user runs it, in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOnlyDisturbed } from '../dist/core/measure/reason.js';
import type { ResultLine, TrialLine } from '../dist/core/result.js';

export const bin = fileURLToPath(new URL('../dist/cli/bench.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when standard error holds `text`. */
  saw(text: string): Promise<void>;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-test-'));
}

export function testServer(name: string): string {
  return fileURLToPath(new URL(`./servers/${name}`, import.meta.url));
}

let caches = 0;

/** A cache folder for each command: benches that share one wait for each other. */
export function ownCache(): { readonly XDG_CACHE_HOME: string } {
  return { XDG_CACHE_HOME: join(tmpdir(), `bench-test-cache-${process.pid}-${++caches}`) };
}

const repeating = ['run', 'ab', 'study'];

/** Beside other tests most trials are disturbed, and would be again: none of the tests needs a valid one. */
export function oneAttempt([command = '', ...flags]: readonly string[]): string[] {
  return repeating.includes(command) && !flags.includes('--attempts') && flags.length > 0 ? ['--attempts', '1'] : [];
}

export function startBench(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [bin, ...args, ...oneAttempt(args)], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...ownCache(), ...env },
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const check of watchers) check();
  });
  return {
    child,
    finished: new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr }))),
    saw: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (stderr.includes(text)) resolve();
        };
        watchers.add(check);
        check();
      }),
  };
}

export function bench(args: readonly string[], cwd = temporaryFolder(), env?: NodeJS.ProcessEnv): Promise<Finished> {
  return startBench(args, cwd, env).finished;
}

export function readLines(path: string): ResultLine[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ResultLine);
}

/**
 * Writes a result as if nobody else had used the machine: trials that only a busy machine made invalid count, each with its
 * last attempt. @returns the path of the copy.
 */
export function asIfAlone(path: string): string {
  const lines = readLines(path);
  const last = new Map(lines.flatMap((line) => (line.type === 'trial' ? [[line.id, line]] : [])));
  const kept = lines.flatMap((line): ResultLine[] => {
    if (line.type !== 'trial' || !isOnlyDisturbed(line.invalidBecause)) return [line];
    return line === last.get(line.id) ? [{ ...line, valid: true, invalidBecause: [] }] : [];
  });
  const copy = path.replace(/(\.jsonl)?$/, '-alone.jsonl');
  writeFileSync(copy, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return copy;
}

export function readTrials(path: string): TrialLine[] {
  return readLines(path).filter((line) => line.type === 'trial');
}
