/** How a comparison is shown. */

import { describe, expect, test } from 'vitest';
import type { ProfiledSide } from '../dist/core/profile/profile-reading.js';
import { compareForks } from '../dist/reports/comparison/compare-forks.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import type { Comparison } from '../dist/reports/comparison/comparison.js';
import { explain } from '../dist/reports/comparison/explanation.js';
import { formatNames } from '../dist/reports/format-registry.js';
import { closed, forks, gate, resultOf, sidedRun, trialsOf } from './fixtures/compared-results.js';
import { comparisonAs } from './fixtures/formats.js';
import { reasons, runLine } from './fixtures/result-lines.js';

describe('the outputs', () => {
  const evil = '\u001b]0;owned\u0007\u009b31m\u202e|<img src=x>@team [a](b)';
  const hostile = (): Comparison => {
    const trials = trialsOf(4).map((trial) => ({
      ...trial,
      target: evil,
      settings: { [evil]: evil },
      invalidBecause: reasons(evil),
    }));
    const run = {
      tool: evil,
      startedAt: evil,
      git: { commit: evil, dirty: true },
      environment: { ...runLine().environment, cpu: evil },
    };
    const invalid = { ...trials[0]!, valid: false };
    const compared = compareTrials(
      [resultOf([...trials, invalid], run)],
      [resultOf(trialsOf(4).map((trial) => ({ ...trial, target: evil })))],
      [],
    );
    return { ...compared, explanation: explain(hostileForks, 'echo') };
  };
  /** Names of functions and files are those of somebody's server. */
  const hostileSide: ProfiledSide = {
    tree: {
      frames: [{ name: evil, file: evil, line: 1, source: evil }],
      nodes: [{ parent: -1, frame: 0, selfUs: 100 }],
      idleUs: 0,
    },
    ...{ delivered: 10, allDelivered: 10, gcBytes: 0, gcUs: 0, io: undefined, cpu: undefined, calls: { [evil]: 10 } },
  };
  const hostileFork = { base: { ...hostileSide, delivered: 20 }, head: hostileSide };
  const hostileForks = { forks: Array.from({ length: 8 }, () => hostileFork), traced: hostileFork, missing: [evil] };

  test('say what was compared, the change with its interval, the verdict and the trials', () => {
    const comparison = compareTrials(
      [resultOf(trialsOf(10))],
      [resultOf(trialsOf(10, { rate: 8000 }), { seed: 1 })],
      [],
    );
    const text = comparisonAs('text', comparison, { colour: false, width: 140 });
    expect(text).toMatch(
      /throughput +10,0\d\d\/s ±0\.\d % +8,0\d\d\/s ±0\.\d % +-20\.0 % +-20\.\d … -19\.\d % +regression +10 \/ 10/,
    );
    expect(text).toMatch(/p99 .* ~ no change +10 \/ 10/);
    expect(text).toContain('exploratory');
    expect(text).toContain('1 regression, 3 without change');
    const markdown = comparisonAs('markdown', comparison);
    expect(markdown).toContain('| regression | 10 / 10 |');
    expect(JSON.parse(comparisonAs('json', comparison))).toEqual(JSON.parse(JSON.stringify(comparison)));
  });

  test('name the gate of a row and call the others exploratory', () => {
    const text = comparisonAs(
      'text',
      compareForks(resultOf(forks({ rate: 0.9 }), sidedRun()), [gate('throughput', 0.05)], 0.01),
      { colour: false, width: 160 },
    );
    expect(text).toMatch(/throughput .*regression +12 +< 5.0 % worse/);
    expect(text).toMatch(/p99 .*~ no change +12 +exploratory/);
    expect(text).toContain('Gate: 1 regression. Exploratory: 3 without change');
    expect(text.split('\n')[0]).toMatch(
      /^Slower: throughput -10\.\d % \(-1\d\.\d to -\d+\.\d\), gate 5\.0 %: failed\.$/,
    );
  });

  test('tell of which work a metric became worse, where there is more than one', () => {
    const large = { ...closed, payload: { sizeBytes: 4096, type: 'text' } } as const;
    const side = (small: number, big: number) =>
      resultOf(
        [
          ...trialsOf(6, { cpuUs: small }),
          ...trialsOf(6, { cpuUs: big }).map((trial) => ({ ...trial, workload: large })),
        ],
        { scenario: { ...runLine().scenario, targets: ['ws'], workloads: [closed, large] } },
      );
    const [first] = comparisonAs('text', compareTrials([side(4, 4)], [side(5, 6)], [])).split('\n\n');
    expect(first?.replace(/\s+/g, ' ')).toMatch(
      /^Slower: 64 B text: CPU per delivery \+25\.0 % .*, 4\.00 KiB text: CPU per delivery \+50\.0 %/,
    );
  });

  test('say first that the work differs, where it does', () => {
    const twice = { ...closed, load: { model: 'closed', inflight: 2 } } as const;
    const side = (own: Partial<typeof closed>, rate: number) =>
      resultOf(trialsOf(6, { rate }).map((trial) => ({ ...trial, workload: { ...twice, ...own } })));
    const answerTo = (own: Partial<typeof closed>) =>
      comparisonAs('text', compareTrials([side(closed, 10_000)], [side(own, 8_000)], [])).split('\n\n')[0];
    expect(answerTo({})).toMatch(/^Different messages in flight: 1 → 2\. Slower: throughput/);
    expect(answerTo(closed)).toMatch(/^Slower: throughput/);
    const connections = { connections: 7, publishers: 7, payload: { sizeBytes: 4096, type: 'text' } } as const;
    expect(answerTo(connections)).toMatch(/^The work differs, as the warnings tell\. Slower: throughput/);
  });

  test('tell a metric that is clearly worse although it has no gate', () => {
    const comparison = compareForks(resultOf(forks({ rate: 0.9 }), sidedRun()), [gate('p99', 0.1)], 0.01);
    for (const format of ['text', 'markdown']) {
      const [first] = comparisonAs(format, comparison)
        .replace(/&#(\d+);/g, (_, c) => String.fromCharCode(c))
        .split('\n');
      expect(first).toMatch(
        /No change of interest: p99 .*gate 10 %: passed; worse without a gate: throughput -10\.\d %/,
      );
    }
    expect(comparisonAs('markdown', comparison)).toMatch(/<details><summary>Figures and statistics<\/summary>/);
  });

  test('hold nothing of a file that a terminal would obey', () => {
    const comparison = hostile();
    for (const format of formatNames('comparison')) {
      const shown = comparisonAs(format, comparison, { colour: false, width: 100 }).replaceAll('\n', '');
      expect(shown.replaceAll('\u2060', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
    expect(comparisonAs('markdown', comparison)).not.toMatch(/<img|\[a\]|@team/);
    expect(JSON.parse(comparisonAs('json', comparison)).rows[0].target).toBe(evil);
  });

  test.each([24, 40, 59, 80, 100, 120])('are never wider than a screen of %i columns', (width) => {
    for (const comparison of [hostile(), compareForks(resultOf(forks(), sidedRun()), [gate('p99', 0.1)], 0.01)])
      for (const line of comparisonAs('text', comparison, { colour: false, width }).split('\n'))
        expect([...line].length).toBeLessThanOrEqual(width);
  });
});
