/** Runs a scenario: every trial of the plan, or those that a search asks for, each line written as soon as it is known. */

import { plan, type Trial } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { cut } from '../../core/stored-value.js';
import { ladderPlan } from '../ladder/ladder-plan.js';
import { memoryByLayer } from '../ladder/memory-ladder.js';
import { warmUpTrials } from './jit-warm-up.js';
import type { Participant, Prepared } from './prepare.js';
import { searchAll } from './search/search-run.js';
import {
  type Ended,
  maxAttempts,
  plannedMsOf,
  type RecordRequest,
  type RunObserver,
  type RunOutcome,
  record,
  type Session,
  type Step,
  setupOf,
} from './session.js';
import { readLimits } from './socket-limits.js';
import { type Phase, runTrial, type TrialSetup } from './trial-run.js';
import { Attempts, isGeneratorsLimit, OmittedTrials } from './trials-to-run.js';

export interface RunRequest
  extends Pick<RecordRequest, 'scenario' | 'tool' | 'command' | 'out' | 'warnings' | 'agents'> {
  readonly prepared: Prepared;
  /** How often a trial is measured until it is valid; undefined: `maxAttempts`. */
  readonly attempts?: number | undefined;
}

/**
 * Runs the scenario. An abort of `signal` ends the running trial, which is not recorded, and leaves a partial file.
 * @throws UsageError when the result file cannot be created, HarnessError when it cannot be written any more.
 */
export function run(request: RunRequest, signal: AbortSignal, observer: RunObserver): Promise<RunOutcome> {
  const { scenario, tool, command, out, warnings, agents, prepared, attempts = maxAttempts } = request;
  const { participants, unavailable } = prepared;
  const serversRunAlready = [...participants.values()].some(({ ownProcess }) => ownProcess && !ownProcess.command);
  const servers = [...participants.values()];
  const about = { scenario, tool, command, out, warnings, agents, unavailable, serversRunAlready, servers };
  return record(about, signal, async (session) => {
    const beganMs = performance.now();
    observer.began(session.run);
    for (const [trial, participant] of warmUpTrials(participants, scenario.workloads)) {
      if (signal.aborted) break;
      observer.warmingUp(trial.target);
      await runTrial(setupOf(trial, participant, session), 1, signal).catch(() => {});
    }
    const { search } = scenario;
    if (search) return searchAll({ search, participants, session, beganMs }, signal, observer);
    return runPlan(participants, attempts, session, signal, observer);
  });
}

async function runPlan(
  participants: Prepared['participants'],
  attempts: number,
  session: Session,
  signal: AbortSignal,
  observer: RunObserver,
): Promise<Ended> {
  const { workloads, trials: repetitions, stopAboveP95Us } = session.run.scenario;
  const isLadder = stopAboveP95Us !== undefined;
  const trials = plan([...participants.keys()], workloads, repetitions, session.run.seed, isLadder);
  const omitted = new OmittedTrials(stopAboveP95Us);
  const tried = new Attempts(attempts, trials.length);
  let ended = 0;
  let invalid = 0;
  for (const trial of trials) {
    if (signal.aborted) break;
    const participant = participants.get(trial.target);
    if (participant === undefined || omitted.has(trial)) continue;
    const setup = setupOf(trial, participant, session);
    const line = await runUntilValid(setup, stepOf(trial, trials.length), tried, session, signal, observer);
    if (line === undefined) break;
    omitted.learn(trial, line);
    ended++;
    if (!line.valid) invalid++;
  }
  const looksAtMemory =
    !signal.aborted && workloads.some(({ layers }) => layers) && [...participants.values()].some(isLayered);
  if (!looksAtMemory) return { trials: ended, invalid };
  observer.measuringMemory?.();
  return { trials: ended, invalid, memoryByLayer: await memoryOf(session, signal) };
}

/** The layers that are measured are those of these libraries. */
const isLayered = ({ target: { library } }: Participant): boolean => library === 'ws' || library === 'socket.io';

/** @returns why there is none when it failed, a sentence. */
async function memoryOf({ cores }: Session, signal: AbortSignal): Promise<Ended['memoryByLayer']> {
  const plan = ladderPlan(readLimits().openFiles, cores.server?.[0]);
  if (plan === undefined) return 'the limit of open files is too low for connections enough';
  return memoryByLayer(plan, signal).catch((error: Error) => (signal.aborted ? undefined : cut(error.message)));
}

function stepOf({ id, target, workload }: Trial, of: number): Step {
  return { number: id, of, target, workload, plannedMs: plannedMsOf(workload) };
}

/** @returns the line of the last attempt; undefined when the run was interrupted. */
async function runUntilValid(
  setup: TrialSetup,
  step: Step,
  attempts: Attempts,
  session: Session,
  signal: AbortSignal,
  observer: RunObserver,
): Promise<TrialLine | undefined> {
  for (let attempt = 1; ; attempt++) {
    const onPhase = (phase: Phase): void => observer.phase(step, attempt, phase);
    const end = await runTrial(setup, attempt, signal, onPhase).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (end === undefined) return undefined;
    const [ended] = end.lines;
    const line = attempts.judge(ended);
    observer.ended(step, session.write(line));
    if (signal.aborted) return undefined;
    if (line.valid || isGeneratorsLimit(line) || attempt === attempts.most) return line;
  }
}
