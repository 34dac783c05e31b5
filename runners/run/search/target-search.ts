/** The search on one target: asks for a load, runs a trial of it on a server that is held between trials, and tells the verdict. */

import type { AbsoluteGate } from '../../../core/gates/gate.js';
import { deriveSeed } from '../../../core/random.js';
import type { TrialLine } from '../../../core/result.js';
import { workloadAt } from '../../../core/scenario/search-workload.js';
import type { Workload } from '../../../core/scenario.js';
import { judge } from '../../../core/search/judge.js';
import { gatesOf } from '../../../core/search/objective.js';
import { type Question, Search } from '../../../core/search/search.js';
import type { SearchSettings } from '../../../core/workload/search-settings.js';
import type { ServerUnderTest } from '../../server/server-under-test.js';
import { addressesOf, type Participant } from '../prepare.js';
import { startServer } from '../served-sides.js';
import { plannedMsOf, type RunObserver, type Session, setupOf } from '../session.js';
import { runTrial, type TrialSetup } from '../trial-run.js';

export interface SearchRun {
  readonly search: SearchSettings;
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

/** What a search is told whose turn it is. */
export interface Turn {
  readonly untilMs: number;
  /** @returns the number of the trial that begins, how many there will be about, and how long they take at most. */
  begin(): { readonly number: number; readonly of: number; readonly leftMs: number };
}

export class TargetSearch {
  isOver = false;
  isBegun = false;
  /** Of some load it is known whether it is held. */
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
    readonly participant: Participant,
  ) {
    const { search, session } = around;
    const [template] = session.run.scenario.workloads;
    if (template === undefined) throw new Error('a search needs a workload');
    this.#template = template;
    this.#search = new Search(search);
    this.#objective = gatesOf(search.objective);
  }

  /**
   * Runs its next trial. It is over where nothing is left to be tried, or the trial would end too late.
   * @returns whether a trial has ended.
   */
  async advance(turn: Turn, signal: AbortSignal, observer: RunObserver): Promise<boolean> {
    const question = this.isOver ? undefined : this.#search.next();
    const isFresh = this.#held?.number !== question?.server;
    const wantedMs = question ? this.#plannedMs(question.load) + (isFresh && this.isBegun ? freshMs : 0) : 0;
    // Something is to be known of every target.
    if (!question || (this.isKnown && turn.untilMs - performance.now() < wantedMs)) {
      this.isOver = true;
      await this.release();
      return false;
    }
    this.isBegun = true;
    if (isFresh) await this.#serve(question, signal);
    return this.#try(question, turn, signal, observer);
  }

  /** About how many trials there will be after the one that runs. */
  get left(): number {
    return this.isOver ? 0 : this.#search.left;
  }

  /** What the next trials take, about. */
  get expectedMs(): number {
    const load = this.#search.next()?.load;
    return this.isOver || load === undefined ? 0 : (1 + this.left) * this.#plannedMs(load);
  }

  async release(): Promise<void> {
    await this.#held?.server.stop();
    this.#held = undefined;
  }

  /** @returns false when the run was interrupted. */
  async #try(question: Question, turn: Turn, signal: AbortSignal, observer: RunObserver): Promise<boolean> {
    const { session, search } = this.around;
    const { load, phase, server } = question;
    const key = `${server} ${load}`;
    const tried = this.#tried.get(key) ?? { trials: 0, disturbed: 0 };
    this.#tried.set(key, tried);
    const { number, of, leftMs } = turn.begin();
    const setup = this.#setup(load, number, ++tried.trials);
    const [{ trial }] = setup.sides;
    const step = {
      number,
      of,
      target: this.target,
      workload: trial.workload,
      plannedMs: plannedMsOf(trial.workload),
      searched: { over: search.over, question, leftMs },
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
    if (hasFailed(line)) await this.release();
    return true;
  }

  /** A fresh server, which has worked for a moment before it is judged. One that does not start is told by the trial. */
  async #serve({ load, server: number }: Question, signal: AbortSignal): Promise<void> {
    await this.release();
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
}

function hasFailed({ invalidBecause }: TrialLine): boolean {
  return invalidBecause.some(({ code }) => code === 'failure');
}
