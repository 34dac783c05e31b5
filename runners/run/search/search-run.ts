/** Searches for the most load that each target holds: all targets advance together, a trial of each in turn, so that each sees the machine at all times. */

import { balancedOrders } from '../../../core/plan.js';
import { deriveSeed, seededRandom } from '../../../core/random.js';
import { type Participant, processesOf } from '../prepare.js';
import type { Ended, RunObserver } from '../session.js';
import { type SearchRun, TargetSearch, type Turn } from './target-search.js';

/** Servers are held between their trials. They are idle then, but each process has its memory: some 60 to 100 MB. */
const mostHeldProcesses = 24;

export async function searchAll(
  run: SearchRun & { readonly participants: ReadonlyMap<string, Participant> },
  signal: AbortSignal,
  observer: RunObserver,
): Promise<Ended> {
  const { search, session, beganMs, participants } = run;
  const random = seededRandom(deriveSeed(session.run.seed, participants.size));
  const groups = heldTogether(
    [...participants].map(([target, participant]) => new TargetSearch(run, target, participant)),
  );
  const searches = groups.flat();
  let trials = 0;
  for (const [i, group] of groups.entries()) {
    const nowMs = performance.now();
    const waiting = groups.slice(i).flat().length;
    const untilMs = nowMs + ((beganMs + search.budgetMs - nowMs) * group.length) / waiting;
    const turn: Turn = {
      untilMs,
      begin: () => {
        const trialsLeft = searches.reduce((sum, each) => sum + each.left, 0);
        const expectedMs = group.reduce((sum, each) => sum + each.expectedMs, 0);
        const ownMs = Math.max(0, Math.min(untilMs - performance.now(), expectedMs));
        return { number: trials + 1, of: trials + 1 + trialsLeft, leftMs: ownMs + beganMs + search.budgetMs - untilMs };
      },
    };
    try {
      for (const order of balancedOrders(group, random)) {
        for (const each of order) if (!signal.aborted && (await each.advance(turn, signal, observer))) trials++;
        if (signal.aborted || group.every(({ isOver }) => isOver)) break;
      }
    } finally {
      await Promise.all(group.map((each) => each.release()));
    }
    if (signal.aborted) break;
  }
  return { trials, invalid: searches.filter(({ isBegun, isKnown }) => isBegun && !isKnown).length };
}

/** In groups whose servers may all be there at once; each group has its share of the time. */
function heldTogether(searches: readonly TargetSearch[]): TargetSearch[][] {
  const groups: TargetSearch[][] = [];
  let processes = 0;
  for (const each of searches) {
    const { target, options } = each.participant;
    const own = processesOf(target, options) ?? 1;
    const last = groups.at(-1);
    if (last && processes + own <= mostHeldProcesses) last.push(each);
    else groups.push([each]);
    processes = last === groups.at(-1) ? processes + own : own;
  }
  return groups;
}
