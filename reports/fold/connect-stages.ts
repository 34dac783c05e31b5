/** Owns the order in which a connection passes its stages. */

import type { ConnectStage } from '../../core/client.js';

const order: readonly ConnectStage[] = ['tcp', 'websocket', 'engineio', 'socketio', 'upgrade', 'ready', 'message'];

/** Each once; a stage that is not known here comes first. */
export function inStageOrder(stages: readonly string[]): string[] {
  const placeOf = (stage: string): number => (order as readonly string[]).indexOf(stage);
  return [...new Set(stages)].sort((a, b) => placeOf(a) - placeOf(b));
}
