/** Searches for the most load that each target holds: asks the search for a load, runs a trial of it, and tells it the verdict. */

import type { AbsoluteGate } from '../../core/gates/gate.js';
import { deriveSeed } from '../../core/random.js';
import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { judge } from '../../core/search/judge.js';
import { gatesOf } from '../../core/search/objective.js';
import { type Question, Search } from '../../core/search/search.js';
import type { SearchSettings } from '../../core/search/search-settings.js';
import { workloadAt } from '../../core/search/search-workload.js';
import type { ServerUnderTest } from '../server/server-under-test.js';
import { addressesOf, type Participant, type Prepared } from './prepare.js';
import { startServer } from './served-sides.js';
import { type Ended, plannedMsOf, type RunObserver, type Session, setupOf } from './session.js';
import { runTrial, type TrialSetup } from './trial-run.js';

export interface SearchRun {
  readonly search: SearchSettings;
  readonly participants: Prepared['participants'];
  readonly session: Session;
  /** From when on the budget counts, by `performance.now()`. */
  readonly beganMs: number;
}

/** Beside the phases of a trial: its barriers, and closing its connections. */
const overheadMs = 400;
/** To start a server, and to warm it up. */
const freshMs = 1_500;
/** A fresh server is warmed up under this share of the load that it is to hold. */
const warmUpShare = 0.7;

/** One target after the other; each has its share of the time that is left. */
export async function searchAll(run: SearchRun, signal: AbortSignal, observer: RunObserver): Promise<Ended> {
  const { search, participants, beganMs } = run;
  let trials = 0;
  let unknown = 0;
  for (const [i, [target, participant]] of [...participants].entries()) {
    if (signal.aborted) break;
    const nowMs = performance.now();
    const shareMs = (beganMs + search.budgetMs - nowMs) / (participants.size - i);
    const time = { untilMs: nowMs + shareMs, laterMs: shareMs * (participants.size - i - 1) };
    const one = new TargetSearch(run, target, participant, trials, time);
    await one.run(signal, observer);
    trials = one.trials;
    if (!one.isKnown) unknown++;
  }
  return { trials, invalid: unknown };
}

class TargetSearch {
  /** Number of the latest trial of the run. */
  trials: number;
  isKnown = false;
  readonly #search: Search;
  readonly #objective: readonly AbsoluteGate[];
  /** Trials of each load on each server, and how many of the last of them were disturbed. */
  readonly #tried = new Map<string, { trials: number; disturbed: number }>();
  readonly #template: Workload;
  #held: { readonly number: number; readonly server: ServerUnderTest } | undefined;

  constructor(
    private readonly around: SearchRun,
    private readonly target: string,
    private readonly participant: Participant,
    before: number,
    private readonly time: { readonly untilMs: number; readonly laterMs: number },
  ) {
    const { search, session } = around;
    const [template] = session.run.scenario.workloads;
    if (template === undefined) throw new Error('a search needs a workload');
    this.#template = template;
    this.#search = new Search(search);
    this.#objective = gatesOf(search.objective);
    this.trials = before;
  }

  /** Until nothing is left to be tried, or the next trial would end after the target's time. */
  async run(signal: AbortSignal, observer: RunObserver): Promise<void> {
    try {
      for (let question = this.#search.next(); question && !signal.aborted; question = this.#search.next()) {
        const isFresh = this.#held?.number !== question.server;
        const wantedMs = this.#plannedMs(question.load) + (isFresh && this.trials > 0 ? freshMs : 0);
        const leftMs = this.time.untilMs - performance.now();
        // Something is to be known of every target.
        if (leftMs < (this.isKnown ? wantedMs : 0)) break;
        if (isFresh) await this.#serve(question, signal);
        if (!(await this.#try(question, signal, observer))) break;
      }
    } finally {
      await this.#release();
    }
  }

  /** @returns false when the run was interrupted. */
  async #try(question: Question, signal: AbortSignal, observer: RunObserver): Promise<boolean> {
    const { session, search } = this.around;
    const { load, phase, server } = question;
    const key = `${server} ${load}`;
    const tried = this.#tried.get(key) ?? { trials: 0, disturbed: 0 };
    this.#tried.set(key, tried);
    const number = ++this.trials;
    const setup = this.#setup(load, number, ++tried.trials);
    const [{ trial }] = setup.sides;
    const step = {
      number,
      of: number + this.#search.left,
      target: this.target,
      workload: trial.workload,
      plannedMs: plannedMsOf(trial.workload),
      searched: { over: search.over, question, leftMs: this.#leftMs(load) },
    };
    const attempt = tried.disturbed + 1;
    const end = await runTrial(setup, attempt, signal, (now) => observer.phase(step, attempt, now)).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (end === undefined) return false;
    const [line] = end.lines;
    const { utilization, ...judged } = judge(line, this.#objective);
    this.#search.learn(question, { ...judged, utilization });
    tried.disturbed = judged.verdict === 'disturbed' ? tried.disturbed + 1 : 0;
    this.isKnown ||= judged.verdict === 'holds' || judged.verdict === 'fails';
    observer.ended(step, session.write({ ...line, search: { load, phase, server, ...judged } }));
    // Its server may have ended.
    if (hasFailed(line)) await this.#release();
    return true;
  }

  /** A fresh server, which has worked for a moment before it is judged. One that does not start is told by the trial. */
  async #serve({ load, server: number }: Question, signal: AbortSignal): Promise<void> {
    await this.#release();
    const { session, search } = this.around;
    const most = this.#setup(search.to, 0, 1);
    const server = await startServer(most.sides[0], session.cores, session.clock).catch(() => undefined);
    if (server === undefined) return;
    this.#held = { number, server };
    const warm = Math.max(search.from, search.over === 'rate' ? warmUpShare * load : Math.round(warmUpShare * load));
    const setup = this.#setup(warm, 0, 1);
    const [side] = setup.sides;
    const { workload } = side.trial;
    const { warmupMs, measureMs, drainMs } = workload.phases;
    const phases = { warmupMs: 0, measureMs: warmupMs + measureMs, drainMs };
    const sides: TrialSetup['sides'] = [{ ...side, trial: { ...side.trial, workload: { ...workload, phases } } }];
    await runTrial({ ...setup, sides }, 1, signal).catch(() => {});
  }

  async #release(): Promise<void> {
    await this.#held?.server.stop();
    this.#held = undefined;
  }

  /** @param repetition of this load, from 1. */
  #setup(load: number, id: number, repetition: number): TrialSetup {
    const { search, session } = this.around;
    const workload = workloadAt(this.#template, search, load);
    const seed = deriveSeed(session.run.seed, id);
    const trial = { id, block: repetition, target: this.target, workload, seed };
    const setup = setupOf(trial, this.participant, session);
    const [side] = setup.sides;
    // The server listens on as many addresses as the most that is searched for needs.
    const addresses = addressesOf(workloadAt(this.#template, search, search.to), this.participant);
    return { ...setup, sides: [{ ...side, addresses, held: this.#held?.server }] };
  }

  #plannedMs(load: number): number {
    return overheadMs + plannedMsOf(workloadAt(this.#template, this.around.search, load));
  }

  #leftMs(load: number): number {
    const expectedMs = (1 + this.#search.left) * this.#plannedMs(load);
    const { untilMs, laterMs } = this.time;
    return Math.max(0, Math.min(untilMs - performance.now(), expectedMs)) + laterMs;
  }
}

function hasFailed({ invalidBecause }: TrialLine): boolean {
  return invalidBecause.some(({ code }) => code === 'failure');
}
