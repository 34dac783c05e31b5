/** What invalid trials show of the contract whose counts stand: a busy machine spoils times alone. */

import { z } from 'zod';
import { countsStand } from '../../core/measure/reason.js';
import type { Stored } from '../../core/stored-value.js';
import type { ReadTrial } from '../results/read-trial.js';

export const contractCountsSchema = z.object({
  owed: z.number(),
  lost: z.number(),
  duplicated: z.number(),
  reordered: z.number(),
  corrupted: z.number(),
  misrouted: z.number().optional(),
});
export type ContractCounts = Stored<typeof contractCountsSchema>;

/** @returns undefined where the counts may be wrong, too. */
export function contractCounts(line: ReadTrial): ContractCounts | undefined {
  if (!countsStand(line.invalidBecause)) return undefined;
  const { owed, lost, duplicated, reordered, corrupted, misrouted } = line.counts;
  // What a killed process took with it is no broken promise.
  const wrong = line.reconnection?.lostByOthers ?? lost;
  return { owed, lost: mayBeLate(line) || line.volatile ? 0 : wrong, duplicated, reordered, corrupted, misrouted };
}

/**
 * Where a delivery took as long as the drain, those that are missing may have been on their way; and with a connection that
 * is blocked its first message is gone.
 */
function mayBeLate({ latencyUs, workload: { phases, blocking } }: ReadTrial): boolean {
  return blocking !== undefined || latencyUs.service.max >= 1000 * phases.drainMs;
}

/** Of all these trials together; undefined where none says anything. */
export function disturbedCounts(
  trials: readonly { readonly counts?: ContractCounts | undefined }[],
): ContractCounts | undefined {
  const [first, ...others] = trials.flatMap(({ counts }) => counts ?? []);
  return first && others.reduce(sum, first);
}

function sum(one: ContractCounts, other: ContractCounts): ContractCounts {
  return {
    owed: one.owed + other.owed,
    lost: one.lost + other.lost,
    duplicated: one.duplicated + other.duplicated,
    reordered: one.reordered + other.reordered,
    corrupted: one.corrupted + other.corrupted,
    misrouted: (one.misrouted ?? 0) + (other.misrouted ?? 0),
  };
}
