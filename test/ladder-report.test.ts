/** What a report says of targets that were not asked for every step of a ladder. */

import { describe, expect, test } from 'vitest';
import type { Scenario, Workload } from '../dist/core/scenario.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { endLine, fileOf, latencyOf, runLine, trialLine, workload } from './fixtures/result-lines.js';

describe('a ladder', () => {
  const steps = [1000, 5000, 10_000].map((connections): Workload => ({ ...workload, connections }));
  const climb = (p95Us: readonly number[], scenario: Partial<Scenario>): (string | undefined)[] => {
    const trials = p95Us.map((us, id) =>
      trialLine({
        id,
        block: id,
        workload: steps[id]!,
        latencyUs: { response: latencyOf([us]), service: latencyOf([1]) },
      }),
    );
    const planned = { ...runLine().scenario, targets: ['ws'], workloads: steps, ...scenario };
    const { tables } = summarise(readResult(fileOf(runLine({ scenario: planned }), ...trials, endLine()), 'a.jsonl'));
    return tables.map(({ rows: [row] }) => (row!.state === 'measured' ? undefined : `${row!.state}: ${row!.reason}`));
  };

  test('says at each later step that the target had become too slow before', () => {
    expect(climb([600_000], { stopAboveP95Us: 500_000 })).toEqual([
      undefined,
      'not run: its p95 was above 500 ms one step before',
      'not run: its p95 was above 500 ms 2 steps before',
    ]);
    expect(climb([400_000, 501_000], { stopAboveP95Us: 500_000 })).toEqual([
      undefined,
      undefined,
      'not run: its p95 was above 500 ms one step before',
    ]);
  });

  test('says nothing of the kind of a target that kept up, nor of a run that is no ladder', () => {
    const reason = 'not run: the file holds no trial of it';
    expect(climb([400_000, 400_000], { stopAboveP95Us: 500_000 })).toEqual([undefined, undefined, reason]);
    expect(climb([600_000], {})).toEqual([undefined, reason, reason]);
  });

  test('counts what was never delivered as too slow', () => {
    const lossy = trialLine({
      workload: steps[0]!,
      measured: { scheduled: 100, sent: 100, owed: 100, delivered: 90 },
      latencyUs: { response: latencyOf(Array(90).fill(100)), service: latencyOf(Array(90).fill(100)) },
    });
    const scenario = { ...runLine().scenario, targets: ['ws'], workloads: steps, stopAboveP95Us: 500_000 };
    const report = summarise(readResult(fileOf(runLine({ scenario }), lossy, endLine()), 'a.jsonl'));
    expect(report.tables[1]!.rows[0]).toMatchObject({ reason: 'its p95 was above 500 ms one step before' });
  });
});
