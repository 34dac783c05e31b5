import { describe, expect, test } from 'vitest';
import { Histogram } from '../dist/core/measure/histogram.js';
import { decodeHistogram, encodeHistogram } from '../dist/core/measure/histogram-encoding.js';
import type { TrialLine } from '../dist/core/result.js';
import { warningsOn } from '../dist/reports/findings/warnings.js';
import type { MeasuredRow } from '../dist/reports/fold/row.js';
import { type Report, summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import {
  endLine,
  fileOf,
  latencyOf,
  reasons,
  runLine,
  serverMetrics,
  trialLine,
  workload,
} from './fixtures/result-lines.js';

const reportOf = (trials: readonly TrialLine[], run = runLine()): Report =>
  summarise(readResult(fileOf(run, ...trials, endLine()), 'a.jsonl'));
const firstMeasured = (report: Report): MeasuredRow =>
  report.tables[0]!.rows.find((row): row is MeasuredRow => row.state === 'measured')!;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const measuredOf = (sent: number, delivered: number) => ({ scheduled: sent, sent, owed: sent, delivered });

describe('folding', () => {
  test('gives the median and the extremes of what was measured once a trial', () => {
    const row = firstMeasured(
      reportOf([
        trialLine({ id: 0, deliveredPerSecond: 90, server: { ...serverMetrics, cpuUsPerDelivery: 5 } }),
        trialLine({ id: 1, deliveredPerSecond: 120, server: { ...serverMetrics, cpuUsPerDelivery: 3 } }),
        trialLine({ id: 2, deliveredPerSecond: 100, server: null }),
      ]),
    );
    expect(row.deliveredPerSecond).toEqual({ median: 100, min: 90, max: 120 });
    expect(row.server?.cpuUsPerDelivery).toEqual({ median: 4, min: 3, max: 5 });
    expect([row.trialsUsed, row.trialsPlanned]).toEqual([3, 3]);
  });

  test('divides what RSS grew by through the connections', () => {
    const server = { ...serverMetrics, idleRssBytes: 50_000_000, rssBytes: 52_000_000 };
    const row = firstMeasured(reportOf([trialLine({ server, connections: 400 })]));
    expect(row.server?.rssBytesPerConnection.median).toBe(5000);
  });

  test('sums counts and errors over trials', () => {
    const counts = { ...trialLine().counts, lost: 2, delivered: 239_998 };
    const row = firstMeasured(
      reportOf([
        trialLine({ id: 0, counts: { ...counts, errors: { 'wrong-type': 2 } } }),
        trialLine({ id: 1, counts: { ...counts, errors: { 'wrong-type': 1, 'closed:1006': 4 } } }),
      ]),
    );
    expect(row.counts).toMatchObject({ sent: 480_000, delivered: 479_996, lost: 4 });
    expect(row.counts.errors).toEqual({ 'wrong-type': 3, 'closed:1006': 4 });
    expect(row.measured.sent).toBe(400_000);
  });

  test('takes quantiles from merged histograms and never averages them', () => {
    // 98 values of 10 us in one trial, 2 values of 1000 us in another: p50 10, p99 1000; averages would be 505.
    const row = firstMeasured(
      reportOf([
        trialLine({
          id: 0,
          latencyUs: { response: null, service: latencyOf(Array(98).fill(10)) },
          measured: measuredOf(98, 98),
        }),
        trialLine({
          id: 1,
          latencyUs: { response: null, service: latencyOf([1000, 1000]) },
          measured: measuredOf(2, 2),
        }),
      ]),
    );
    const { p50, p99 } = row.service.quantiles;
    expect([p50.us, p50.lowest.us, p50.highest.us]).toEqual([10, 10, 1000]);
    expect(p99.us).toBe(1000);
    expect(row.service.max).toEqual({ us: 1000, atLeast: false });
    expect(row.service.mean.us).toBeCloseTo((98 * 10 + 2 * 1000) / 100, 9);
    expect(row.response).toBeUndefined();
  });

  test('keeps the merged histogram for other outputs', () => {
    const both = new Histogram();
    for (const us of [5, 6, 7, 8]) both.record(us);
    const row = firstMeasured(
      reportOf([
        trialLine({ id: 0, latencyUs: { response: null, service: latencyOf([5, 6]) } }),
        trialLine({ id: 1, latencyUs: { response: null, service: latencyOf([7, 8]) } }),
      ]),
    );
    expect(row.service.histogram).toBe(encodeHistogram(both));
    expect(decodeHistogram(row.service.histogram).count).toBe(4);
  });

  test('leaves out invalid trials and keeps their reasons', () => {
    const late = { valid: false, invalidBecause: reasons('the generator was late'), deliveredPerSecond: 1 };
    const row = firstMeasured(
      reportOf([trialLine({ id: 0, ...late }), trialLine({ id: 1, attempt: 2, deliveredPerSecond: 100 })]),
    );
    expect(row.deliveredPerSecond).toEqual({ median: 100, min: 100, max: 100 });
    expect(row.trialsUsed).toBe(1);
    expect(row.invalid).toEqual([
      { id: 0, block: 0, attempt: 1, reasons: reasons('the generator was late'), errors: {} },
    ]);
  });

  test('gives connect times by stage', () => {
    const times = (p50: number) => ({ tcp: { p50, p99: 2 * p50, max: 3 * p50 } });
    const row = firstMeasured(
      reportOf([trialLine({ id: 0, connectUs: times(10) }), trialLine({ id: 1, connectUs: times(20) })]),
    );
    expect(row.connect).toEqual([
      {
        stage: 'tcp',
        p50Us: { median: 15, min: 10, max: 20 },
        p99Us: { median: 30, min: 20, max: 40 },
        maxUs: { median: 45, min: 30, max: 60 },
      },
    ]);
  });

  test('puts connect stages in the order in which a connection passes them', () => {
    const time = { p50: 1, p99: 2, max: 3 };
    const row = firstMeasured(reportOf([trialLine({ connectUs: { ready: time, websocket: time, tcp: time } })]));
    expect(row.connect.map(({ stage }) => stage)).toEqual(['tcp', 'websocket', 'ready']);
  });

  test('joins doubts that differ in their figures only', () => {
    const doubts = (id: number, ...said: string[]) => trialLine({ id, doubts: reasons(...said) });
    const row = firstMeasured(reportOf([doubts(0, 'late by 3.5 ms', 'cold'), doubts(1, 'late by 12 ms'), doubts(2)]));
    expect(row.warnings).toMatchObject([
      { text: 'late by 3.5 ms (figures of the first)', trials: 2, of: 3 },
      { text: 'cold', trials: 1, of: 3 },
    ]);
  });
});

describe('quantiles', () => {
  const latency = (measured: TrialLine['measured'], values: number[]) =>
    firstMeasured(reportOf([trialLine({ measured, latencyUs: { response: null, service: latencyOf(values) } })]))
      .service;

  test('are firm from 100 sends beyond them on', () => {
    const firm = (sent: number) => {
      const { p50, p90, p95, p99, p999 } = latency(measuredOf(sent, 100), range(1, 100)).quantiles;
      expect(p95.firm).toBe(sent >= 2000);
      return [p50.firm, p90.firm, p99.firm, p999.firm];
    };
    expect(firm(199)).toEqual([false, false, false, false]);
    expect(firm(200)).toEqual([true, false, false, false]);
    expect(firm(999)).toEqual([true, false, false, false]);
    expect(firm(1000)).toEqual([true, true, false, false]);
    expect(firm(9_999)).toEqual([true, true, false, false]);
    expect(firm(10_000)).toEqual([true, true, true, false]);
    expect(firm(99_999)).toEqual([true, true, true, false]);
    expect(firm(100_000)).toEqual([true, true, true, true]);
  });

  test('are as firm as the sends of all trials together, however many deliveries each owed', () => {
    const broadcast = { scheduled: 6000, sent: 6000, owed: 300_000, delivered: 300_000 };
    const row = firstMeasured(
      reportOf([trialLine({ id: 0, measured: broadcast }), trialLine({ id: 1, measured: broadcast })]),
    );
    expect(row.service.sent).toBe(12_000);
    expect([row.service.quantiles.p99.firm, row.service.quantiles.p999.firm]).toEqual([true, false]);
    expect(row.service.quantiles.p999.sendsNeeded).toBe(100_000);
  });

  test('rank unanswered messages above all others', () => {
    // 95 of 100 answered, in 1..95 us: the 90th is 90 us, the 99th is among the missing.
    const { quantiles, max, unanswered } = latency(measuredOf(100, 95), range(1, 95));
    expect([quantiles.p50.us, quantiles.p50.atLeast, quantiles.p90.us, quantiles.p90.atLeast]).toEqual([
      50,
      false,
      90,
      false,
    ]);
    expect(unanswered).toBe(5);
    expect(quantiles.p99.atLeast).toBe(true);
    expect(max.atLeast).toBe(true);
  });

  test('among the unanswered are at least the drain and at least the highest recorded', () => {
    const drained = latency(measuredOf(100, 95), range(1, 95));
    expect(drained.quantiles.p99.us).toBe(workload.phases.drainMs * 1000);
    const slow = latency(measuredOf(100, 95), [...range(1, 94), 2_000_000]);
    expect(slow.quantiles.p99.us).toBeGreaterThanOrEqual(2_000_000);
    expect(slow.quantiles.p99.us).toBeLessThan(2_002_000);
  });

  test('of a trial that answered less take part in the spread as lower bounds', () => {
    const service = (values: number[]) => ({ response: null, service: latencyOf(values) });
    const row = firstMeasured(
      reportOf([
        trialLine({ id: 0, measured: measuredOf(100, 100), latencyUs: service(range(1, 100)) }),
        trialLine({ id: 1, measured: measuredOf(100, 90), latencyUs: service(range(1, 90)) }),
      ]),
    );
    expect(row.service.quantiles.p99.lowest).toEqual({ us: 99, atLeast: false });
    expect(row.service.quantiles.p99.highest).toEqual({ us: 1_000_000, atLeast: true });
  });

  test('of the spectrum go from the lowest to the highest as far as there are messages', () => {
    const { spectrum } = latency(measuredOf(100, 100), range(1, 100));
    expect(spectrum.map(({ q, us }) => [q, us])).toEqual([
      [0, 1],
      [0.5, 50],
      [0.75, 75],
      [0.9, 90],
      [0.95, 95],
      [0.99, 99],
      [1, 100],
    ]);
  });

  test('of no message at all are zero and not firm', () => {
    const { quantiles, count } = latency(measuredOf(0, 0), []);
    expect([count, quantiles.p50.us, quantiles.p50.firm, quantiles.p50.atLeast]).toEqual([0, 0, false, false]);
  });
});

describe('rows', () => {
  test('come in the order of the scenario, whatever the order of trials', () => {
    const report = reportOf([trialLine({ id: 0, target: 'ws' }), trialLine({ id: 1, target: 'uws' })]);
    expect(report.tables[0]!.rows.map((row) => row.target)).toEqual(['uws', 'ws']);
  });

  test('are compared with the first that was measured', () => {
    const service = (us: number) => ({ response: null, service: latencyOf([us]) });
    const report = reportOf(
      [
        trialLine({ id: 0, target: 'a', deliveredPerSecond: 100, latencyUs: service(10), measured: measuredOf(1, 1) }),
        trialLine({ id: 1, target: 'b', deliveredPerSecond: 50, latencyUs: service(40), measured: measuredOf(1, 1) }),
      ],
      runLine({ scenario: { ...runLine().scenario, targets: ['none', 'a', 'b'] } }),
    );
    const [none, a, b] = report.tables[0]!.rows;
    expect(none!.state).toBe('not run');
    expect(a).toMatchObject({ ratios: { deliveredPerSecond: 1, serviceP50: 1, serviceP99: 1, cpuUsPerDelivery: 1 } });
    expect(b).toMatchObject({ ratios: { deliveredPerSecond: 0.5, serviceP50: 4, serviceP99: 4, cpuUsPerDelivery: 1 } });
  });

  test('have no ratio to a lower bound, to nothing or to zero', () => {
    const lossy = { response: null, service: latencyOf([10]) };
    const report = reportOf([
      trialLine({
        id: 0,
        target: 'uws',
        deliveredPerSecond: 0,
        latencyUs: lossy,
        measured: measuredOf(10, 1),
        server: null,
      }),
      trialLine({ id: 1, target: 'ws' }),
    ]);
    expect(report.tables[0]!.rows[1]).toMatchObject({ ratios: {} });
    expect((report.tables[0]!.rows[1] as MeasuredRow).ratios).toEqual({});
  });

  test('say why a target has no figures', () => {
    const invalid = trialLine({ target: 'ws', valid: false, invalidBecause: reasons('no data') });
    const scenario = { ...runLine().scenario, targets: ['uws', 'ws', 'socketio'] };
    const report = reportOf([invalid], runLine({ scenario, unavailable: { uws: 'no binary' } }));
    expect(report.tables[0]!.rows).toEqual([
      { target: 'uws', trialsPlanned: 3, invalid: [], state: 'unavailable', reason: 'no binary' },
      {
        target: 'ws',
        trialsPlanned: 3,
        invalid: [{ id: 0, block: 0, attempt: 1, reasons: reasons('no data'), errors: {} }],
        state: 'no valid trial',
        client: 'wire',
        reason: 'its only trial was invalid',
      },
      { target: 'socketio', trialsPlanned: 3, invalid: [], state: 'not run', reason: 'the file holds no trial of it' },
    ]);
  });

  test('are told apart by client and stand in a table for each workload', () => {
    const larger = { ...workload, connections: 500 };
    const scenario = { ...runLine().scenario, targets: ['ws'], workloads: [workload, larger] };
    const report = reportOf(
      [
        trialLine({ id: 0, workload: larger }),
        trialLine({ id: 1, client: 'library' }),
        trialLine({ id: 2 }),
        trialLine({ id: 3 }),
      ],
      runLine({ scenario }),
    );
    const shape = report.tables.map((table) =>
      table.rows.map((row) => [row.client, row.state === 'measured' && row.trialsUsed]),
    );
    expect(shape).toEqual([
      [
        ['library', 1],
        ['wire', 2],
      ],
      [['wire', 1]],
    ]);
    expect(report.notes.join('\n')).toMatch(/Rows differ in their client\./);
  });

  test('of targets named like members of an object are rows like others', () => {
    const scenario = { ...runLine().scenario, targets: ['constructor', '__proto__'] };
    const report = reportOf([trialLine({ target: '__proto__' })], runLine({ scenario }));
    expect(report.tables[0]!.rows.map((row) => [row.target, row.state])).toEqual([
      ['constructor', 'not run'],
      ['__proto__', 'measured'],
    ]);
  });
});

describe('notes', () => {
  const notesOf = (...lines: object[]): string => summarise(readResult(fileOf(...lines), 'a.jsonl')).notes.join('\n');

  test('are absent from a clean open loop', () => {
    expect(notesOf(runLine(), trialLine(), endLine())).toBe('');
  });

  test('say what a closed loop cannot see', () => {
    const closed = { ...workload, load: { model: 'closed' as const, inflight: 1 } };
    const scenario = { ...runLine().scenario, workloads: [closed] };
    expect(notesOf(runLine({ scenario }), trialLine({ workload: closed }), endLine())).toMatch(
      /Closed loop: service time only\. .*\(coordinated omission\)/,
    );
  });

  test('say that a run is partial, was interrupted or lost lines', () => {
    expect(notesOf(runLine(), trialLine())).toMatch(/partial run/);
    expect(notesOf(runLine(), trialLine(), endLine({ interrupted: true }))).toMatch(/was interrupted/);
    expect(notesOf(runLine(), {}, endLine())).toMatch(/could not be read.*\na\.jsonl, line 2 was dropped/);
  });

  test('say that the working tree was dirty', () => {
    expect(notesOf(runLine({ git: { commit: 'abc', dirty: true } }), endLine())).toMatch(
      /commit abc alone does not reproduce/,
    );
  });

  test('name settings that are not the same for all rows, and who has which', () => {
    const notes = notesOf(
      runLine(),
      trialLine({ id: 0, target: 'uws', settings: { compression: false, heartbeatMs: 100 } }),
      trialLine({ id: 1, target: 'ws', settings: { compression: false, heartbeatMs: 25_000, policy: 'drop' } }),
      endLine(),
    );
    expect(notes).toBe(
      'Setting heartbeatMs is not the same everywhere: 100 (uws); 25000 (ws). ' +
        'More pings take more bytes and CPU, above all where little else is sent.\n' +
        'Setting policy is not the same everywhere: not recorded (uws); drop (ws).',
    );
  });

  test('name no setting that there is in one protocol alone', () => {
    const notes = notesOf(
      runLine(),
      trialLine({ id: 0, target: 'ws', protocol: 'websocket', settings: { compression: false } }),
      trialLine({ id: 1, target: 'io', protocol: 'socketio', settings: { compression: false, engine: 'ws' } }),
      endLine(),
    );
    expect(notes).toBe('');
  });
});

test('warnings tell broken promises, invalid trials and what trials of each row warn of', () => {
  const counts = { ...trialLine().counts, lost: 5, delivered: 239_995, reordered: 1, errors: { 'wrong-type': 1 } };
  const report = reportOf([
    trialLine({ id: 0, counts, doubts: reasons('busy') }),
    trialLine({ id: 1, attempt: 2, valid: false, invalidBecause: reasons('late', 'busy') }),
  ]);
  expect(warningsOn(report.tables[0]!)).toMatchObject([
    { targets: ['uws'], tone: 'bad', text: 'not run: the file holds no trial of it' },
    {
      targets: ['ws'],
      tone: 'bad',
      text: '5 of 240,000 deliveries lost, 1 out of order, 1 error of class wrong-type (text came back as binary, or binary as text)',
    },
    { targets: ['ws'], tone: 'bad', text: 'an invalid trial (block 0, attempt 2) is left out: late; busy' },
    { targets: ['ws'], tone: 'warn', text: '1 of 1 trial: busy' },
  ]);
});
