/** The outcome of each gate, in words, and of all together. */

import { z } from 'zod';
import type { Stored } from '../../core/stored-value.js';

const outcomes = ['passed', 'failed', 'invalid', 'inconclusive', 'needs more', 'advisory'] as const;
export type Outcome = (typeof outcomes)[number];

/** Texts come from the file and are to be escaped by whoever shows them. */
const gateOutcomeSchema = z.object({
  text: z.string().describe('The gate as it was written, or `contract`.'),
  target: z.string(),
  workload: z.string().optional().describe('What is special about its work, where the scenario has several workloads.'),
  outcome: z
    .enum(outcomes)
    .describe(
      'invalid: the measurement cannot be used, which is not the fault of the server. inconclusive: a comparison that ' +
        'shows neither that it is worse nor that it is not. needs more: of too few samples to show anything. ' +
        'advisory: decides nothing here.',
    ),
  reason: z.string().describe('What was measured, with its unit, and what must be known about it.'),
  needs: z.number().optional().describe('With "needs more": forks, or trials of each side.'),
});
export type GateOutcome = Stored<typeof gateOutcomeSchema>;

export const gateResultSchema = z
  .object({
    name: z.string().describe('Of the scenario.'),
    outcomes: z.array(gateOutcomeSchema),
    exit: z.enum(['pass', 'failed', 'invalid', 'inconclusive']),
  })
  .meta({ id: 'gates', description: 'What `bench gate` prints.' });
/** Plain JSON. */
export type GateResult = Stored<typeof gateResultSchema>;

/** What was measured to be broken stays broken, whatever else could not be measured: `failed` goes before `invalid`. */
export function gateResult(name: string, outcomes: readonly GateOutcome[]): GateResult {
  const some = (...kinds: Outcome[]) => outcomes.some(({ outcome }) => kinds.includes(outcome));
  if (some('failed')) return { name, outcomes, exit: 'failed' };
  if (some('invalid')) return { name, outcomes, exit: 'invalid' };
  return { name, outcomes, exit: some('inconclusive', 'needs more') ? 'inconclusive' : 'pass' };
}

/** `3 passed, 1 failed`. */
export function countOutcomes(outcomes: readonly GateOutcome[]): string {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'none';
}
