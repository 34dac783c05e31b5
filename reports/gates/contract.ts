/**
 * The gate that nobody has to write: a server delivers what it owes, once, in order and intact, unless the scenario
 * has an absolute gate that says how much of one of these may be missing.
 */

import type { Gate } from '../../core/gates/gate.js';
import { isSilent } from '../../core/kind.js';
import type { GateMetricName } from '../../core/measure/metrics.js';
import type { Counts } from '../../core/result.js';
import { writeDuration } from '../../core/units.js';
import { countText } from '../wording/figure-text.js';
import type { JudgedRow } from './judged-row.js';
import type { GateOutcome } from './outcome.js';

const promises = ['lost', 'duplicated', 'reordered', 'corrupted'] as const;
type Promised = (typeof promises)[number];

/** How its outcomes call themselves. */
export const contractText = 'contract';

/** Counts of valid trials are facts even where other trials are invalid. */
export function judgeContract(gates: readonly Gate[], { row, name, kind, drainMs, obstacle }: JudgedRow): GateOutcome {
  const ours = { text: contractText, ...name };
  if (row.state === 'measured') {
    const broken = promises.filter((count) => !hasOwnGate(count, gates) && row.counts[count] > 0);
    const said = [...broken.map((count) => sentence(count, row.counts, drainMs)), ...strays(row.counts.misrouted ?? 0)];
    if (said.length > 0) return { ...ours, outcome: 'failed', reason: `contract broken: ${said.join(', ')}` };
    if (obstacle === undefined && row.counts.owed > 0) return { ...ours, outcome: 'passed', reason: kept(gates) };
    if (obstacle === undefined && isSilent(kind))
      return { ...ours, outcome: 'advisory', reason: `a server of kind ${kind} owes no deliveries` };
  }
  return { ...ours, ...(obstacle ?? { outcome: 'failed', reason: 'no data: nothing was owed' }) };
}

function hasOwnGate(count: Promised, gates: readonly Gate[]): boolean {
  const about: readonly GateMetricName[] = count === 'lost' ? ['lost', 'delivered'] : [count];
  return gates.some((gate) => gate.is === 'absolute' && about.includes(gate.metric));
}

function sentence(count: Promised, counts: Counts, drainMs: number): string {
  const figure = countText(counts[count]);
  if (count !== 'lost') return `${figure} ${count}`;
  return `${figure} of ${countText(counts.owed)} deliveries lost, not there when the drain of ${writeDuration(drainMs)} ended`;
}

/** No gate can forgive them: a stranger read what was meant for others. */
function strays(misrouted: number): string[] {
  return misrouted > 0 ? [`${countText(misrouted)} outside the room that they were sent to`] : [];
}

function kept(gates: readonly Gate[]): string {
  const others = promises.filter((count) => hasOwnGate(count, gates));
  if (others.length === 0) return 'everything owed was delivered once, in order and intact';
  const rest = promises.filter((count) => !others.includes(count));
  const own = `${others.join(', ')}: see ${others.length === 1 ? 'its' : 'their'} own gate`;
  return rest.length === 0 ? own : `nothing ${rest.join(', ')}; ${own}`;
}
