/** The figures of a single trial by name: where each lies in its line, and its unit. */

import type { ConnectStage } from '../client.js';
import {
  commonFigures,
  type FigureEntry,
  type FigureName,
  type FigureTable,
  type Unit,
  valueAt,
  workloadFigures,
} from './figures.js';
import type { QuantileName } from './latency.js';

/** What a single trial has a number of: a figure, a quantile of a latency, or the time to the end of a stage. */
export type TrialFigureName = FigureName | `${HistogramName}.${QuantileName}` | `connect.${ConnectStage}.${StageTime}`;
type StageTime = keyof typeof workloadFigures.connect.figures;
export type HistogramName = {
  [Name in keyof typeof commonFigures]: (typeof commonFigures)[Name] extends { fold: 'histogram' } ? Name : never;
}[keyof typeof commonFigures];

const allFigures: FigureTable = { ...commonFigures, ...workloadFigures };

/** The entry that describes a figure, and where it lies in a trial. */
function entryOf(name: TrialFigureName): { readonly entry: FigureEntry; readonly path: string } {
  let table = allFigures;
  const keys = name.split('.');
  for (const [depth, key] of keys.entries()) {
    const entry = table[key];
    if (entry === undefined) break;
    if (entry.fold === 'part') {
      table = entry.figures;
      continue;
    }
    const { at = keys.slice(0, depth + 1).join('.') } = entry;
    const [inside = '', figure = ''] = keys.slice(depth + 1);
    if (entry.fold === 'stages') {
      const own = entry.figures[figure];
      if (own === undefined) break;
      return { entry: own, path: `${at}.${inside}.${own.at ?? figure}` };
    }
    // `p50Us` of a row is `p50` of a trial.
    return { entry, path: inside === '' ? at : `${at}.${inside.replace(/Us$/, '')}` };
  }
  throw new Error(`there is no figure ${name}`);
}

export function unitOf(name: TrialFigureName): Unit {
  const { entry } = entryOf(name);
  return 'unit' in entry ? entry.unit : 'us';
}

/**
 * The figure of one trial, undefined where it has none. A quantile is that of the recorded latencies: deliveries that
 * never came are not in it.
 */
export function trialFigure(trial: object, name: TrialFigureName): number | undefined {
  const { entry, path } = entryOf(name);
  const computed = entry.fold === 'median' || entry.fold === 'sum' ? entry : undefined;
  const { from = [path], of = (value = 0) => value } = computed ?? {};
  const numbers = from.map((each) => valueAt(trial, each)).filter((value) => typeof value === 'number');
  return numbers.length === from.length ? of(...numbers) : undefined;
}
