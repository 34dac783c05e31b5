/** The finding of made-up results: what it must say, and that every format has the same figures. */

import { describe, expect, test } from 'vitest';
import { ratioOf, type Values } from '../dist/reports/findings/estimate.js';
import { intervalOf } from '../dist/reports/fold/figure.js';
import type { Finding } from '../dist/reports/fold/finding.js';
import type { MeasuredRow } from '../dist/reports/fold/row.js';
import { type Report, summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, latencyOf, runLine, serverMetrics, trialLine, workload } from './fixtures/result-lines.js';

type Line = ReturnType<typeof trialLine>;

const broadcast = {
  ...workload,
  kind: 'broadcast' as const,
  connections: 1000,
  publishers: 1,
  load: { model: 'open' as const, ratePerSecond: 20, arrivals: 'constant' as const },
};

let nextId = 1;

/** A trial in which everything that was owed came: 200 messages to 1,000 receivers in ten seconds. */
function trialOf(target: string, block: number, cpuUs: number, changes: Partial<Line> = {}): Line {
  const latency = latencyOf([900, 1000, 1100].map((us) => us + block));
  return trialLine({
    id: nextId++,
    target,
    block,
    kind: 'broadcast',
    workload: broadcast,
    connections: 1000,
    seconds: 10,
    measured: { scheduled: 200, sent: 200, owed: 200_000, delivered: 200_000 },
    deliveredPerSecond: 20_000,
    latencyUs: { response: latency, service: latency, last: latency },
    server: { ...serverMetrics, cpuUsPerDelivery: cpuUs },
    ...changes,
  });
}

const blocks = [0, 1, 2, 3, 4, 5];
/** Differs from block to block as a machine does, the same for every target of a block. */
const drift = [1, 1.1, 0.95, 1.2, 1.05, 0.9];

const steady = (target: string, cpuUs: number, of = blocks): Line[] =>
  of.map((block) => trialOf(target, block, cpuUs * drift[block]! * (1 + 0.01 * (block % 2))));

function reportOf(trials: readonly Line[], targets = [...new Set(trials.map(({ target }) => target))]): Report {
  const scenario = { ...runLine().scenario, name: 'broadcast', targets, workloads: [broadcast], trials: 6 };
  return summarise(readResult(fileOf(runLine({ scenario }), ...trials, endLine({ trials: trials.length })), 'a'));
}

const findingOf = (report: Report): Finding => report.tables[0]!.finding;
const said = (report: Report): string => findingOf(report).sentences.join(' ');
const verdictOf = (report: Report, target: string) =>
  findingOf(report).headline.rows.find((row) => row.target === target)?.verdict.code;

