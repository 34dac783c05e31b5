/** Progress of a run on standard error: a bar on a terminal, a plain line a trial elsewhere. */

import { SingleBar } from 'cli-progress';
import { formatDuration, formatRate } from '../core/units.js';
import { terminalText } from '../reports/drawing/escaping.js';
import { invalidText } from '../reports/findings/reasons.js';
import type { Figures, RunObserver, Step } from '../runners/run/run.js';

export interface Progress extends RunObserver {
  /** Leaves the terminal as it was. */
  stop(): void;
}

const silent: Progress = { warmingUp() {}, phase() {}, ended() {}, stop() {} };

/** Start of a server process and closing of a trial, as a first guess before any trial has been timed. */
const overheadMs = 800;

export function progress(quiet: boolean): Progress {
  if (quiet) return silent;
  return isLive() ? bar() : plainLines();
}

/** Whether a bar can be drawn on standard error. */
export function isLive(): boolean {
  return process.stderr.isTTY === true && !process.env['CI'];
}

/** Prints a line of its own. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

export function leftText(restMs: number): string {
  const seconds = Math.max(0, Math.round(restMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
}

function summary({ target }: Step, line: Figures): string {
  if (!line.valid) return `${target}: invalid: ${terminalText(invalidText(line.invalidBecause))}`;
  const { service, response } = line.latencyUs;
  const p99 = formatDuration((response ?? service).p99);
  return `${target}: ${formatRate(line.deliveredPerSecond)} delivered, p99 ${p99}`;
}

/** Remaining time from what is planned, scaled by how long the trials so far really took. */
class Remaining {
  #startedMs = Date.now();
  #tookMs = 0;
  #expectedMs = 0;

  begin(): void {
    this.#startedMs = Date.now();
  }

  finish({ plannedMs }: Step): void {
    this.#tookMs += Date.now() - this.#startedMs;
    this.#expectedMs += overheadMs + plannedMs;
  }

  /** @param trials that are left, the one that runs included; all are taken for as long as this. */
  text({ plannedMs }: Step, trials: number): string {
    const scale = this.#expectedMs > 0 ? this.#tookMs / this.#expectedMs : 1;
    return leftText(scale * (overheadMs + plannedMs) * trials - (Date.now() - this.#startedMs));
  }
}

function plainLines(): Progress {
  const remaining = new Remaining();
  return {
    warmingUp: (target) => tell(`warming up the generator with ${target}`),
    phase: (_step, _attempt, phase) => {
      if (phase === 'starting') remaining.begin();
    },
    ended: (step, line) => {
      remaining.finish(step);
      const left = step.of - step.number;
      const rest = left > 0 ? ` (${remaining.text(step, left)})` : '';
      tell(`trial ${step.number} of ${step.of}: ${summary(step, line)}${rest}`);
    },
    stop() {},
  };
}

function bar(): Progress {
  const remaining = new Remaining();
  const drawn = progressBar();
  const parts = { starting: 0.02, connecting: 0.08, 'warm-up': 0.2, measuring: 0.4, draining: 0.95 } as const;
  let current: { step: Step; phase: string; done: number } | undefined;
  const draw = (): void => {
    if (!current) return;
    const { step, phase, done } = current;
    const rest = remaining.text(step, step.of - step.number + 1);
    drawn.update(step.number - 1 + done, {
      what: `trial ${step.number} of ${step.of} · ${step.target} · ${phase} · ${rest}`,
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
    phase: (step, attempt, phase) => {
      if (phase === 'starting') remaining.begin();
      if (!started) show('');
      drawn.setTotal(step.of);
      current = { step, phase: attempt > 1 ? `${phase} (attempt ${attempt})` : phase, done: parts[phase] };
      draw();
    },
    ended: (step) => remaining.finish(step),
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
