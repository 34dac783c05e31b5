/** What became of connections behind a proxy that blocks WebSocket: those that fail are the result and no fault. */

import type { Workload } from '../../core/scenario.js';
import type { MeasuredRow } from './row.js';

/** Over all trials of the row. */
export interface Blocked {
  readonly asked: number;
  readonly connected: number;
  /** Why the others failed: classes of errors and how often, the most frequent first. */
  readonly reasons: readonly (readonly [errorClass: string, times: number])[];
}

/** @returns undefined where nothing is blocked. */
export function blockedOf({ blocking }: Workload, row: MeasuredRow): Blocked | undefined {
  if (blocking === undefined) return undefined;
  const asked = row.connections * row.trialsUsed;
  return {
    asked,
    connected: Math.max(0, asked - row.counts.connectFailed),
    reasons: Object.entries(row.counts.errors)
      .filter(([errorClass, times]) => times > 0 && isConnectError(errorClass))
      .sort(([, a], [, b]) => b - a),
  };
}

export function isConnectError(errorClass: string): boolean {
  return errorClass.startsWith('connect:');
}
