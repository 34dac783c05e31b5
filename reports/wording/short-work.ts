/** What a workload is, in the few words that a sentence about it begins with. */

import { isShared } from '../../core/kind.js';
import type { Workload } from '../../core/scenario.js';
import { formatCount, formatRate } from '../../core/units.js';

/** `Broadcast to 100 connections, 25.0/s`. */
export function shortWorkText({ kind, connections, load }: Workload): string {
  const pace =
    load.model === 'open'
      ? `, ${formatRate(load.ratePerSecond)}`
      : load.model === 'closed'
        ? `, closed loop with ${load.inflight} in flight`
        : '';
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return `${name} ${isShared(kind) ? 'to' : 'on'} ${formatCount(connections, 'connection')}${pace}`;
}
