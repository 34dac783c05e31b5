/** Owns the question whether opening a connection ends with its first message having come back. */

import type { Workload } from './scenario.js';

/** Where connecting itself is measured, or where a handshake alone does not prove that messages get through. */
export function asksForFirstMessage({ kind, blocking }: Pick<Workload, 'kind' | 'blocking'>): boolean {
  return kind === 'connect' || blocking !== undefined;
}