describe('a finding', () => {
  test('ranks targets and gives the ratio to the first of the scenario, paired by block, with its interval', () => {
    const report = reportOf([...steady('ws', 8), ...steady('uws', 4), ...steady('socketio', 12)]);
    const { headline, sentences } = findingOf(report);
    expect(headline.reference).toBe('ws');
    expect(headline.rows.map(({ target }) => target)).toEqual(['uws', 'ws', 'socketio']);
    expect(sentences[0]).toBe(
      'Broadcast to 1,000 connections, 20.0/s: uws costs the server 0.50× the CPU of ws (0.50–0.50), socketio 1.50× (1.50–1.50).',
    );
    const [lead] = headline.rows[0]!.cells;
    expect(lead?.ratio?.value).toBeCloseTo(0.5, 9);
    expect(lead!.interval!.low).toBeLessThan(lead!.value);
    expect(lead!.interval!.high).toBeGreaterThan(lead!.value);
    expect([verdictOf(report, 'uws'), verdictOf(report, 'ws'), verdictOf(report, 'socketio')]).toEqual([
      'better',
      'reference',
      'worse',
    ]);
  });

  test('says what the CPU of Redis and of a proxy is where there are any, because that of the server does not have it', () => {
    const spread = blocks.map((block) => {
      const beside = {
        redis: { cpuUsPerDelivery: 1.5, rssBytes: 1e7 },
        proxy: { cpuUsPerDelivery: 32, rssBytes: 2e7 },
      };
      return trialOf('spread', block, 16, { server: { ...serverMetrics, cpuUsPerDelivery: 16, beside } });
    });
    expect(said(reportOf([...steady('ws', 8), ...spread]))).toContain(
      'Beside the server, Redis takes 1.50 µs and the proxy takes 32.0 µs of CPU for a delivery.',
    );
    expect(said(reportOf(steady('ws', 8)))).not.toContain('Beside the server');
  });

  test('says "unclear" where the interval of the ratio contains 1', () => {
    const same = blocks.map((block) => trialOf('other', block, 8 * drift[block]! * (block % 2 === 0 ? 1.05 : 0.96)));
    const report = reportOf([...steady('ws', 8), ...same]);
    expect(verdictOf(report, 'other')).toBe('unclear');
    expect(said(report)).toContain('unclear against ws: other');
    expect(reportAs('text', report, { colour: false, width: 100 })).toContain('unclear');
  });

  test('says of a target that cannot keep up what it delivers of what was asked for', () => {
    const slow = blocks.map((block) =>
      trialOf('slow', block, 90, {
        deliveredPerSecond: 12_000,
        doubts: [{ code: 'server-saturated', cpuPercent: 99 }],
      }),
    );
    const report = reportOf([...steady('ws', 8), ...slow]);
    expect(verdictOf(report, 'slow')).toBe('cannot keep up');
    expect(said(report)).toContain('slow cannot keep up: it delivers 12,000/s of the 20,000/s asked for.');
  });

  test('says once that the generator is the limit, and what to do', () => {
    const limited = blocks.map((block) =>
      trialOf('socketio', block, 20, {
        valid: false,
        client: 'library',
        transport: 'upgrade',
        deliveredPerSecond: 9_000,
        invalidBecause: [{ code: 'generator-limit', busyShare: 0.99, mostShare: 0.9 }],
      }),
    );
    const report = reportOf([...steady('ws', 8), ...limited]);
    expect(verdictOf(report, 'socketio')).toBe('generator limit');
    const text = reportAs('text', report, { colour: false, width: 100 }).replace(/\s+/g, ' ');
    expect(text.match(/generator, not the server, limits/g)).toHaveLength(1);
    expect(text).toContain('socketio (9,000 of 20,000/s)');
    expect(text).toContain('socketio-websocket');
    expect(text).not.toContain('invalid trials');
  });

  test('has warnings that say in how many trials of all they hold, as they name no target', () => {
    const doubts = [{ code: 'cpu-in-ticks' as const }];
    const report = reportOf([...steady('ws', 8), ...steady('uws', 4, [0, 1]).map((trial) => ({ ...trial, doubts }))]);
    expect(reportAs('text', report, { colour: false, width: 160 })).toMatch(/^! .* \(2 of 8 trials\)/m);
  });

  test.each(['text', 'markdown'])('of figures that are as good as nothing is written all the same (%s)', (format) => {
    expect(reportAs(format, reportOf(steady('ws', 1e-213)))).toContain('0 ±0');
  });

  test('of three trials has no interval, and says that five have one', () => {
    const few = [0, 1, 2];
    const report = reportOf([...steady('ws', 8, few), ...steady('uws', 4, few)]);
    expect(verdictOf(report, 'uws')).toBe('no interval');
    expect(
      findingOf(report).headline.rows.flatMap(({ cells }) => cells.map((cell) => cell?.interval)),
    ).not.toContainEqual(expect.anything());
    expect(said(report)).toMatch(/3 trials give no interval.*--trials 5/);
  });

  test('of one target says its figure, and no ratio', () => {
    const report = reportOf(steady('ws', 8));
    expect(findingOf(report).sentences[0]).toMatch(
      /ws costs the server 8\.\d+ µs \(.* – .*\) of CPU for a delivery\.$/,
    );
    expect(JSON.stringify(findingOf(report))).not.toContain('"ratio"');
  });

  test('of a run without a trial says that nothing was measured, and why', () => {
    const report = reportOf([], ['ws']);
    expect(said(report)).toContain('nothing was measured: ws not run');
    expect(reportAs('text', report, { colour: false, width: 100 })).toContain('nothing was measured');
  });

  test('compares the blocks that both have, where trials are missing', () => {
    const report = reportOf([...steady('ws', 8, [0, 1, 2, 3, 4]), ...steady('uws', 4, [1, 2, 3, 4, 5])]);
    const uws = findingOf(report).headline.rows[0]!;
    expect(uws.cells[0]?.ratio?.value).toBeCloseTo(0.5, 9);
    const [, row] = report.tables[0]!.rows;
    expect((row as MeasuredRow).ratios.cpuUsPerDelivery).toBe(uws.cells[0]?.ratio?.value);
    // Four blocks in common.
    expect(uws.verdict.code).toBe('no interval');
  });
});

test('a generator that was late is no limit: its trials are invalid, and the reason is told', () => {
  const late = blocks.map((block) =>
    trialOf('uws', block, 4, {
      valid: false,
      invalidBecause: [{ code: 'generator-late', lateShare: 0.01, lagUs: 9_000, mostLagUs: 1_000 }],
    }),
  );
  const report = reportOf([...steady('ws', 8), ...late]);
  expect(verdictOf(report, 'uws')).toBe('not measured');
  const text = reportAs('text', report, { colour: false, width: 100 }).replace(/\s+/g, ' ');
  expect(text).toContain('uws: 6 invalid trials left out: the generator sent late. Stop what else runs');
});

