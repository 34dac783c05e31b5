/** Owns what is held for each of the two versions that one job compares. */

import type { Side } from '../../core/plan.js';

export type Both<T> = Readonly<Record<Side, T>>;

/** @param first is asked first, where the order could make a difference. */
export function both<T>(of: (side: Side) => T, first: Side = 'base'): Both<T> {
  if (first === 'base') return { base: of('base'), head: of('head') };
  const head = of('head');
  return { base: of('base'), head };
}

/** Waits for both at once; rejects as soon as one does. */
export async function bothAwaited<T>(of: (side: Side) => Promise<T>, first?: Side): Promise<Both<T>> {
  const begun = both(of, first);
  const [base, head] = await Promise.all([begun.base, begun.head]);
  return { base, head };
}
