/** Holds a row against its absolute gates and against the contract, which nobody has to write. */

import { type AbsoluteGate, type Gate, holds } from '../../core/gates/gate.js';
import { isSilent } from '../../core/kind.js';
import { valueAt } from '../../core/measure/figures.js';
import type { QuantileName } from '../../core/measure/latency.js';
import { type GateMetricName, isQuantile, metrics } from '../../core/measure/metrics.js';
import { countClasses, sumClasses } from '../../core/measure/tally.js';
import type { Workload } from '../../core/scenario.js';
import { owesUnknown } from '../../core/share.js';
import { writeDuration } from '../../core/units.js';
import { whileDisturbed } from '../findings/warnings.js';
import { type ContractCounts, disturbedCounts } from '../fold/disturbed-counts.js';
import type { Figure } from '../fold/figure.js';
import type { MeasuredRow } from '../fold/row.js';
import { present } from '../present.js';
import {
  countText,
  durationText,
  figureText,
  firmByTrials,
  metricText,
  rangeText,
  shareText,
} from '../wording/figure-text.js';
import { connectionFaults } from './connection-faults.js';
import type { JudgedRow } from './judged-row.js';
import type { GateOutcome, GateResult } from './outcome.js';

export function judgeAbsolute(gate: AbsoluteGate, { row, name, workload, obstacle }: JudgedRow): GateOutcome {
  const { text } = gate;
  if (obstacle !== undefined || row.state !== 'measured')
    return { text, ...name, ...(obstacle ?? { outcome: 'failed', reason: 'no data' }) };
  // As much was owed there as came, whatever was lost.
  if (aboutLoss.includes(gate.metric) && owesUnknown(workload))
    return { text, ...name, outcome: 'failed', reason: 'no data: nobody knows what was owed' };
  const measured = measuredFigure(row, gate.metric);
  if (measured === undefined)
    return { text, ...name, outcome: 'failed', reason: `no data: no trial has a figure of ${gate.metric}` };
  const reason = [measured.text, ...measured.warnings].join('; ');
  return { text, ...name, outcome: keeps(measured, gate) ? 'passed' : 'failed', reason };
}

/** A lower bound says nothing about what lies above it. */
function keeps({ value, atLeast }: Measured, { comparison, bound }: AbsoluteGate): boolean {
  const upwards = comparison === '>' || comparison === '>=';
  return (!atLeast || upwards) && holds(value, comparison, bound);
}

interface Measured {
  /** In the base unit of the gate's bound. */
  readonly value: number;
  /** True: a lower bound, because messages were unanswered. */
  readonly atLeast: boolean;
  /** `response p99 is 3.20 ms`. */
  readonly text: string;
  /** Ends of a sentence. */
  readonly warnings: readonly string[];
}

/** @returns undefined when the row has no such figure. */
function measuredFigure(row: MeasuredRow, metric: GateMetricName): Measured | undefined {
  if (metric === 'max' || isQuantile(metric)) return duration(row, metric);
  switch (metric) {
    case 'delivered':
      return delivered(row);
    case 'errors':
      return exact(metric, countClasses(row.counts.errors, ''));
    default: {
      const value = valueAt(row, metrics[metric].figure) as Figure | number | undefined;
      if (typeof value === 'number') return exact(metric, value);
      // 0 is what a trial without deliveries has: nothing, and not a low cost.
      if (value === undefined || (metric === 'cpuPerDelivery' && value.median === 0)) return undefined;
      const text = figureText(value, (each) => metricText(metric, each), row.trialsUsed);
      return exact(metric, value.median, text);
    }
  }
}

function exact(metric: GateMetricName, value: number, text = countText(value)): Measured {
  return { value, atLeast: false, text: `${metrics[metric].label} is ${text}`, warnings: [] };
}

/** Response time where there is a schedule to be late against, else service time. */
function duration({ response, service, trialsUsed }: MeasuredRow, metric: QuantileName | 'max'): Measured | undefined {
  const { count, unanswered, sent, quantiles, max } = response ?? service;
  if (count + unanswered === 0) return undefined;
  const kind = response ? 'response' : 'service';
  const { label } = metrics[metric];
  const quantile = metric === 'max' ? undefined : quantiles[metric];
  const { us, atLeast } = quantile ?? max;
  const range = quantile && trialsUsed > 1 ? ` (single trials ${rangeText(quantile)})` : '';
  const why = atLeast ? `, because ${countText(unanswered)} deliveries never came` : '';
  return {
    value: us,
    atLeast,
    text: `${quantile ? `${kind} ${label}` : `the highest ${kind} time`} is ${durationText({ us, atLeast })}${range}${why}`,
    warnings: present(
      quantile?.firm === false &&
        (quantile.sendsNeeded === undefined
          ? `not firm: ${firmByTrials}`
          : `not firm: ${countText(sent)} of the ${countText(quantile.sendsNeeded)} messages that a firm ${label} needs`),
    ),
  };
}

/** Over whole trials, warm-up included, as the counts are: what is lost there is lost. */
function delivered({ counts }: MeasuredRow): Measured | undefined {
  if (counts.owed === 0) return undefined;
  const of = `${countText(counts.delivered)} of ${countText(counts.owed)}`;
  return exact('delivered', counts.delivered / counts.owed, `${shareText(counts.delivered, counts.owed)} (${of})`);
}

const promises = ['lost', 'duplicated', 'reordered', 'corrupted'] as const;
type Promised = (typeof promises)[number];
/** What a gate of the user's decides in place of the contract. */
type Decided = Promised | 'errors';
type Disturbed = ContractCounts & Readonly<Record<'errors' | 'trials', number>>;

