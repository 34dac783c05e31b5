/** Every part that a row can have, in every output: escaped, fitting and whole. */

import { describe, expect, test } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import type { Report } from '../dist/reports/report.js';
import {
  blocked,
  broadcast,
  costs,
  counts,
  cut,
  everything,
  fieldsOf,
  hostile,
  idle,
  markdownOf,
  pushed,
  reportOf,
  roomed,
  rowOf,
  slow,
  storm,
  textOf,
  triple,
} from './fixtures/catalogue-results.js';
import { reportAs } from './fixtures/formats.js';
import { workload } from './fixtures/result-lines.js';

describe('every part together', () => {
  const works = [broadcast, roomed, storm, pushed, idle, slow, cut, blocked];
  const evil = { ...everything, connectUs: { [hostile]: triple }, connectCosts: { [hostile]: costs.ready } };
  const long = 'w'.repeat(200);
  const wide = { ...everything, connectUs: { [long]: triple }, connectCosts: { [long]: costs.ready } };
  const failing = (errorClass: string) => ({ ...counts, connectFailed: 1, errors: { [`connect:${errorClass}`]: 1 } });
  const reports = (target: string, each: Partial<TrialLine>, counted: TrialLine['counts']): Report[] =>
    works.map((work) => reportOf(work, { ...each, target, counts: counted }, { ...each, target: 'other' }));

  const ofHostileNames = reports(hostile, evil, failing(hostile));
  const ofUsualNames = reports('ws', everything, counts);
  const ofLongNames = reports(long, wide, failing(long));

  // All names on the narrowest, where most has to be broken, and each on another.
  test.each([
    [40, [...ofUsualNames, ...ofHostileNames, ...ofLongNames]],
    [80, ofHostileNames],
    [100, ofUsualNames],
    [140, ofLongNames],
  ])('is never wider than a screen of %i columns', (width, shown) => {
    for (const report of shown)
      for (const line of textOf(report, width).split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  });

  test('holds nothing of a file that a terminal, a page or a spreadsheet would obey', () => {
    for (const report of ofHostileNames) {
      expect(textOf(report).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      const markdown = markdownOf(report);
      for (const raw of ['<img', '`', '@team', '://', '[a](b)', '\u202e', '\u001b'])
        expect(markdown).not.toContain(raw);
    }
    const formula = reportOf(blocked, { ...everything, target: '=cmd|x', counts: failing('=cmd|x') });
    expect(reportAs('csv', formula)).not.toMatch(/(^|,)=/m);
  });

  test('is whole in JSON, and given back by it', () => {
    const report = reportOf(roomed, everything);
    expect(JSON.parse(reportAs('json', report))).toEqual(report);
    const row = JSON.parse(reportAs('json', report)).tables[0].rows[0];
    expect(Object.keys(row)).toEqual(
      expect.arrayContaining(['last', 'connectCosts', 'pushLag', 'slowReaders', 'visits', 'reconnection', 'holding']),
    );
    expect(row.counts.misrouted).toBe(3);
  });

  test('has a unit in the name of every time and size of CSV', () => {
    const names = Object.keys(fieldsOf(reportOf(cut, everything)));
    const parts = names.filter((name) => /^(connect|holding|push|reconnect|last_receiver)_/.test(name));
    expect(parts.length).toBeGreaterThan(30);
    const unit = /_(us|bytes|per_second|round_trips|bytes_per_connection|(bytes|us)_per_connection_hour)$/;
    const said = /_(count|firm|at_least|failed)$/;
    expect(parts.filter((name) => !unit.test(name) && !said.test(name))).toEqual([]);
  });

  test('is absent from reports of files of earlier versions', () => {
    const report = reportOf(workload, {});
    const text = textOf(report);
    for (const title of ['Connected', 'Holding', 'Reconnection', 'Slow readers', 'Push', 'last receiver', 'outside'])
      expect(text).not.toContain(title);
    expect(Object.keys(rowOf(report))).not.toEqual(expect.arrayContaining(['last']));
    expect(Object.keys(fieldsOf(report)).filter((name) => /last_|holding|slow|visit|missed|push/.test(name))).toEqual(
      [],
    );
  });
});
