/** The servers of a trial: each side has one, started for the trial or held over several. */

import type { Side, Trial } from '../../core/plan.js';
import type { Clock } from '../../core/schedule.js';
import { type Cores, narrowed } from '../machine/cores.js';
import { ServerUnderTest } from '../server/server-under-test.js';
import { forSides, type Sides } from '../workers/sides.js';
import { listenRequest, type Participant } from './prepare.js';
import type { Addresses } from './socket-limits.js';
import { blaming } from './trial-failure.js';

/** One server under test, and what is done to it. */
export interface TrialSide {
  readonly trial: Trial;
  readonly participant: Participant;
  readonly addresses: Addresses;
  /** In a comparison of two versions. */
  readonly side?: Side | undefined;
  /** A server that runs already and goes on after the trial; undefined: a fresh one. */
  readonly held?: ServerUnderTest | undefined;
}

export type ServedSide = TrialSide & { readonly server: ServerUnderTest };

/** Starts the servers of all sides at once, the first a moment before the others; all or none are there in the end. */
export async function startServers(sides: Sides<TrialSide>, cores: Cores, clock: Clock): Promise<Sides<ServedSide>> {
  const starts = forSides(sides, async (side): Promise<ServedSide> => {
    const { held } = side;
    return { ...side, server: held ?? (await blaming(side, startServer(side, cores, clock), false)) };
  });
  const settled = await Promise.allSettled(starts);
  try {
    return await Promise.all(starts);
  } catch (error) {
    await stopAll(settled.flatMap((start) => (start.status === 'fulfilled' ? start.value : [])));
    throw error;
  }
}

/** @throws Error in one sentence when server or proxy does not listen in time. */
export function startServer({ trial, participant, addresses }: TrialSide, cores: Cores, clock: Clock) {
  const { workload, seed } = trial;
  const { endpoint, ownProcess, file, options, serverCores = 1 } = participant;
  const listening = listenRequest(workload, addresses, participant);
  const request = { target: file, nodeFlags: options?.nodeFlags, ...listening };
  const own = endpoint && ownProcess && { endpoint, process: ownProcess };
  return ServerUnderTest.start({ workload, request, cores: narrowed(cores, serverCores), seed, clock, own });
}

/** But those that are held. */
export async function stopAll(sides: readonly ServedSide[]): Promise<void> {
  await Promise.all(sides.map(({ server, held }) => server !== held && server.stop()));
}
