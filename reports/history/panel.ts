/** What one chart or table of a history shows: series of one metric along the commits of one scenario. */

import type { ClientName } from '../../core/client.js';
import type { MetricName } from '../../core/measure/metrics.js';
import type { Environment } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { terminalText } from '../drawing/escaping.js';
import type { Point } from './point.js';

/** A commit from which on the figures lie on another level. */
export interface Shift {
  /** Place in the points of the series. */
  readonly at: number;
  /** New level against old, sign as measured. */
  readonly share: number;
  readonly p: number;
}

export interface Series {
  readonly target: string;
  readonly client: ClientName;
  /** Oldest first. */
  readonly points: readonly Point[];
  /** Advisory. */
  readonly shifts: readonly Shift[];
}

/** Series that one table shows: same scenario, work, machine and metric. */
export interface Panel {
  readonly scenario: string;
  readonly workload: Workload;
  /** Of each run, as the newest asked for. */
  readonly trialsPlanned: number;
  readonly machine: Machine;
  readonly metric: MetricName;
  readonly series: readonly Series[];
}

/** What must be the same along a line: figures of two machines or two Nodes say nothing about a commit. */
export type Machine = Pick<Environment, 'cpu' | 'cores' | 'node'>;

export function machineText({ cpu, cores, node }: Machine): string {
  return `${terminalText(cpu, 60)}, ${cores} ${cores === 1 ? 'core' : 'cores'}, Node ${terminalText(node, 20)}`;
}

export function machineKey({ cpu, cores, node }: Machine): string {
  return JSON.stringify([cpu, cores, node]);
}
