/** The table of figures: each is found in a trial, folded into a row and written under a name of its own. */

import { describe, expect, test } from 'vitest';
import {
  commonFigures,
  type FigureName,
  type FigureTable,
  valueAt,
  workloadFigures,
} from '../dist/core/measure/figures.js';
import { metrics } from '../dist/core/measure/metrics.js';
import { trialFigure, unitOf } from '../dist/core/measure/trial-figure.js';
import { foldFigures } from '../dist/reports/fold/fold.js';
import { readTrials } from '../dist/reports/results/read-trial.js';
import { broadcast, everything, fieldsOf, reportOf, rowOf } from './fixtures/catalogue-results.js';
import { trialLine } from './fixtures/result-lines.js';

const table: FigureTable = { ...commonFigures, ...workloadFigures };

/** Paths in a row of everything that the table describes, with their columns of CSV. */
function pathsOf(figures: FigureTable, inside = ''): [path: string, csv: string | undefined][] {
  return Object.entries(figures).flatMap(([name, entry]) =>
    entry.fold === 'part' ? pathsOf(entry.figures, `${inside}${name}.`) : [[inside + name, entry.csv] as const],
  ) as [string, string | undefined][];
}

describe('every figure of the table', () => {
  const paths = pathsOf(table);
  const report = reportOf(broadcast, everything);

  test.each(paths)('%s is found in a trial that has everything, and stands in its row', (path, csv) => {
    const value = valueAt(rowOf(report), path);
    expect(value).toBeDefined();
    expect(value).not.toEqual([]);
    if (csv !== undefined) expect(Object.keys(fieldsOf(report)).some((name) => name.startsWith(csv))).toBe(true);
  });

  test('has a column of its own', () => {
    const columns = paths.flatMap(([, csv]) => csv ?? []);
    // Times and costs of stages share the beginning of their names.
    expect(columns.length - new Set(columns).size).toBe(1);
    const names = Object.keys(fieldsOf(report));
    expect(new Set(names).size).toBe(names.length);
  });
});

test('a figure that is one more entry is folded, over the trials that have it', () => {
  const more = {
    joins: { fold: 'part', optional: true, figures: { seen: { fold: 'sum', unit: 'count' } } },
    joinLag: { fold: 'times', at: 'joinLagUs', optional: true },
    absent: { fold: 'median', unit: 'us', optional: true },
  } as const satisfies FigureTable;
  const trials = [
    trialLine(),
    { ...trialLine(), joins: { seen: 3 }, joinLagUs: { p50: 1, p99: 2, max: 3 } },
    { ...trialLine(), joins: { seen: 4 }, joinLagUs: { p50: 3, p99: 4, max: 5 } },
  ];
  const folded = foldFigures(readTrials(trials), more);
  expect(folded.joins?.seen).toBe(7);
  expect(folded.joinLag?.p50Us).toEqual({ median: 2, min: 1, max: 3 });
  expect(Object.keys(folded)).toEqual(['joins', 'joinLag']);
});

test('a metric has the unit of the figure that it reads, and every trial has that', () => {
  const read = Object.values(metrics).flatMap((metric): [FigureName, string][] =>
    'figure' in metric ? [[metric.figure, metric.unit]] : [],
  );
  expect(read.length).toBeGreaterThan(5);
  for (const [figure, unit] of read) {
    expect(unitOf(figure)).toBe(unit);
    expect(trialFigure(trialLine(), figure), figure).toBeTypeOf('number');
  }
});
