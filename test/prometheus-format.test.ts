/** The text exposition of a report is what Prometheus reads: named and escaped by its rules, and each line once. */

import { describe, expect, test } from 'vitest';
import { summarise } from '../dist/reports/report.js';
import { blocked, cut, everything, hostile, reportOf, resultOf, slow, triple } from './fixtures/catalogue-results.js';
import { reportAs } from './fixtures/formats.js';
import { latencyOf, trialLine, workload } from './fixtures/result-lines.js';
import { twoTargets } from './fixtures/two-targets.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const label = String.raw`([a-z_]+)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"`;

/** A reader of the text format (version 0.0.4) that forgives nothing: each name is described, and then all its lines come. */
function readExposition(text: string): Sample[] {
  expect(text.endsWith('\n')).toBe(true);
  const samples: Sample[] = [];
  const seen = new Set<string>();
  let current = '';
  const lines = text.slice(0, -1).split('\n');
  for (const [i, line] of lines.entries()) {
    const [, described] = /^# HELP ([a-z_][a-z_\d]*) \S/.exec(line) ?? [];
    if (described !== undefined) {
      expect(seen).not.toContain(described);
      seen.add(described);
      current = described;
      expect(lines[i + 1]).toBe(`# TYPE ${current} gauge`);
    } else if (!line.startsWith('# TYPE ')) {
      const [, name, inside, value] = /^([a-z_][a-z_\d]*)\{(.*)\} (\S+)$/.exec(line) ?? [];
      expect(name, line).toBe(current);
      expect(inside).toMatch(new RegExp(`^${label}(,${label})*$`));
      const labels = [...inside!.matchAll(new RegExp(label, 'g'))].map(([, key, text]) => [
        key,
        text!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
      ]);
      const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
      expect(number).not.toBeNaN();
      samples.push({ name: name!, labels: Object.fromEntries(labels), value: number });
    }
  }
  expect(new Set(lines).size).toBe(lines.length);
  return samples;
}

const samplesOf = (...args: Parameters<typeof reportOf>) => readExposition(reportAs('prometheus', reportOf(...args)));
const named = (samples: readonly Sample[], name: string) =>
  samples.filter((sample) => sample.name === `socketbench_${name}`);

describe('the names', () => {
  const names = [
    ...new Set([cut, slow, blocked].flatMap((work) => samplesOf(work, everything)).map(({ name }) => name)),
  ];

  test('are of every figure, with a base unit last', () => {
    expect(names.length).toBeGreaterThan(90);
    for (const name of names) {
      expect(name).toMatch(/^socketbench_[a-z\d_]+$/);
      expect(name).not.toMatch(/_(us|ms|percent|share|milliseconds|total|count|sum|bucket)(_|$)/);
      if (/_(seconds|bytes|ratio)_/.test(name)) expect(name).toBe('');
    }
  });

  test('stay what they are', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'socketbench_delivered_per_second',
        'socketbench_counts_lost',
        'socketbench_server_cpu_per_delivery_seconds',
        'socketbench_server_cpu_ratio',
        'socketbench_server_rss_per_connection_bytes',
        'socketbench_response_p99_seconds',
        'socketbench_last_p50_seconds',
        'socketbench_push_lag_p99_seconds',
        'socketbench_connect_p50_seconds',
        'socketbench_holding_server_cpu_per_hour_seconds',
      ]),
    );
  });
});

test('the values are those of the report, in base units', () => {
  const samples = readExposition(reportAs('prometheus', summarise(twoTargets())));
  const uws = { scenario: 'echo', target: 'uws', client: 'wire', workload: expect.stringContaining('50 connections') };
  expect(named(samples, 'delivered_per_second')).toMatchObject([
    { labels: uws, value: 20_040 },
    { labels: { target: 'ws' } },
  ]);
  expect(named(samples, 'server_cpu_per_delivery_seconds')[0]!.value).toBe(2.2e-6);
  expect(named(samples, 'server_cpu_ratio')[0]!.value).toBe(0.043);
  expect(named(samples, 'server_gc_seconds')[0]!.value).toBe(0.0125);
  expect(named(samples, 'counts_lost').map(({ value }) => value)).toEqual([0, 50]);
  expect(named(samples, 'trials_invalid').map(({ value }) => value)).toEqual([1, 0, 0]);
  expect(named(samples, 'row_info').map(({ labels }) => labels['state'])).toEqual([
    'measured',
    'measured',
    'unavailable',
  ]);
  expect(named(samples, 'connect_p50_seconds').map(({ labels, value }) => [labels['stage'], value])).toEqual([
    ['tcp', 80e-6],
    ['ready', 410e-6],
    ['tcp', 80e-6],
    ['ready', 410e-6],
  ]);
});

test('a quantile among messages that were never answered is infinite', () => {
  const measured = { ...trialLine().measured, scheduled: 10, sent: 10, owed: 10, delivered: 3 };
  const samples = samplesOf(workload, { measured, latencyUs: { response: null, service: latencyOf([100, 110, 120]) } });
  expect(named(samples, 'service_p99_seconds')[0]!.value).toBe(Number.POSITIVE_INFINITY);
  expect(named(samples, 'service_unanswered')[0]!.value).toBe(7);
});

test('two workloads that are said alike are two', () => {
  const longer = { ...workload, phases: { ...workload.phases, measureMs: 20_000 } };
  const result = resultOf(workload, [{}, { workload: longer }], { workloads: [workload, longer] });
  const rows = named(readExposition(reportAs('prometheus', summarise(result))), 'trials_used');
  expect(rows.map(({ labels }) => labels['workload']!.endsWith(' (2)'))).toEqual([false, true]);
});

test('texts of strangers stay labels', () => {
  const evil = `${hostile}"} 1\\ ::error::x`;
  const text = reportAs(
    'prometheus',
    reportOf(workload, { target: evil, library: evil, connectUs: { [evil]: triple } }),
  );
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).not.toMatch(/::error/);
  expect(named(readExposition(text), 'trials_used')[0]!.labels['target']).toMatch(
    /^\\x1b.*"\} 1\\ \\x3a:error\\x3a:x$/,
  );
});
