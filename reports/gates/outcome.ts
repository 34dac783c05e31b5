/** The outcome of each gate, in words, and of all together. */

export type Outcome =
  | 'passed'
  | 'failed'
  /** The measurement cannot be used; that is not the server's fault. */
  | 'invalid'
  /** A comparison that shows neither that it is worse nor that it is not. */
  | 'inconclusive'
  /** A comparison of too few samples to show anything. */
  | 'needs more'
  /** Decides nothing here. */
  | 'advisory';

/** Texts come from the file and are to be escaped by whoever shows them. */
export interface GateOutcome {
  /** The gate as it was written, or `contract`. */
  readonly text: string;
  readonly target: string;
  /** What is special about its work, where the scenario has several workloads. */
  readonly workload?: string | undefined;
  readonly outcome: Outcome;
  /** What was measured, with its unit, and what must be known about it. */
  readonly reason: string;
  /** With `needs more`: forks, or trials of each side. */
  readonly needs?: number | undefined;
}

/** Plain JSON. */
export interface GateResult {
  /** Of the scenario. */
  readonly name: string;
  readonly outcomes: readonly GateOutcome[];
  readonly exit: 'pass' | 'failed' | 'invalid' | 'inconclusive';
}

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
