/** Explains a difference: after the forks that are judged, both versions run a few more under the profiler. */

import { basename, dirname, relative, sep } from 'node:path';
import { type Side, sides } from '../../core/plan.js';
import type { CallTree } from '../../core/profile/call-tree.js';
import type { ProfiledForks, ProfiledSide, ProfilePlan } from '../../core/profile/profile-reading.js';
import type { Participant } from '../run/prepare.js';
import type { TrialEnd } from '../run/trial-run.js';
import { packageFolder } from '../target-catalogue.js';

type Both<T> = Readonly<Record<Side, T>>;

/** As an interval over forks needs them; a sample of the profiler costs some 10 us, so they must not be too many. */
export const usualProfiledForks = 8;
const profile = { intervalUs: 200 };
/** No samples: each would be a signal, at which strace stops the server. */
const trace = { intervalUs: 1e6, tracesCalls: true };

/**
 * @param attempt runs one fork under the profiler, with the servers' profiles in its end.
 * @param started is told the number of each fork before it starts, from 1, and how many there are.
 */
export async function explainForks(
  participants: Both<Participant>,
  count: number,
  attempt: (fork: number, plan: Omit<ProfilePlan, 'spans'>) => Promise<TrialEnd>,
  started: (fork: number, of: number) => void,
  signal: AbortSignal,
): Promise<ProfiledForks> {
  const forks: Both<ProfiledSide>[] = [];
  const missing = new Set<string>();
  let traced: Both<ProfiledSide> | undefined;
  for (let fork = 1; fork <= count + 1 && !signal.aborted; fork++) {
    const isTraced = fork > count;
    // What cannot be profiled twice never can.
    if (forks.length === 0 && (isTraced || fork > 2)) break;
    started(fork, count + 1);
    const end = await attempt(fork, isTraced ? trace : profile).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (end === undefined) break;
    const both = profiledSides(end, participants);
    if (typeof both === 'string') missing.add(both);
    else if (isTraced) traced = both;
    else forks.push(both);
  }
  for (const side of sides)
    if (typeof traced?.[side].calls === 'string')
      missing.add(`Calls of the kernel are not counted by name: ${traced[side].calls}.`);
  return { forks, traced, missing: [...missing] };
}

/** @returns a sentence where a side has no profile. */
function profiledSides(
  { lines, profiles = [] }: TrialEnd,
  participants: Both<Participant>,
): Both<ProfiledSide> | string {
  const found: Partial<Record<Side, ProfiledSide>> = {};
  for (const [place, line] of lines.entries()) {
    const side = sides.find((one) => one === line.target);
    const reading = profiles[place];
    const delivered = line.fork?.windows.reduce((sum, window) => sum + window.delivered, 0) ?? 0;
    const [failure] = line.invalidBecause;
    if (failure?.code === 'failure') return `A fork failed under the profiler: ${failure.text}.`;
    if (side === undefined || reading === undefined)
      return 'The server cannot be profiled: it is not a Node program of version 20.6 or later that bench starts.';
    if (delivered === 0) return 'A fork under the profiler delivered nothing.';
    const tree = named(reading.tree, participants, side);
    found[side] = { ...reading, tree, delivered, allDelivered: line.counts.delivered };
  }
  const { base, head } = found;
  return base && head ? { base, head } : 'A fork under the profiler has only one side.';
}

/** With names of files that are the same for both versions, wherever each lies. */
function named(tree: CallTree, participants: Both<Participant>, side: Side): CallTree {
  const { file, ownProcess } = participants[side];
  const folder = ownProcess?.folder ?? dirname(file);
  const module = basename(participants.head.file);
  const nameOf = (path: string): string => {
    if (path === '' || path.startsWith('node:')) return path;
    if (path === file) return module;
    const installed = path.lastIndexOf(`${sep}node_modules${sep}`);
    if (installed >= 0) return path.slice(installed + 1);
    if (path.startsWith(packageFolder)) return `bench${sep}${path.slice(packageFolder.length)}`;
    return relative(folder, path);
  };
  return { ...tree, frames: tree.frames.map((frame) => ({ ...frame, file: nameOf(frame.file) })) };
}
