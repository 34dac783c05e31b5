/** Trials of agents in a test: an agent of this process, and the same workload of any kind on whatever workers there are. */

import { hasGuests, isPushed, isSilent, isStorm, type Kind } from '../dist/core/kind.js';
import type { TrialLine } from '../dist/core/result.js';
import type { Workload } from '../dist/core/scenario.js';
import { Agent } from '../dist/runners/agents/agent.js';
import { AgentPool } from '../dist/runners/agents/agent-pool.js';
import { redisAt } from '../dist/runners/agents/redis.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { addressesOf, type Participant, prepare } from '../dist/runners/run/prepare.js';
import type { Addresses } from '../dist/runners/run/socket-limits.js';
import { runTrial } from '../dist/runners/run/trial-run.js';
import type { Workers } from '../dist/runners/workers/workers.js';

export const version = 'test';

/** Eight connections in two rooms where there are rooms; a schedule of few messages, the same in every trial. */
export function workloadOf(kind: Kind): Workload {
  const [connections, rooms] = [8, kind === 'room' || kind === 'presence' ? 2 : undefined];
  const publishers = isSilent(kind) || isPushed(kind) ? 0 : hasGuests(kind) ? 4 : connections;
  return {
    ...{ kind, connections, publishers, rooms },
    load: isSilent(kind) ? { model: 'none' } : { model: 'open', ratePerSecond: 100, arrivals: 'constant' },
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 0, measureMs: isStorm(kind) ? 200 : 300, drainMs: 5_000 },
    connect: { ratePerSecond: 1_000, timeoutMs: 5_000 },
  };
}

/** The target `ws`, listening where it is told to. */
export async function wsAt(workload: Workload, listen?: Addresses): Promise<Participant> {
  const scenario = { name: 'x', question: '', targets: ['ws'], workloads: [workload], trials: 1 };
  const { participants } = await prepare(scenario, ['ws'], '.', listen);
  const [participant] = [...participants.values()];
  if (participant === undefined) throw new Error('there is no target ws');
  return participant;
}

export async function trialOn(
  pool: Workers,
  participant: Participant,
  workload: Workload,
  workers = 2,
): Promise<TrialLine> {
  const trial = { id: 1, block: 0, target: 'ws', workload, seed: 7 };
  const addresses = addressesOf(workload, participant);
  const setup = { workers, pool, cores: { ...divideCores(), keepAwake: false }, clock: monotonicClock() };
  const { signal } = new AbortController();
  const { lines } = await runTrial({ ...setup, sides: [{ trial, participant, addresses }] }, 1, signal);
  return lines[0];
}

export function startAgent(url: string, name: string, slots = 2, bench = version): Promise<Agent> {
  return Agent.start({ at: redisAt(url), name, slots, version: bench }, () => {});
}

/** Waits until so many agents are there. */
export async function openPool(url: string, agents: number, bench = version): Promise<AgentPool> {
  for (;;) {
    const pool = await AgentPool.open(redisAt(url), bench).catch((error: Error) => error);
    if (pool instanceof Error && !pool.message.startsWith('no agent')) throw pool;
    if (pool instanceof AgentPool && pool.names.length >= agents) return pool;
    if (pool instanceof AgentPool) await pool.close();
    await new Promise((again) => setTimeout(again, 200));
  }
}
