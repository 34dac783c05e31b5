/** The percentile output of a report says what HdrHistogram says of the same values, block by block. */

import { build } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { Histogram } from '../dist/core/measure/histogram.js';
import { summariseLatency } from '../dist/core/measure/latency.js';
import { summarise } from '../dist/reports/report.js';
import { broadcast, everything, hostile, reportOf, resultOf } from './fixtures/catalogue-results.js';
import { reportAs } from './fixtures/formats.js';
import { latencyOf, plausibleLatencies, trialLine, workload } from './fixtures/result-lines.js';

/** The comments and the body of each block. */
function blocksIn(text: string): { readonly about: Record<string, string>; readonly body: string }[] {
  return text.split(/\n\n(?=#\[Scenario)/).map((block) => {
    const [, head = '', body = ''] = /^((?:#\[\w[^\n]*\]\n)+)([\s\S]*)$/.exec(`${block}\n`) ?? [];
    const about = [...head.matchAll(/^#\[([\w ]+) = (.*)\]$/gm)].map(([, name, value]) => [name!, value!]);
    return { about: Object.fromEntries(about), body };
  });
}

/** The library's own output for these values. */
function expectedOf(values: readonly number[]): string {
  const own = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const us of values) own.recordValue(Math.floor(us));
  return own.outputPercentileDistribution(5, 1000);
}

/** `[value in ms, percentile, count]` of each line. */
function pointsIn(body: string): number[][] {
  return [...body.matchAll(/^ +([\d.]+) ([\d.]+) +(\d+)/gm)].map(([, ...fields]) => fields.map(Number));
}

const trials = [1, 2, 3].map((seed) => plausibleLatencies(seed, 3000, 400));

test('a block is the output of HdrHistogram for the values of all trials together', () => {
  const result = resultOf(
    workload,
    trials.map((values) => ({ latencyUs: { response: null, service: latencyOf(values) } })),
  );
  const [block, ...others] = blocksIn(reportAs('hgrm', summarise(result)));
  expect(others).toEqual([]);
  expect(block!.about).toMatchObject({ Scenario: 'echo', Target: 'ws', Client: 'wire', Latency: 'service, ms' });
  const points = pointsIn(block!.body);
  expect(points.length).toBeGreaterThan(50);
  expect(points).toEqual(pointsIn(expectedOf(trials.flat())));
  expect(block!.body).toContain('Total count    =         9000]');
});

test('each line agrees with the histogram of the report', () => {
  const merged = new Histogram();
  for (const us of trials.flat()) merged.record(us);
  const report = reportOf(workload, { latencyUs: { response: null, service: summariseLatency(merged) } });
  for (const [ms, percentile, count] of pointsIn(blocksIn(reportAs('hgrm', report))[0]!.body)) {
    // The last of a histogram is its highest value there, and the end of the bucket of that here.
    const us = Math.round(1000 * ms!);
    expect(merged.countAbove(us)).toBe(merged.count - count!);
    if (percentile! < 1) expect(merged.quantile(percentile!)).toBeLessThanOrEqual(us);
  }
});

test('has a block for each target, workload and latency, and says what has none', () => {
  const other = { ...broadcast, connections: 7 };
  const result = resultOf(
    broadcast,
    [
      { ...everything, target: 'ws' },
      { ...everything, target: 'uws', workload: other },
    ],
    { workloads: [broadcast, other] },
  );
  const blocks = blocksIn(reportAs('hgrm', summarise(result)));
  const named = blocks.map(({ about }) => [about['Target'], about['Latency'] ?? about['No figures']]);
  expect(named).toEqual([
    ['ws', 'service, ms'],
    ['ws', 'response, ms'],
    ['ws', 'last, ms'],
    ['uws', 'not run: the file holds no trial of it'],
    ['ws', 'not run: the file holds no trial of it'],
    ['uws', 'service, ms'],
    ['uws', 'response, ms'],
    ['uws', 'last, ms'],
  ]);
  expect(blocks[5]!.about['Workload']).toContain('7 connections');
});

test('says how many were never answered, and holds nothing of a file that anybody obeys', () => {
  const measured = { ...trialLine().measured, delivered: 199_993 };
  const text = reportAs('hgrm', reportOf(workload, { measured, target: `${hostile}::error::x ##[error]x` }));
  expect(text).toContain('#[Unanswered = 7 deliveries');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).not.toMatch(/::error|##\[/);
  for (const line of text.split('\n')) expect(line).toMatch(/^(#\[.*\]| +Value.*| +[\d. ]+|)$/);
});
