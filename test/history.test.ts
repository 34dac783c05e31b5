/** One metric over commits: what is joined to a line, where a new level begins, and what a page may not let through. */

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../dist/core/random.js';
import type { RunLine, TrialLine } from '../dist/core/result.js';
import { changePoints } from '../dist/reports/history/change-points.js';
import { historyOf } from '../dist/reports/history/history.js';
import { historyPage } from '../dist/reports/history/history-page.js';
import { historyText, sparkline } from '../dist/reports/history/history-text.js';
import { pageDocument } from '../dist/reports/page/document.js';
import type { Panel, Section } from '../dist/reports/page/page.js';
import { type Result, readResult } from '../dist/reports/results/result-reader.js';
import { endLine, fileOf, reasons, runLine, serverMetrics, trialLine, workload } from './fixtures/result-lines.js';

function noise(seed: number, count: number, deviation: number, stepAt = count, step = 0): number[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Array.from({ length: count }, (_, i) => deviation * normal() + (i >= stepAt ? step : 0));
}

describe('change points', () => {
  it('are found where a series moves to another level, with the size of the step', () => {
    const [found, ...others] = changePoints(noise(1, 40, 0.02, 25, Math.log(1.1)));
    expect(others).toEqual([]);
    expect(Math.abs(found!.at - 25)).toBeLessThanOrEqual(1);
    expect(Math.exp(found!.step)).toBeCloseTo(1.1, 1);
    expect(found!.p).toBeLessThanOrEqual(0.01);
  });

  it('are found for every level of a series that moves up and back again', () => {
    const values = noise(3, 45, 0.01).map((value, i) => value + (i >= 15 && i < 30 ? 0.2 : 0));
    expect(changePoints(values).map(({ at }) => at)).toEqual([15, 30]);
  });

  it('are marked in about one of a hundred series of noise', () => {
    const marked = Array.from({ length: 200 }, (_, seed) => changePoints(noise(seed + 10, 20, 0.05)).length > 0);
    expect(marked.filter(Boolean).length).toBeLessThanOrEqual(6);
  });

  it('are not made by one outlier', () => {
    const values = noise(5, 30, 0.01);
    values[13] = 2;
    expect(changePoints(values)).toEqual([]);
  });

  it('are the same each time', () => {
    const values = noise(7, 30, 0.05, 22, 0.12);
    expect(changePoints(values)).toEqual(changePoints(values));
  });

  it.each([[[]], [[1]], [[1, 2, 3]], [Array(50).fill(4)]])('are none in %j', (values) => {
    expect(changePoints(values)).toEqual([]);
  });
});

const commitOf = (i: number): string => `${i.toString(16).padStart(7, '0')}c0ffee`;

function resultOf(day: number, cpu: readonly number[], run: Partial<RunLine> = {}, trial: Partial<TrialLine> = {}) {
  const trials = cpu.map((cpuUsPerDelivery, id) =>
    trialLine({ id, block: id, server: { ...serverMetrics, cpuUsPerDelivery }, ...trial }),
  );
  const first = runLine({
    startedAt: new Date(Date.UTC(2026, 0, 1 + day, 9)).toISOString(),
    git: { commit: commitOf(day), dirty: false },
    ...run,
  });
  return readResult(fileOf(first, ...trials, endLine({ trials: trials.length })), 'stored.jsonl');
}

/** A run a day; from day 12 on a delivery costs a fifth more. */
const shifted: Result[] = noise(11, 20, 0.01).map((value, day) => {
  const level = (day < 12 ? 5 : 6) * Math.exp(value);
  return resultOf(day, [0.99 * level, level, 1.02 * level]);
});

const request = { metric: 'cpuPerDelivery', targets: [], last: 50 } as const;
const screen = { colour: false, width: 120 };

