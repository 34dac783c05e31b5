/** Runs the built command with a mark in its environment, by which every process that descends from it can be told. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStopped } from '../../runners/machine/proc.js';
import { bench } from '../built-command.js';
import { crashIn } from './family.js';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** A process dies a moment after its parent. */
const orphanGraceMs = 5_000;
const pollMs = 50;
/** A longer pause between two polls is no time of bench: this process, and most likely bench too, was starved. */
const mostPauseMs = 200;

/** Little work, so that an attack comes soon to each part of it. */
const scenario = `# What holds when it is attacked?
kind: echo
targets: [ws, socketio]
connections: 4
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 0s, measure: 200ms, drain: 100ms }
trials: 50
`;

/** Of a process that is gone, or of another user: empty. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

export class MarkedBench {
  readonly #mark = `BENCH_TORTURE_MARK=${randomUUID()}`;
  readonly #child: ChildProcess;
  /** Undefined until it has ended. */
  code: number | NodeJS.Signals | undefined;
  stdout = '';
  stderr = '';

  /** @param shell what is run in place of bench itself, which it finds in "$@". The scenario is `attack.yaml`. */
  constructor(
    words: readonly string[],
    readonly folder: string,
    shell?: string,
  ) {
    writeFileSync(join(folder, 'attack.yaml'), scenario);
    mkdirSync(this.temporary, { recursive: true });
    const command = shell === undefined ? [] : ['sh', '-c', shell, 'sh'];
    const [first, ...rest] = [...command, process.execPath, bench, ...words];
    const [name = '', value] = this.#mark.split('=');
    // In a process group of its own, as in a terminal. Its own cache, so that no other bench is waited for.
    this.#child = spawn(first ?? '', rest, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.temporary, XDG_CACHE_HOME: folder, NO_COLOR: '1', [name]: value },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child.once('exit', (code, signal) => {
      this.code = signal ?? code ?? undefined;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get temporary(): string {
    return join(this.folder, 'tmp');
  }

  /** All that carry the mark and live, itself included. */
  processes(): readonly Process[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && textOf(`/proc/${name}/environ`).includes(this.#mark))
      .map((name) => ({
        pid: Number(name),
        command: textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ').slice(0, 200),
      }));
  }

  /** Waits until `condition` holds or it has ended, at most `limitMs`. */
  async until(condition: () => boolean, limitMs: number): Promise<void> {
    await this.#wait(() => this.code !== undefined || condition(), limitMs);
  }

  /** At most for so long as bench could run: who measures beside this stops others for minutes. */
  async #wait(condition: () => boolean, limitMs: number): Promise<void> {
    for (let leftMs = limitMs; leftMs > 0 && !condition(); ) {
      const fromMs = Date.now();
      await sleep(pollMs);
      if (!isStopped(this.pid)) leftMs -= Math.min(Date.now() - fromMs, mostPauseMs);
    }
  }

  /**
   * Waits for its end, ends what is left of it, and keeps what it printed.
   * @returns what it should not have done, whatever was done to it.
   */
  async end(limitMs: number): Promise<readonly string[]> {
    const faults: string[] = [];
    await this.until(() => false, limitMs);
    let left = this.processes();
    if (this.code === undefined) faults.push(`it did not end within ${limitMs / 1000} s`);
    else
      await this.#wait(() => {
        left = this.processes();
        return left.length === 0;
      }, orphanGraceMs);
    if (this.code !== undefined) faults.push(...left.map(({ pid, command }) => `process ${pid} is left: ${command}`));
    for (const { pid } of left) signalTo(pid, 'SIGKILL');
    appendFileSync(join(this.folder, 'output.txt'), `${this.stdout}\n${this.stderr}\nended with ${this.code}\n`);
    return [...faults, ...crashIn(this.stderr)];
  }
}

/** @param pid negative: of a process group. @returns false when it is gone. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
