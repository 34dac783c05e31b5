/** Folds the valid trials of one target, client and workload into one row: its figures as the table of figures says. */

import type { ConnectStage } from '../../core/client.js';
import {
  commonFigures,
  type FigureEntry,
  type FigureTable,
  valueAt,
  workloadFigures,
} from '../../core/measure/figures.js';
import type { Reason } from '../../core/measure/reason.js';
import { sumClasses } from '../../core/measure/tally.js';
import type { HistogramName } from '../../core/measure/trial-figure.js';
import { groupBy, valuesByKey } from '../group-by.js';
import { reasonKey, reasonText } from '../reasons/reasons.js';
import { latencyOf, type ReadTrial } from '../results/read-trial.js';
import { figureOf } from './figure.js';
import { type Latency, mergeLatency } from './latency.js';
import type { Figures, MeasuredRow, TrialWarning } from './row.js';

/** @param valid at least one, all of the same target, client and workload. */
export function foldTrials(
  valid: readonly [ReadTrial, ...ReadTrial[]],
  { trialsPlanned, invalid }: Pick<MeasuredRow, 'trialsPlanned' | 'invalid'>,
): Omit<MeasuredRow, 'ratios'> {
  const [{ target, client, transport, protocol, library, connections }] = valid;
  return {
    state: 'measured',
    target,
    trialsPlanned,
    invalid,
    client,
    transport,
    ...(protocol && { protocol }),
    library,
    trialsUsed: valid.length,
    connections,
    ...foldFigures(valid, commonFigures),
    ...foldFigures(valid, workloadFigures),
    settings: foldSettings(valid),
    warnings: foldWarnings(valid),
  };
}

function foldSettings(trials: readonly ReadTrial[]): Record<string, string> {
  const entries = trials.flatMap(({ settings }) => Object.entries(settings));
  const values = valuesByKey(entries.map(([key, value]) => [key, String(value)]));
  return Object.fromEntries([...values].map(([key, seen]) => [key, [...seen].join(' or ')]));
}

function foldWarnings(trials: readonly ReadTrial[]): TrialWarning[] {
  const found = trials.flatMap((trial) => trial.doubts.map((reason) => ({ trial, reason })));
  return [...groupBy(found, ({ reason }) => reasonKey(reason)).values()].map((group) => {
    const reasons = group.map(({ reason }) => reason) as [Reason, ...Reason[]];
    const warned = new Set(group.map(({ trial }) => trial)).size;
    return { text: reasonText(reasons), reasons, trials: warned, of: trials.length };
  });
}

/** @returns an object that lacks the figures that no trial has, as `Figures` of the table says. */
export function foldFigures<Table extends FigureTable>(trials: readonly ReadTrial[], table: Table): Figures<Table> {
  return foldTable(trials, table) as Figures<Table>;
}

/** @param inside what the path of a figure without one of its own begins with */
function foldTable(lines: readonly object[], table: FigureTable, inside = ''): Readonly<Record<string, unknown>> {
  const folded = Object.entries(table).map(([name, entry]) => [name, foldEntry(lines, entry, inside + name)] as const);
  return Object.fromEntries(folded.filter(([, value]) => value !== undefined));
}

/** @returns undefined where no line has it. */
function foldEntry(lines: readonly object[], entry: FigureEntry, name: string): unknown {
  const { at = name } = entry;
  switch (entry.fold) {
    case 'median':
    case 'sum': {
      const { from = [at], of = (value = 0) => value, fold } = entry;
      const values = lines.flatMap((line) => {
        const numbers = from.map((path) => valueAt(line, path)).filter((value) => typeof value === 'number');
        return numbers.length === from.length ? [of(...numbers)] : [];
      });
      if (fold === 'median') return figureOf(values);
      return values.length > 0 ? sum(values) : undefined;
    }
    case 'times': {
      const { onlyWith } = entry;
      const times = lines.filter((line) => onlyWith === undefined || valueAt(line, onlyWith) !== 0);
      const p50Us = figureOf(numbersAt(times, `${at}.p50`));
      return (
        p50Us && {
          p50Us,
          p99Us: figureOf(numbersAt(times, `${at}.p99`)),
          maxUs: figureOf(numbersAt(times, `${at}.max`)),
        }
      );
    }
    case 'classes': {
      const classes = sumClasses(lines.map((line) => (objectAt(line, at) ?? {}) as Record<string, number>));
      return Object.keys(classes).length > 0 || entry.optional === undefined ? classes : undefined;
    }
    case 'part': {
      const having = lines.filter((line) => objectAt(line, at) !== undefined);
      return having.length > 0 ? foldTable(having, entry.figures, `${name}.`) : undefined;
    }
    case 'stages': {
      const keyed = foldKeyed(lines, entry.figures, at, inStageOrder);
      const stages = keyed.map(([stage, figures]) => ({ stage, ...figures }));
      return stages.length > 0 || entry.optional === undefined ? stages : undefined;
    }
    case 'agents': {
      const agents = foldKeyed(lines, entry.figures, at, (names) => [...new Set(names)].sort());
      return agents.length > 0 ? agents.map(([agent, figures]) => ({ agent, ...figures })) : undefined;
    }
    case 'histogram':
      return foldLatency(lines as readonly ReadTrial[], name as HistogramName);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function numbersAt(lines: readonly object[], path: string): number[] {
  return lines.map((line) => valueAt(line, path)).filter((value) => typeof value === 'number');
}

function objectAt(line: object, path: string): object | undefined {
  const value = valueAt(line, path);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** In which a connection passes its stages. */
const order: readonly ConnectStage[] = ['tcp', 'websocket', 'engineio', 'socketio', 'upgrade', 'ready', 'message'];

/** Each once; a stage that is not known here comes first. */
export function inStageOrder(stages: readonly string[]): string[] {
  const placeOf = (stage: string): number => (order as readonly string[]).indexOf(stage);
  return [...new Set(stages)].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Figures by key, in order; a line without a key is left out of the figures of that key. */
function foldKeyed(
  lines: readonly object[],
  figures: FigureTable,
  path: string,
  inOrder: (keys: readonly string[]) => readonly string[],
): [string, object][] {
  const byKey = lines.map((line) => new Map(Object.entries(objectAt(line, path) ?? {})));
  const fold = (key: string) =>
    foldTable(
      byKey.flatMap((keyed) => keyed.get(key) ?? []),
      figures,
    );
  return inOrder(byKey.flatMap((keyed) => [...keyed.keys()])).map((key) => [key, fold(key)]);
}

/** @returns undefined when a trial has no such latency. */
function foldLatency(trials: readonly ReadTrial[], name: HistogramName): Latency | undefined {
  const samples = trials.map((trial) => latencyOf(trial, name));
  const known = samples.filter((sample) => sample !== undefined);
  const [first] = trials;
  if (first === undefined || known.length !== samples.length) return undefined;
  return mergeLatency(known, first.workload.kind);
}