describe('the history of a metric', () => {
  it('has a version a commit, oldest first, whatever the order of the files', () => {
    const { panels } = historyOf(shifted.toReversed(), request);
    const [series] = panels[0]!.series;
    expect(series!.points.map(({ commit }) => commit)).toEqual(shifted.map((_, day) => commitOf(day)));
    expect(series!.points[1]!.change).toBeCloseTo(
      series!.points[1]!.figure!.median / series!.points[0]!.figure!.median - 1,
    );
  });

  it('marks the commit from which on the level is another', () => {
    const { panels } = historyOf(shifted, request);
    expect(panels[0]!.series[0]!.shifts).toMatchObject([{ at: 12 }]);
    expect(panels[0]!.series[0]!.shifts[0]!.share).toBeCloseTo(0.2, 1);
  });

  it('leaves a step unmarked that is smaller than the least effect of interest between jobs', () => {
    const small = noise(13, 20, 0.0005).map((value, day) => resultOf(day, [(day < 10 ? 5 : 5.2) * Math.exp(value)]));
    expect(historyOf(small, request).panels[0]!.series[0]!.shifts).toEqual([]);
  });

  it('takes the trials of several files of a commit together', () => {
    const again = resultOf(0, [5.5], { startedAt: '2026-03-01T00:00:00Z' });
    const [first] = historyOf([...shifted, again], request).panels[0]!.series[0]!.points;
    expect(first!.values).toHaveLength(4);
    expect(first!.commit).toBe(commitOf(0));
  });

  it('lets every run with uncommitted changes, or without git, stand for itself', () => {
    const dirty = { git: { commit: commitOf(0), dirty: true } };
    const results = [
      resultOf(0, [5]),
      resultOf(1, [5], dirty),
      resultOf(2, [5], dirty),
      resultOf(3, [5], { git: null }),
    ];
    expect(historyOf(results, request).panels[0]!.series[0]!.points).toHaveLength(4);
  });

  it('keeps the newest versions when only so many are asked for', () => {
    const [series] = historyOf(shifted, { ...request, last: 3 }).panels[0]!.series;
    expect(series!.points.map(({ commit }) => commit)).toEqual([17, 18, 19].map(commitOf));
    expect(series!.points[0]!.change).toBeDefined();
  });

  it('uses valid trials only, and says how many were not', () => {
    const bad = readResult(
      fileOf(runLine(), trialLine({ valid: false, invalidBecause: reasons('late') }), trialLine({ id: 1 }), endLine()),
      'bad.jsonl',
    );
    const [point] = historyOf([bad], request).panels[0]!.series[0]!.points;
    expect(point).toMatchObject({ values: [4.5], notes: ['1 of 2 trials invalid'] });
    expect(historyOf([bad], request).warnings).toEqual(['1 invalid trial left out (ws: late).']);
    expect(historyOf([bad], { ...request, targets: ['other'] }).warnings).toEqual([]);
  });

  it('tells trials that were measured again apart from invalid ones, also where files share their numbers', () => {
    const late = { valid: false, invalidBecause: [{ code: 'sends-held', late: 1, sends: 75, lagUs: 3, mostLagUs: 1 }] };
    const fileWith = (...trials: object[]) =>
      readResult(fileOf(runLine(), ...trials.map((trial) => trialLine(trial)), endLine()), 'late.jsonl');
    const again = fileWith({ ...late }, { ...late, attempt: 2 }, { attempt: 3 });
    expect(historyOf([again], request).panels[0]!.series[0]!.points[0]!.notes).toEqual([]);
    expect(historyOf([again], request).warnings).toEqual([
      expect.stringMatching(/^1 trial measured again: [^()]* \(ws\)\.$/),
    ]);
    const other = fileWith({ ...late }, { id: 1 });
    expect(historyOf([again, other], request).panels[0]!.series[0]!.points[0]!.notes).toEqual([
      '1 of 3 trials invalid',
    ]);
    expect(historyOf([again, other], request).warnings).toEqual([
      expect.stringMatching(/^1 invalid trial left out \(ws: /),
      expect.stringMatching(/^1 trial measured again: /),
    ]);
  });

  it('shows a version without a valid trial as a gap', () => {
    const gap = resultOf(1, [5], {}, { valid: false, invalidBecause: reasons('late') });
    const history = historyOf([resultOf(0, [5]), gap, resultOf(2, [6])], request);
    const [series] = history.panels[0]!.series;
    expect(series!.points[1]).toMatchObject({ figure: undefined, change: undefined });
    expect(series!.points[2]!.change).toBeCloseTo(0.2);
    expect(sparkline(series!, 'cpuPerDelivery', 80, false).line[1]).toBe(' ');
    expect(JSON.stringify(historyPage(history, '0.1.0'))).toContain('1 of 1 trials invalid');
  });

  it('takes p99 for an open loop and throughput for a closed one', () => {
    const closed = { ...workload, load: { model: 'closed', inflight: 1 } } as const;
    const results = [resultOf(0, [5]), resultOf(1, [5], {}, { workload: closed })];
    const { panels, warnings } = historyOf(results, { targets: [], last: 50 });
    expect(panels.map(({ metric }) => metric)).toEqual(['p99', 'throughput']);
    expect(warnings.join(' ')).toContain('Not all results of echo');
  });

  it.each(['cpu', 'node'] as const)('never joins results of another %s to one line, and says so', (part) => {
    const { environment } = runLine();
    const other = resultOf(1, [9], { environment: { ...environment, [part]: 'another one' } });
    const { panels, warnings } = historyOf([resultOf(0, [5]), other, resultOf(2, [5])], request);
    expect(panels.map(({ series }) => series[0]!.points.length)).toEqual([2, 1]);
    expect(warnings.join(' ')).toContain('2 machines');
    expect(warnings.join(' ')).toContain('another one');
  });

  it('never joins results of another number of cores to one line', () => {
    const { environment } = runLine();
    const other = resultOf(1, [9], { environment: { ...environment, cores: 64 } });
    expect(historyOf([resultOf(0, [5]), other], request).panels).toHaveLength(2);
  });

  it('names the library version that differs from the version before', () => {
    const results = [resultOf(0, [5]), resultOf(1, [5], {}, { library: 'ws 9.0.0' })];
    expect(historyOf(results, request).panels[0]!.series[0]!.points[1]!.notes).toEqual(['ws 9.0.0, before ws 8.23.0']);
  });

  it('tells of each file once that lines of it were dropped, and of a few files only', () => {
    const damaged = Array.from({ length: 7 }, (_, i) =>
      readResult(fileOf(runLine()) + 'nothing\n'.repeat(i), `${i}.jsonl`),
    );
    expect(historyOf(damaged, request).warnings).toEqual([
      '1.jsonl, line 2 was dropped: it is not JSON.',
      ...[2, 3, 4, 5].map((i) => `${i}.jsonl, line 2 was dropped: it is not JSON; more lines of that file were, too.`),
      'Lines of one more result file were dropped.',
    ]);
  });

  it('leaves out two versions of one job, and says so', () => {
    const sides = { base: { target: 'ws' }, head: { target: 'ws' } };
    const { panels, warnings } = historyOf([resultOf(0, [5]), resultOf(1, [5], { sides })], request);
    expect(panels[0]!.series[0]!.points).toHaveLength(1);
    expect(warnings.join(' ')).toContain('bench ab');
  });
});

describe('the history on a terminal', () => {
  it('has a block a commit, and a mark under the one that moved', () => {
    const history = historyOf(shifted, request);
    const { line, marks } = sparkline(history.panels[0]!.series[0]!, 'cpuPerDelivery', 80, false);
    expect(line).toMatch(/^[▁▂▃]{12}[▆▇█]{8}$/);
    expect(marks).toBe(`${' '.repeat(12)}^`);
    const text = historyText(history, screen, false);
    expect(text).toContain(line);
    expect(text).toMatch(/000000c .*\+\d+ % {2}change point/);
    expect(text).toContain('from 000000c on, CPU per delivery is on another level: +');
    expect(text).toContain('advisory');
  });

  it('is plain ASCII in the sparkline of a dumb terminal', () => {
    const { series } = historyOf(shifted, request).panels[0]!;
    expect(sparkline(series[0]!, 'cpuPerDelivery', 80, true).line).toMatch(/^[1-3]{12}[6-8]{8}$/);
  });

  it('stays flat where there is only noise', () => {
    const quiet = noise(17, 30, 0.002).map((value, day) => resultOf(day, [5 * Math.exp(value)]));
    const { series } = historyOf(quiet, request).panels[0]!;
    expect(sparkline(series[0]!, 'cpuPerDelivery', 80, false).line).toMatch(/^[▄▅]{30}$/);
  });

  it('draws the newest versions where there is no room for all', () => {
    const { series } = historyOf(shifted, request).panels[0]!;
    expect(sparkline(series[0]!, 'cpuPerDelivery', 10, false)).toEqual({
      line: expect.stringMatching(/^[▁▂▃]{2}[▆▇█]{8}$/),
      marks: '  ^',
    });
  });
});

const hostile = '<script>alert(1)</script>"\'&\u001b[31m\u202e';
const hostileHistory = historyOf(
  [
    resultOf(
      0,
      [5, 6],
      {
        startedAt: hostile,
        git: { commit: '<i>&"\'', dirty: true },
        environment: { ...runLine().environment, cpu: hostile, node: hostile },
        scenario: { ...runLine().scenario, name: hostile, question: hostile },
      },
      { target: hostile, library: hostile },
    ),
    ...shifted,
  ],
  request,
);

describe('text from a stranger', () => {
  it('is text on the page, and no part of its markup', () => {
    const page = pageDocument(historyPage(hostileHistory, '0.1.0'));
    for (const part of ['<script>alert', '<i>', '\u001b', '\u202e']) expect(page).not.toContain(part);
    expect(page).toContain('\\u003cscript>alert(1)\\u003c/script>');
    expect(page).toContain('\\\\x1b[31m\\\\u202e');
  });

  it('is shown literally on a terminal', () => {
    const text = historyText(hostileHistory, screen, false);
    for (const part of ['\u001b', '\u202e']) expect(text).not.toContain(part);
    expect(text).toContain('\\x1b[31m');
  });
});

describe('the page', () => {
  const page = historyPage(historyOf(shifted, request), '0.1.0');
  const [{ blocks }] = page.parts[0]!.sections as [Section];

  it('has a dot a trial, a line through the medians, and a mark where a new level begins', () => {
    const { choices } = blocks.find((block) => block.is === 'curves')!;
    const [{ lines, marks, at, y }] = choices[0]!.panels as [Panel];
    expect(lines.flatMap(({ dots }) => dots!.flat())).toHaveLength(60);
    expect(lines.map(({ values }) => values.length)).toEqual([20]);
    expect(at).toHaveLength(20);
    expect(marks).toHaveLength(1);
    for (const value of lines.flatMap(({ dots }) => dots!.flat())) {
      expect(value).toBeGreaterThanOrEqual(y.range![0]);
      expect(value).toBeLessThanOrEqual(y.range![1]);
    }
  });

  it('has a table of every figure', () => {
    const { columns } = blocks.find((block) => block.is === 'table')!;
    expect(columns.map(({ cells }) => cells.length)).toEqual(Array.from({ length: 6 }, () => 20));
    expect(JSON.stringify(page)).not.toMatch(/NaN|undefined|Infinity/);
  });
});
