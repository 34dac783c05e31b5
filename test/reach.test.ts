/** Proves the first sentence on a ladder and on a sweep: how far each target went, computed from made-up results. */

import { describe, expect, test } from 'vitest';
import type { Reason } from '../dist/core/measure/reason.js';
import type { Workload } from '../dist/core/scenario.js';
import { findingSentences } from '../dist/reports/overview/report-finding.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, latencyOf, runLine, trialLine, workload } from './fixtures/result-lines.js';

/** What a target came to at each step: its p95 in ms, or why its trial is invalid. */
type Climb = readonly (number | Reason)[];

const limit: Reason = { code: 'generator-limit', busyShare: 0.99, mostShare: 0.9 };
const shared: Reason = { code: 'server-core-shared', othersShare: 0.5 };

function reportOf(workloads: readonly Workload[], climbs: Readonly<Record<string, Climb>>, stopAboveP95Us?: number) {
  const trials = Object.entries(climbs).flatMap(([target, steps]) =>
    steps.map((step, i) => {
      const latency = latencyOf([typeof step === 'number' ? 1000 * step : 1000]);
      return trialLine({
        ...{ id: i, target, workload: workloads[i]!, latencyUs: { response: latency, service: latency } },
        ...(typeof step !== 'number' && { valid: false, invalidBecause: [step] }),
      });
    }),
  );
  const scenario = { ...runLine().scenario, targets: Object.keys(climbs), workloads, trials: 1, stopAboveP95Us };
  return summarise(readResult(fileOf(runLine({ scenario }), ...trials, endLine()), 'a.jsonl'));
}

const steps = (...counts: readonly number[]) => counts.map((connections): Workload => ({ ...workload, connections }));
const ladder = steps(1000, 2000, 4000, 8000);
const climbed = (climbs: Readonly<Record<string, Climb>>) => findingSentences(reportOf(ladder, climbs, 500_000))[0];

describe('the first sentence on a ladder', () => {
  test('says how many connections each target reached before it was too slow', () => {
    expect(climbed({ ws: [10, 100, 600], uws: [10, 20, 400, 501], socketio: [10, 900] })).toBe(
      'Up to 2,000 connections on ws, 4,000 on uws, 1,000 on socketio before p95 passed 500 ms.',
    );
  });

  test('says that all passed every step', () => {
    expect(climbed({ ws: [1, 2, 3, 499], uws: [1, 1, 1, 1] })).toBe(
      'Every step, up to 8,000 connections, on ws, uws with p95 within 500 ms.',
    );
  });

  test('says that none passed the first', () => {
    expect(climbed({ ws: [501], uws: [900] })).toBe(
      'None of the steps on ws, uws: p95 was above 500 ms at 1,000 connections already.',
    );
  });

  test('says who was stopped by the generator, or not measured, and where', () => {
    expect(climbed({ ws: [10, 600], uws: [10, 20, limit, limit], socketio: [10, shared], other: [limit] })).toBe(
      'Up to 1,000 connections on ws before p95 passed 500 ms; with uws the generator was the limit at 4,000 connections; ' +
        'socketio was not measured at 2,000 connections; with other the generator was the limit at 1,000 connections.',
    );
  });

  test('tells all of it in one sentence', () => {
    expect(climbed({ ws: [10, 600], uws: [1, 2, 3, 4], socketio: [700] })).toBe(
      'Up to 1,000 connections on ws before p95 passed 500 ms; every step, up to 8,000 connections, on uws with p95 ' +
        'within 500 ms; none of the steps on socketio: p95 was above 500 ms at 1,000 connections already.',
    );
  });

  test('counts what was never delivered as too slow', () => {
    const latency = latencyOf(Array(90).fill(100));
    const lossy = trialLine({
      ...{ workload: ladder[1]!, latencyUs: { response: latency, service: latency } },
      measured: { scheduled: 100, sent: 100, owed: 100, delivered: 90 },
    });
    const scenario = { ...runLine().scenario, targets: ['ws'], workloads: ladder, stopAboveP95Us: 500_000 };
    const lines = [trialLine({ workload: ladder[0]! }), lossy];
    const report = summarise(readResult(fileOf(runLine({ scenario }), ...lines, endLine()), 'a.jsonl'));
    expect(findingSentences(report)[0]).toBe('Up to 1,000 connections on ws before p95 passed 500 ms.');
  });

  test('is the usual one of a single step', () => {
    expect(findingSentences(reportOf(steps(1000), { ws: [10] }, 500_000))[0]).toMatch(/^Echo on 1,000 connections/);
  });

  test('leaves out who is not available here', () => {
    const scenario = { ...runLine().scenario, targets: ['ws', 'uws'], workloads: ladder, stopAboveP95Us: 500_000 };
    const run = runLine({ scenario, unavailable: { uws: 'no binary' } });
    const trials = ladder.map((each) => trialLine({ workload: each }));
    const report = summarise(readResult(fileOf(run, ...trials, endLine()), 'a.jsonl'));
    expect(findingSentences(report)[0]).toBe('Every step, up to 8,000 connections, on ws with p95 within 500 ms.');
  });

  test('opens text and Markdown', () => {
    const report = reportOf(ladder, { ws: [10, 600] }, 500_000);
    for (const format of ['text', 'markdown'] as const)
      expect(reportAs(format, report).replace(/\s+/g, ' ')).toContain('1,000 connections on ws before p95 passed');
  });
});

describe('the first sentence on a sweep', () => {
  const perSecond = [1000, 2000, 4000];
  const rates = perSecond.map(
    (ratePerSecond): Workload => ({ ...workload, load: { model: 'open', ratePerSecond, arrivals: 'constant' } }),
  );
  const pacedReport = (delivered: Readonly<Record<string, readonly number[]>>, of = rates) => {
    const trials = Object.entries(delivered).flatMap(([target, reached]) =>
      reached.map((deliveredPerSecond, i) => {
        const scheduled = 10 * perSecond[i]!;
        const measured = { scheduled, sent: scheduled, owed: scheduled, delivered: scheduled };
        return trialLine({ id: i, target, workload: of[i]!, measured, deliveredPerSecond, seconds: 10 });
      }),
    );
    const scenario = { ...runLine().scenario, targets: Object.keys(delivered), workloads: of, trials: 1 };
    return summarise(readResult(fileOf(runLine({ scenario }), ...trials, endLine()), 'a.jsonl'));
  };

  test('says up to which step each target kept up', () => {
    expect(
      findingSentences(pacedReport({ ws: [1000, 2000, 4000], uws: [1000, 1200, 1200], other: [500, 500, 500] }))[0],
    ).toBe(
      'Up to 1,000/s on uws before less was delivered than was asked for; every step, up to 4,000/s, on ws with all that ' +
        'was asked for; none of the steps on other: less was delivered than was asked for at 1,000/s already.',
    );
  });

  test('is the leading figure where every target kept up', () => {
    expect(findingSentences(pacedReport({ ws: [1000, 2000, 4000] }))[0]).toMatch(/^CPU\/delivery, from /);
  });

  test('is the leading figure where the workloads are no steps', () => {
    const texts = ['text', 'binary', 'text'] as const;
    const mixed = rates.map((each, i) => ({ ...each, payload: { sizeBytes: 64 * (3 - i), type: texts[i]! } }));
    expect(findingSentences(pacedReport({ ws: [500, 500, 500] }, mixed))[0]).toMatch(/^CPU\/delivery, from /);
  });
});