const aboutLoss: readonly GateMetricName[] = ['lost', 'delivered'];

/** How its outcomes call themselves. */
const contractText = 'contract';
const contractBroken = 'contract broken: ';

/** @returns what was not kept; undefined: nothing was. Nothing else can make up for it. */
export function brokenContract({ outcomes }: GateResult): string | undefined {
  const broken = outcomes.find(({ text, outcome }) => text === contractText && outcome === 'failed');
  return broken?.reason.replace(contractBroken, '');
}

/** Counts are facts where only times are spoilt: of valid trials, and of invalid ones whose counts stand. */
export function judgeContract(gates: readonly Gate[], { row, name, workload, obstacle }: JudgedRow): GateOutcome {
  const ours = { text: contractText, ...name };
  const disturbed = disturbedCounts(row.invalid);
  const standing = row.invalid.filter(({ counts }) => counts !== undefined);
  const errors = sumClasses(standing.map((trial) => trial.errors));
  const shown = disturbed && { ...disturbed, errors: countClasses(errors, ''), trials: standing.length };
  const said = [
    ...(row.state === 'measured'
      ? [
          // Volatile events may be dropped: no promise is broken. Gates on what was delivered or lost count them all the same.
          ...brokenIn(row.volatile ? { ...row.counts, lost: 0 } : row.counts, workload, gates),
          ...connectionFaults(row.counts.errors, workload, hasOwnGate('errors', gates), row.reconnection),
        ]
      : []),
    ...[
      ...(shown ? brokenIn(shown, workload, gates, shown) : []),
      ...connectionFaults(errors, workload, hasOwnGate('errors', gates, shown)),
    ].map((fault) => `${fault} (${whileDisturbed})`),
  ];
  if (said.length > 0) return { ...ours, outcome: 'failed', reason: `${contractBroken}${said.join('; ')}` };
  if (row.state === 'measured') {
    if (obstacle === undefined && row.counts.owed > 0) return keptOrUnknown(gates, row, workload, ours);
    if (obstacle === undefined && isSilent(workload.kind))
      return { ...ours, outcome: 'advisory', reason: `a server of kind ${workload.kind} owes no deliveries` };
  }
  return { ...ours, ...(obstacle ?? { outcome: 'failed', reason: 'no data: nothing was owed' }) };
}

function brokenIn(counts: ContractCounts, workload: Workload, gates: readonly Gate[], disturbed?: Disturbed): string[] {
  const broken = promises.filter((count) => counts[count] > 0 && !hasOwnGate(count, gates, disturbed));
  const { misrouted = 0 } = counts;
  const said = present(
    ...broken.map((count) => sentence(count, counts, workload)),
    // No gate can forgive them: a stranger read what was meant for others.
    misrouted > 0 && `${countText(misrouted)} outside the room that they were sent to`,
  );
  return said.length > 0 ? [said.join(', ')] : [];
}

/** @param disturbed of invalid trials, in which no gate has an outcome: one that they do not keep on average decides nothing. */
function hasOwnGate(count: Decided, gates: readonly Gate[], disturbed?: Disturbed): boolean {
  const about: readonly GateMetricName[] = count === 'lost' ? aboutLoss : [count];
  const own = gates.filter((gate): gate is AbsoluteGate => gate.is === 'absolute' && about.includes(gate.metric));
  if (disturbed === undefined) return own.length > 0;
  const figure = ({ metric }: AbsoluteGate): number =>
    metric === 'delivered' ? 1 - disturbed.lost / disturbed.owed : disturbed[count] / disturbed.trials;
  return own.length > 0 && own.every((gate) => holds(figure(gate), gate.comparison, gate.bound));
}

function sentence(count: Promised, counts: ContractCounts, { phases }: Workload): string {
  const figure = countText(counts[count]);
  if (count !== 'lost') return `${figure} ${count}`;
  return `${figure} of ${countText(counts.owed)} deliveries lost, not there when the drain of ${writeDuration(phases.drainMs)} ended`;
}

/** Nobody can say that nothing is missing where the server fell silent. */
function keptOrUnknown(
  gates: readonly Gate[],
  row: MeasuredRow,
  workload: Workload,
  ours: Pick<GateOutcome, 'text' | 'target' | 'workload'>,
): GateOutcome {
  const reason = kept(gates, row.volatile, owesUnknown(workload));
  const silence = row.warnings.find(({ reasons: [{ code }] }) => code === 'pushes-ended');
  return silence
    ? { ...ours, outcome: 'advisory', reason: `${reason}; but ${silence.text}` }
    : { ...ours, outcome: 'passed', reason };
}

function kept(gates: readonly Gate[], volatile: MeasuredRow['volatile'], isUnknown: boolean): string {
  const others = promises.filter((count) => hasOwnGate(count, gates));
  if (others.length === 0) {
    if (isUnknown) return 'what came was delivered once, in order and intact; nobody knows what was owed';
    if (volatile === undefined || volatile.dropped === 0)
      return 'everything owed was delivered once, in order and intact';
    return `all but ${countText(volatile.dropped)} dropped volatile events was delivered once, in order and intact`;
  }
  const rest = promises.filter((count) => !others.includes(count));
  const own = `${others.join(', ')}: see ${others.length === 1 ? 'its' : 'their'} own gate`;
  return rest.length === 0 ? own : `nothing ${rest.join(', ')}; ${own}`;
}
