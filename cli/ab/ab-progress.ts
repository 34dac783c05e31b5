/** Shows the progress of `bench ab` on standard error: forks done, what they say so far, and the time to the next look. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { metrics } from '../../core/measure/metrics.js';
import type { TrialLine } from '../../core/result.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import { forkRatios } from '../../reports/comparison/sample.js';
import { terminalText } from '../../reports/drawing/escaping.js';
import { reasonText } from '../../reports/reasons/reasons.js';
import { type ReadTrial, readTrials } from '../../reports/results/read-trial.js';
import { changeText } from '../../reports/wording/figure-text.js';
import type { AbObserver } from '../../runners/ab/fork-series.js';
import { isLive, progressBar, Remaining, type Shown, tell } from '../progress.js';

export type AbProgress = AbObserver & Shown;

/** So many gates fit beside the rest on a line. */
const shownGates = 2;
/** A first guess, before any fork has been timed. */
const guessedForkMs = 5_000;

/** @param looks forks after which it is decided whether to go on; the last is the end. */
export function abProgress(looks: readonly number[], gates: readonly RelativeGate[]): AbProgress {
  const state = new State(looks, gates);
  return isLive() ? bar(state) : plainLines(state);
}

class State {
  readonly #trials: ReadTrial[] = [];
  readonly remaining = new Remaining();
  /** Valid forks so far. */
  valid = 0;

  constructor(
    private readonly looks: readonly number[],
    private readonly gates: readonly RelativeGate[],
  ) {}

  end(lines: readonly TrialLine[]): void {
    this.#trials.push(...readTrials(lines));
    const isValid = lines.every(({ valid }) => valid);
    if (isValid) this.valid++;
    // What an invalid one takes makes the valid ones longer.
    this.remaining.finish(isValid ? guessedForkMs : 0);
  }

  /** Valid forks that the next look needs. */
  get next(): number {
    return this.looks.find((look) => look > this.valid) ?? Math.max(...this.looks);
  }

  left(): string {
    return this.remaining.text((this.next - this.valid) * guessedForkMs);
  }

  /** The change of the first gates' metrics with its 95 % interval; empty before there is one. */
  soFar(): string {
    return [...new Set(this.gates.map(({ metric }) => metric))]
      .slice(0, shownGates)
      .flatMap((metric) => {
        const ratios = forkRatios(this.#trials, metric);
        if (ratios.length < 2) return [];
        const { estimate, ci95 } = signedRank(ratios);
        const [share, low, high] = [estimate, ci95.low, ci95.high].map((ln) => changeText(Math.expm1(ln)));
        return [`${metrics[metric].label} ${share} (${low} to ${high})`];
      })
      .join(', ');
  }
}

/** The first reason of base, which names head's where that is to blame; empty when the fork is valid. */
function invalidity(lines: readonly TrialLine[]): string {
  const [first] = lines.find(({ valid }) => !valid)?.invalidBecause ?? [];
  return first === undefined ? '' : terminalText(reasonText([first]));
}

function plainLines(state: State): AbProgress {
  return {
    warmingUp: () => tell('warming up the generator'),
    forkStarted: () => state.remaining.begin(),
    forkEnded: (fork, lines) => {
      const aim = state.next;
      state.end(lines);
      const invalid = invalidity(lines);
      if (invalid !== '') return tell(`fork ${fork} was invalid: ${invalid}`);
      const done = `${state.valid} of ${aim} forks`;
      tell([done, state.soFar(), ...(state.valid < aim ? [state.left()] : [])].filter(Boolean).join(' · '));
    },
    explaining: (fork, of) => tell(`explaining the difference: fork ${fork} of ${of} under the profiler`),
    stop() {},
  };
}

function bar(state: State): AbProgress {
  let running: { readonly fork: number; readonly attempt: number } | undefined;
  const showForks = (what: string): void => show(what, state.valid, state.next);
  const draw = (): void => {
    if (running === undefined) return;
    const done = `${state.valid} of ${state.next} forks`;
    const again = running.attempt > 1 ? `fork ${running.fork}, attempt ${running.attempt}` : '';
    showForks([done, again, state.left(), state.soFar()].filter(Boolean).join(' · '));
  };
  const { show, stop } = progressBar(draw);
  return {
    warmingUp: () => showForks('warming up the generator'),
    forkStarted: (fork, attempt) => {
      state.remaining.begin();
      running = { fork, attempt };
      draw();
    },
    forkEnded: (_fork, lines) => {
      state.end(lines);
      draw();
    },
    explaining: (fork, of) => {
      running = undefined;
      show(`explaining the difference: fork ${fork} of ${of} under the profiler`, fork - 1, of);
    },
    stop,
  };
}
