/** How a report, a comparison and gates take trials in which little or nothing is delivered, on purpose. */

import { describe, expect, test } from 'vitest';
import { parseGate } from '../dist/core/gates/gate-syntax.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import type { MeasuredRow } from '../dist/reports/fold/row.js';
import { formatNames } from '../dist/reports/format-registry.js';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import { historyOf } from '../dist/reports/history/history.js';
import {
  blocked,
  counts,
  fieldsOf,
  holding,
  idle,
  markdownOf,
  plain,
  reportOf,
  resultOf,
  saidOf,
  silence,
  textOf,
} from './fixtures/catalogue-results.js';
import { comparisonAs, reportAs } from './fixtures/formats.js';
import { workload } from './fixtures/result-lines.js';

describe('holding', () => {
  const report = reportOf(
    idle,
    { ...silence, holding },
    { ...silence, holding: { ...holding, serverCpuUsPerHour: 2345 } },
  );

  test('shows what a connection costs that only is there', () => {
    expect(textOf(report)).toMatch(/ws +2\.00 KiB +5\.00 KiB +-100 B +300 B +576 B +864 B +1\.79 ms\n/);
    expect(markdownOf(report)).toContain('| ws | 2.00 KiB | 5.00 KiB | -100 B | 300 B | 576 B | 864 B | 1.79 ms |');
    expect(fieldsOf(report)).toMatchObject({
      heartbeat_ms: '25000',
      holding_kernel_bytes_per_connection: '2048',
      holding_cpu_us_per_connection_hour: '1789.5',
    });
  });

  test('has no kernel memory where the machine does not tell', () => {
    const without = reportOf(idle, { ...silence, holding: { ...holding, kernelBytesPerConnection: null } });
    expect(textOf(without)).toMatch(/ws +– +5\.00 KiB/);
    expect(fieldsOf(without)['holding_kernel_bytes_per_connection']).toBe('');
  });

  test('owes nothing: no red nought, no latency and no cost of a delivery', () => {
    const text = textOf(report);
    expect(text).toMatch(/ws +wire +– +– +2 of 1\n/);
    for (const absent of ['Latency', 'delivery', 'CPU/', '0/s', ' 0 %', 'NaN', 'undefined'])
      expect(text).not.toContain(absent);
    expect(saidOf(report)).toEqual([]);
    const throughput = reportAs('text', report, { colour: true, width: 120, details: true }).split('Holding')[0]!;
    expect(throughput).not.toContain('\u001b[31m');
  });

  test('is compared by memory, and gates find no deliveries to judge', () => {
    const sample = resultOf(idle, [{ ...silence, target: 'ws' }]);
    const comparison = compareTrials([sample], [sample], []);
    expect(comparison.rows.map(({ metric, verdict }) => [metric, verdict])).toEqual([['rss', 'needs more']]);
    // The script of a page has these words as code.
    for (const format of formatNames('comparison'))
      expect(comparisonAs(format, comparison, plain(80)).replace(/<script>.*?<\/script>/gs, '')).not.toMatch(
        /NaN|undefined/,
      );
    const gate = parseGate('cpuPerDelivery < 5us');
    if (!('is' in gate)) throw new Error(gate.message);
    expect(evaluateGates(sample, [gate]).outcomes.map(({ text, outcome }) => [text, outcome])).toEqual([
      ['contract', 'advisory'],
      ['cpuPerDelivery < 5us', 'failed'],
    ]);
    expect(historyOf([sample], { targets: [], last: 5 }).panels[0]).toMatchObject({ metric: 'rss' });
  });

  test('of different work says what is different', () => {
    const often = resultOf({ ...idle, heartbeatMs: 5000 }, [silence]);
    const { warnings } = compareTrials([resultOf(idle, [silence])], [often], []);
    expect(warnings).toContain('Different heartbeat: 25s → 5s.');
  });
});

describe('a proxy that blocks', () => {
  const errors = { 'connect:timeout': 8, 'connect:http-403': 42 };
  const failed = { ...silence, counts: { ...silence.counts!, connectFailed: 50, errors }, connectUs: {} };
  const through = { target: 'socketio', counts: { ...counts, connectFailed: 0 } };
  const report = reportOf(blocked, failed, through);

  test('shows who came through, 0 % as plainly as 100 %, and why the others did not', () => {
    expect(textOf(report)).toMatch(
      /ws +0 % +0 of 50 +connect:http-403 +42\n +connect:timeout +8\nsocketio +100 % +50 of 50 +– +–\n/,
    );
    expect(markdownOf(report)).toMatch(/\| ws \| 0 % \| 0 of 50 \| connect:http-403 \| 42 \|/);
    expect(fieldsOf(report)).toMatchObject({
      blocking: 'refuse',
      connect_failed: '50',
      error_classes: 'connect:timeout 8; connect:http-403 42',
    });
  });

  test('makes of failed connections a result and no fault, but of other errors one', () => {
    expect(saidOf(report)).toEqual([]);
    const other = { ...failed, counts: { ...failed.counts, errors: { ...errors, 'wrong-type': 1 } } };
    expect(saidOf(reportOf(blocked, other))).toEqual([
      'bad: 1 error of class wrong-type (text came back as binary, or binary as text)',
    ]);
    expect(saidOf(reportOf(workload, failed))[0]).toMatch(
      /^bad: 50 connections failed, 42 errors of class connect:http-403 .*, 8 errors of class connect:timeout/,
    );
  });

  test('takes first messages of failed connections with it, and no others', () => {
    const cutOff = (lost: number) => ({ ...failed, counts: { ...failed.counts, owed: 60, lost } });
    expect(saidOf(reportOf(blocked, cutOff(50)))).toEqual([]);
    expect(saidOf(reportOf(blocked, cutOff(53)))).toEqual(['bad: 3 of 60 deliveries lost']);
  });

  test('leaves rows without a delivery without ratios, costs or latency', () => {
    const [ws, socketio] = report.tables[0]!.rows as MeasuredRow[];
    expect(ws!.ratios).toEqual({});
    expect(socketio!.ratios).toEqual({});
    const text = textOf(report);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(text).toMatch(/Latency\n(.*\n){3}ws +service +– +– /);
  });
});
