/** The rows of a report: what all trials of one target, client and workload say together. */

import type { ClientName } from '../../core/client.js';
import type { commonFigures, workloadFigures } from '../../core/measure/figures.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Workload } from '../../core/scenario.js';
import type { Protocol } from '../../core/target.js';
import type { Finding } from '../findings/finding.js';
import type { ContractCounts } from './disturbed-counts.js';
import type { Figure } from './figure.js';
import type { Latency } from './latency.js';

export interface InvalidTrial {
  readonly id: number;
  readonly block: number;
  readonly attempt: number;
  readonly reasons: readonly Reason[];
  /** How often each class occurred. */
  readonly errors: Readonly<Record<string, number>>;
  /** Where only a busy machine made the trial invalid. */
  readonly counts?: ContractCounts | undefined;
}

/** What valid trials of a row warn of. */
export interface TrialWarning {
  /** With the range of the figures. */
  readonly text: string;
  /** Of each trial that has it; they differ in their figures alone. */
  readonly reasons: readonly [Reason, ...Reason[]];
  readonly trials: number;
  /** All valid trials of the row. */
  readonly of: number;
}

/** Of something that happened many times in each trial. */
export interface TimeFigures {
  readonly p50Us: Figure;
  readonly p99Us: Figure;
  readonly maxUs: Figure;
}

/** What becomes of a figure over trials. */
interface Folds {
  readonly median: Figure;
  readonly sum: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly times: TimeFigures;
  readonly histogram: Latency;
}

type Folded<Entry> = Entry extends { fold: 'part'; figures: infer Table }
  ? Figures<Table>
  : Entry extends { fold: 'stages'; figures: infer Table }
    ? readonly ({ readonly stage: string } & Figures<Table>)[]
    : Entry extends { fold: keyof Folds }
      ? Folds[Entry['fold']]
      : never;

/** What the entries of a table of figures become in a row. */
export type Figures<Table> = {
  readonly [Name in keyof Table as Table[Name] extends { optional: true } ? never : Name]: Folded<Table[Name]>;
} & {
  readonly [Name in keyof Table as Table[Name] extends { optional: true } ? Name : never]?: Folded<Table[Name]>;
};

/** This row divided by the first measured row of its table, trial by trial of the same block; absent where they share no known values above 0. */
export type Ratios = Readonly<
  Partial<Record<'deliveredPerSecond' | 'serviceP50' | 'serviceP99' | 'cpuUsPerDelivery', number>>
>;

interface RowName {
  readonly target: string;
  readonly trialsPlanned: number;
  readonly invalid: readonly InvalidTrial[];
}

export interface MeasuredRow extends RowName, Figures<typeof commonFigures>, Figures<typeof workloadFigures> {
  readonly state: 'measured';
  readonly client: ClientName;
  readonly transport: string;
  /** Absent in files of earlier versions. */
  readonly protocol?: Protocol;
  /** Package and version of what was measured. */
  readonly library: string;
  readonly trialsUsed: number;
  readonly connections: number;
  /** Deliveries a second, for kind connect openings, that the generator managed here against a server that answers without looking; see docs/calibration.md. */
  readonly headroomPerSecond?: number;
  /** A setting that trials of the row disagree about has all its values, joined by " or ". */
  readonly settings: Readonly<Record<string, string>>;
  readonly warnings: readonly TrialWarning[];
  readonly ratios: Ratios;
}

/** A target that was asked for and has no figures. */
export interface EmptyRow extends RowName {
  readonly state: 'unavailable' | 'not run' | 'no valid trial';
  /** Known when a trial was at least tried. */
  readonly client?: ClientName;
  readonly reason: string;
}

export type Row = MeasuredRow | EmptyRow;

/** The rows of one workload. */
export interface WorkloadTable {
  readonly workload: Workload;
  /** Targets in the order of the scenario. */
  readonly rows: readonly Row[];
  readonly finding: Finding;
}