test('workloads of a sweep are told in one table, with the leading figure from the first to the last', () => {
  const larger = { ...broadcast, connections: 2000 };
  const trials = [...steady('ws', 8), ...steady('ws', 16).map((trial) => ({ ...trial, workload: larger }))];
  const scenario = { ...runLine().scenario, targets: ['ws'], workloads: [broadcast, larger], trials: 6 };
  const report = summarise(readResult(fileOf(runLine({ scenario }), ...trials, endLine({ trials: 12 })), 'a'));
  const text = reportAs('text', report, { colour: false, width: 100 });
  expect(text).toContain('CPU/delivery, from 1,000 connections to 2,000 connections: ws 8.');
  expect(text).toMatch(/\(2\.00×\)/);
  expect(text).toMatch(/^1,000 connections +8\.\d+ ±/m);
  expect(text).toMatch(/^2,000 connections +16\.\d+ ±/m);
});

test('of six targets on a machine that others disturb is 24 lines with that of the result file, the answer in six', () => {
  const names = ['ws', 'uws', 'socketio', 'socketio-websocket', 'socketio-polling', 'socketio-uws'];
  const doubts: Line['doubts'] = [
    { code: 'sends-late', late: 3, sends: 200, lagUs: 4_000, mostLagUs: 1_000 },
    { code: 'receive-wait', latency: 'p50 response', latencyUs: 3_000, waitAtLeastUs: 300, waitAtMostUs: 900 },
    { code: 'receive-wait', latency: 'p50 last', latencyUs: 3_000, waitAtLeastUs: 300, waitAtMostUs: 900 },
    { code: 'server-core-shared', othersShare: 0.12 },
    { code: 'generator-cores-shared', othersShare: 0.2 },
    { code: 'generator-busy', busyShare: 0.8 },
  ];
  const noisy = [1, 1.9, 0.6, 1.4, 0.8, 1.2];
  const trials = names.flatMap((name, i) =>
    blocks.map((block) => trialOf(name, block, (60 + 5 * i) * noisy[(block * (i + 1)) % 6]!, { doubts })),
  );
  const invalid = trialOf('socketio', 6, 20, {
    valid: false,
    invalidBecause: [{ code: 'generator-late', lateShare: 0.01, lagUs: 9_000, mostLagUs: 1_000 }],
  });
  const question = "Does one publisher's message reach every subscriber, how late, and what does it cost the server?";
  const scenario = { ...runLine().scenario, question, targets: names, workloads: [broadcast], trials: 6 };
  const run = runLine({ scenario, command: 'bench run scenarios/broadcast.yaml', seed: 642_063_873 });
  const report = summarise(readResult(fileOf(run, ...trials, invalid, endLine({ trials: 37 })), 'a'));
  const lines = reportAs('text', report, { colour: false, width: 100 }).trimEnd().split('\n');
  // `bench run` adds the path of the result file.
  expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(23);
  expect(lines.indexOf('')).toBeLessThanOrEqual(6);
  const told = lines.join(' ').replace(/\s+/g, ' ');
  for (const doubt of [
    'messages left late',
    'latency is partly',
    'others on the server',
    'others on the gen',
    'r busy',
  ])
    expect(told).toMatch(new RegExp(`${doubt}[^(]* \\(36 of 36`));
  expect(told.split('Stop what else runs on this machine')).toHaveLength(2);
});

test('text and Markdown say the same sentences and figures, in at most 24 lines for six targets', () => {
  const names = ['ws', 'uws', 'socketio', 'socketio-websocket', 'socketio-polling', 'socketio-uws'];
  const report = reportOf(names.flatMap((name, i) => steady(name, 4 + 3 * i)));
  const text = reportAs('text', report, { colour: false, width: 100 });
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  const plainMarkdown = reportAs('markdown', report)
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('\u2060', '');
  for (const sentence of findingOf(report).sentences) {
    expect(plainMarkdown).toContain(sentence);
    expect(text.replace(/\s+/g, ' ')).toContain(sentence);
  }
  const rows = text.split('\n').filter((line) => names.includes(line.split(' ')[0]!) && /\d±|±\d/.test(line));
  expect(rows).toHaveLength(6);
  for (const row of rows) for (const cell of row.trim().split(/\s{2,}/)) expect(plainMarkdown).toContain(cell);
});

test('an interval is that of the sorted Walsh averages, from five values on', () => {
  expect(intervalOf([1, 2, 3, 4])).toBeUndefined();
  // Of six the widest: from the lowest to the highest.
  const { low, high } = intervalOf([4, 1, 2, 8, 16, 32])!;
  expect([low, high]).toEqual([expect.closeTo(1, 9), expect.closeTo(32, 9)]);
});

test('a lower bound has no ratio', () => {
  const known: Values = new Map([[0, { value: 1, atLeast: false }]]);
  expect(ratioOf(new Map([[0, { value: 2, atLeast: true }]]), known, 'lower')).toBeUndefined();
  expect(ratioOf(known, known, 'lower')).toEqual({ value: 1, verdict: 'no interval' });
});
