/** Progress of a run on standard error: a bar on a terminal, a plain line a trial elsewhere. */

import { SingleBar } from 'cli-progress';
import type { Trial } from '../core/plan.js';
import type { TrialLine } from '../core/result.js';
import { formatDuration, formatRate } from '../core/units.js';
import { terminalText } from '../reports/drawing/escaping.js';
import { invalidText } from '../reports/findings/reasons.js';
import type { RunObserver } from '../runners/run/run.js';

export interface Progress extends RunObserver {
  /** Leaves the terminal as it was. */
  stop(): void;
}

const silent: Progress = { warmingUp() {}, phase() {}, ended() {}, stop() {} };

/** Start of a server process and closing of a trial, as a first guess before any trial has been timed. */
const overheadMs = 800;

export function progress(quiet: boolean): Progress {
  if (quiet) return silent;
  const live = process.stderr.isTTY === true && !process.env['CI'];
  return live ? bar() : plainLines();
}

function summary(trial: Trial, line: TrialLine): string {
  if (!line.valid) return `${trial.target}: invalid: ${terminalText(invalidText(line.invalidBecause))}`;
  const { service, response } = line.latencyUs;
  const p99 = formatDuration((response ?? service).p99);
  return `${trial.target}: ${formatRate(line.deliveredPerSecond)} delivered, p99 ${p99}`;
}

/** What a trial takes by its phases alone. */
function expectedMs({ workload }: Pick<Trial, 'workload'>): number {
  const { warmupMs, measureMs } = workload.phases;
  return overheadMs + (1000 * workload.connections) / workload.connect.ratePerSecond + warmupMs + measureMs;
}

/** Remaining time from the phases asked for, scaled by how long the trials so far really took. */
class Remaining {
  #startedMs = Date.now();
  #tookMs = 0;
  #expectedMs = 0;

  begin(): void {
    this.#startedMs = Date.now();
  }

  finish(trial: Trial): void {
    this.#tookMs += Date.now() - this.#startedMs;
    this.#expectedMs += expectedMs(trial);
  }

  text(trial: Trial, trials: number): string {
    const scale = this.#expectedMs > 0 ? this.#tookMs / this.#expectedMs : 1;
    const restMs = scale * expectedMs(trial) * (trials - trial.id + 1) - (Date.now() - this.#startedMs);
    const seconds = Math.max(0, Math.round(restMs / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
  }
}

function plainLines(): Progress {
  const remaining = new Remaining();
  return {
    warmingUp: (target) => void process.stderr.write(`warming up the generator with ${target}\n`),
    phase: (_trial, _trials, _attempt, phase) => {
      if (phase === 'starting') remaining.begin();
    },
    ended: (trial, trials, line) => {
      remaining.finish(trial);
      const rest = trial.id < trials ? ` (${remaining.text({ ...trial, id: trial.id + 1 }, trials)})` : '';
      process.stderr.write(`trial ${trial.id} of ${trials}: ${summary(trial, line)}${rest}\n`);
    },
    stop() {},
  };
}

function bar(): Progress {
  const remaining = new Remaining();
  const drawn = progressBar();
  const parts = { starting: 0.02, connecting: 0.08, 'warm-up': 0.2, measuring: 0.4, draining: 0.95 } as const;
  let current: { trial: Trial; trials: number; phase: string; done: number } | undefined;
  const draw = (): void => {
    if (!current) return;
    const { trial, trials, phase, done } = current;
    const rest = remaining.text(trial, trials);
    drawn.update(trial.id - 1 + done, {
      what: `trial ${trial.id} of ${trials} · ${trial.target} · ${phase} · ${rest}`,
    });
  };
  const ticking = setInterval(draw, 500);
  ticking.unref();
  let started = false;
  const show = (what: string): void => {
    if (started) drawn.update({ what });
    else drawn.start(1, 0, { what });
    started = true;
  };
  return {
    warmingUp: (target) => show(`warming up the generator with ${target}`),
    phase: (trial, trials, attempt, phase) => {
      if (phase === 'starting') remaining.begin();
      const label = attempt > 1 ? `${phase} (attempt ${attempt})` : phase;
      if (!started) show('');
      drawn.setTotal(trials);
      current = { trial, trials, phase: label, done: parts[phase] };
      draw();
    },
    ended: (trial) => remaining.finish(trial),
    stop: () => {
      clearInterval(ticking);
      drawn.stop();
    },
  };
}

/** Draws `{ what: string }` beside the bar; gone when stopped. */
export function progressBar(): SingleBar {
  return new SingleBar({
    format: '{bar} {what}',
    stream: process.stderr,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    linewrap: false,
  });
}
