/** Progress of a run on standard error: a bar on a terminal, a plain line a trial elsewhere. */

import { SingleBar } from 'cli-progress';
import { formatDuration, formatRate } from '../core/units.js';
import { loadWords, verdictText } from '../reports/capacity/capacity-words.js';
import { terminalText } from '../reports/drawing/escaping.js';
import { invalidText } from '../reports/reasons/reasons.js';
import { percentText } from '../reports/wording/figure-text.js';
import type { Figures, RunObserver, Searched, Step } from '../runners/run/session.js';
import { isDumb } from './screen.js';

export interface Shown {
  /** Leaves the terminal as it was. */
  stop(): void;
}

type Progress = RunObserver & Shown;

const silent: Progress = { began() {}, warmingUp() {}, phase() {}, ended() {}, stop() {} };

/** Start of a server process and closing of a trial, as a first guess before any trial has been timed. */
export const overheadMs = 800;

/** What comes after a run that is one of several. */
export interface Among {
  /** Of all of them, so that one learns from those before. */
  readonly remaining: Remaining;
  /** Expected of those after it, until trials have been timed. */
  readonly laterMs: number;
}

export function progress(quiet: boolean, among: Among = { remaining: new Remaining(), laterMs: 0 }): Progress {
  if (quiet) return silent;
  return isLive() ? bar(among) : plainLines(among);
}

/** Whether a bar can be drawn on standard error. */
export const isLive = (): boolean => process.stderr.isTTY === true && !process.env['CI'] && !isDumb();

/** Prints a line of its own. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

function summary({ target, searched }: Step, line: Figures): string {
  if (searched) return searchedText(searched, target, line);
  if (!line.valid) return `${target}: invalid: ${terminalText(invalidText(line.invalidBecause, line.counts.errors))}`;
  const { service, response } = line.latencyUs;
  const delivered = `${target}: ${formatRate(line.deliveredPerSecond)} delivered`;
  return line.deliveredPerSecond > 0 ? `${delivered}, p99 ${formatDuration((response ?? service).p99)}` : delivered;
}

/** `ws 2,430 connections: holds, p99 4.10 ms, CPU 62 %`. */
function searchedText(
  { over, question }: Searched,
  target: string,
  { search, server, latencyUs, ...line }: Figures,
): string {
  const { p99 } = latencyUs.response ?? latencyUs.service;
  const figures = search?.verdict === 'holds' ? [`p99 ${formatDuration(p99)}`] : [];
  if (server) figures.push(`CPU ${percentText(server.cpuPercent)}`);
  // A server that did not serve the load at all has no figures.
  const isJudged = search?.verdict === 'holds' || (search?.verdict === 'fails' && line.valid);
  const why = isJudged ? figures.join(', ') : terminalText(invalidText(line.invalidBecause, line.counts.errors));
  const verdict = search ? verdictText(search) : '';
  return `${target} ${questionText(over, question)}: ${[verdict, why].filter((text) => text).join(', ')}`;
}

function questionText(over: Searched['over'], { load, phase, server }: Searched['question']): string {
  return `${loadWords(over, load)} (${phase}${server > 0 ? ` on fresh server ${server}` : ''})`;
}

/** Remaining time from what is expected, scaled by how long all that was expected so far really took. */
export class Remaining {
  #beganMs = Date.now();
  #tookMs = 0;
  #expectedMs = 0;

  begin(): void {
    this.#beganMs = Date.now();
  }

  /** @param expectedMs of what has just ended. */
  finish(expectedMs: number): void {
    this.#tookMs += Date.now() - this.#beganMs;
    this.#expectedMs += expectedMs;
    this.begin();
  }

  /** @param expectedMs of all that is left, what runs included. */
  text(expectedMs: number): string {
    const scale = this.#expectedMs > 0 ? this.#tookMs / this.#expectedMs : 1;
    const seconds = Math.max(0, Math.round((scale * expectedMs - (Date.now() - this.#beganMs)) / 1000));
    return `${minutesText(seconds)} left`;
  }
}

const leftText = (ms: number): string => `${minutesText(Math.round(ms / 1000))} left at most`;

/** `12:05` */
export function minutesText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export const expectedMs = ({ plannedMs }: Step): number => overheadMs + plannedMs;

const measuringMemory = 'measuring memory of a connection by layer (up to half a minute)';

function plainLines({ remaining, laterMs }: Among): Progress {
  return {
    began() {},
    warmingUp: (target) => tell(`warming up the generator with ${target}`),
    phase: (_step, _attempt, phase) => {
      if (phase === 'starting') remaining.begin();
    },
    ended: (step, line) => {
      remaining.finish(expectedMs(step));
      const leftMs = step.searched
        ? step.searched.leftMs - expectedMs(step)
        : (step.of - step.number) * expectedMs(step) + laterMs;
      const rest = leftMs > 0 ? ` (${step.searched ? leftText(leftMs) : remaining.text(leftMs)})` : '';
      const place = step.searched ? `trial ${step.number}` : `trial ${step.number} of ${step.of}`;
      tell(`${place}: ${summary(step, line)}${rest}`);
    },
    measuringMemory: () => tell(measuringMemory),
    stop() {},
  };
}

function bar({ remaining, laterMs }: Among): Progress {
  const parts = { starting: 0.02, connecting: 0.08, 'warm-up': 0.2, measuring: 0.4, draining: 0.95 } as const;
  let current: { step: Step; phase: string; done: number } | undefined;
  const draw = (): void => {
    if (!current) return;
    const { step, phase, done } = current;
    const { searched } = step;
    const rest = searched
      ? leftText(searched.leftMs)
      : remaining.text(expectedMs(step) * (step.of - step.number + 1) + laterMs);
    const tried = searched ? ` · ${questionText(searched.over, searched.question)}` : '';
    const what = `trial ${step.number} of ${step.of} · ${step.target}${tried} · ${phase} · ${rest}`;
    show(what, step.number - 1 + done, step.of);
  };
  const { show, stop } = progressBar(draw);
  return {
    began() {},
    warmingUp: (target) => show(`warming up the generator with ${target}`),
    phase: (step, attempt, phase) => {
      if (phase === 'starting') remaining.begin();
      current = { step, phase: attempt > 1 ? `${phase} (attempt ${attempt})` : phase, done: parts[phase] };
      draw();
    },
    ended: (step) => {
      remaining.finish(expectedMs(step));
      current = undefined;
    },
    measuringMemory: () => show(measuringMemory),
    stop,
  };
}

interface ProgressBar extends Shown {
  show(what: string, done?: number, total?: number): void;
}

/** A bar on standard error with words beside it. @param redraw called twice a second until the bar is stopped. */
export function progressBar(redraw: () => void): ProgressBar {
  const drawn = new SingleBar({
    format: '{bar} {what}',
    stream: process.stderr,
    barsize: Math.min(24, Math.floor((process.stderr.columns || 80) / 3)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    // Which means here that a line is cut where the terminal would wrap it.
    linewrap: true,
  });
  const ticking = setInterval(redraw, 500);
  ticking.unref();
  return {
    show: (what, done = 0, total = 1) => {
      if (!drawn.isActive) drawn.start(total, done, { what });
      drawn.setTotal(total);
      drawn.update(done, { what });
    },
    stop: () => {
      clearInterval(ticking);
      drawn.stop();
    },
  };
}
