/** Every reason to doubt a comparison of two jobs is said in words. */

import { describe, expect, test } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import { closed, resultOf, trialsOf } from './fixtures/compared-results.js';
import { runLine, trialLine, workload } from './fixtures/result-lines.js';

describe('a warning in words is given', () => {
  const { environment, scenario } = runLine();
  const base = resultOf(trialsOf(4));
  const warningsFor = (run: Parameters<typeof resultOf>[1], trials = trialsOf(4)) =>
    compareTrials([base], [resultOf(trials, { seed: 7, ...run })], []).warnings;
  const settings = { compression: true, heartbeatMs: 25_000 };

  test.each<[string, Parameters<typeof resultOf>[1], string]>([
    ['another CPU', { environment: { ...environment, cpu: 'Intel' } }, 'Different CPU: AMD EPYC 7B13 → Intel.'],
    ['more cores', { environment: { ...environment, cores: 4 } }, 'Different number of cores: 2 → 4.'],
    [
      'more memory',
      { environment: { ...environment, memoryBytes: 2 ** 34 } },
      'Different memory: 8.00 GiB → 16.0 GiB.',
    ],
    [
      'another system',
      { environment: { ...environment, os: 'Darwin 25' } },
      'Different operating system: Linux 6.8 → Darwin 25.',
    ],
    ['another Node', { environment: { ...environment, node: '22.1.0' } }, 'Different Node: 20.20.2 → 22.1.0.'],
    [
      'another version of a library',
      { environment: { ...environment, libraries: { ...environment.libraries, ws: '8.1.0' } } },
      'Different version of ws: 8.23.0 → 8.1.0.',
    ],
    [
      'a library that was not there',
      { environment: { ...environment, libraries: { ws: '8.23.0' } } },
      'Different version of uWebSockets.js: 20.30.0 → not recorded.',
    ],
    [
      'another pinning',
      { environment: { ...environment, pinning: '' } },
      `Different pinning: ${environment.pinning} → none.`,
    ],
    ['another bench', { tool: '0.2.0' }, 'Different version of bench: 0.1.0 → 0.2.0.'],
    [
      'another scenario',
      { scenario: { ...scenario, name: 'other', workloads: [closed], targets: ['ws'] } },
      'Different scenario: echo → other.',
    ],
    [
      'other gates',
      { scenario: { ...scenario, gates: ['p99 < 50ms'], workloads: [closed], targets: ['ws'] } },
      'Different gates: none → p99 < 50ms.',
    ],
    [
      'uncommitted changes',
      { git: { commit: 'e9e68dd0c2b1a7f4', dirty: true } },
      'head: the working tree had changes that are not in commit e9e68dd0c2b1; the commit alone does not reproduce these figures.',
    ],
  ])('for %s', (_, run, warning) => {
    const warnings = warningsFor(run);
    expect(warnings).toContain(warning);
    expect(warnings).toHaveLength(2);
  });

  test.each<[string, Partial<TrialLine>, string]>([
    ['another client', { client: 'library' }, 'ws: different client: wire → library.'],
    ['another transport', { transport: 'polling' }, 'ws: different transport: websocket → polling.'],
    ['a library of the user', { library: 'mine 2.0.0' }, 'ws: different library: not recorded → mine 2.0.0.'],
    ['another server setting', { settings }, 'ws: different setting compression of the server: false → true.'],
    ['more connections', { workload: { ...closed, connections: 60 } }, 'Different connections: 50 → 60.'],
    [
      'more in flight',
      { workload: { ...closed, load: { model: 'closed', inflight: 4 } } },
      'Different messages in flight: 1 → 4.',
    ],
    [
      'larger messages',
      { workload: { ...closed, payload: { sizeBytes: 1024, type: 'text' } } },
      'Different payload size: 64B → 1KiB.',
    ],
    [
      'shorter measurement',
      { workload: { ...closed, phases: { ...closed.phases, measureMs: 500 } } },
      'Different measured time: 10s → 500ms.',
    ],
  ])('for %s', (_, change, warning) => {
    const warnings = warningsFor(
      {},
      trialsOf(4).map((trial) => ({ ...trial, ...change })),
    );
    expect(warnings).toContain(warning);
    expect(warnings).toHaveLength(2);
  });

  test('for files of one side that are not alike', () => {
    const other = resultOf(trialsOf(4), { environment: { ...environment, node: '22.1.0' } });
    expect(compareTrials([base, other], [base, other], []).warnings).toContain(
      'Different Node: 20.20.2 or 22.1.0 on both sides.',
    );
  });

  test('for a file that is not whole, and for what was dropped of it', () => {
    const cut = { ...base, partial: true, warnings: ['a.jsonl, line 9 was dropped: it is not JSON.'] };
    const { warnings } = compareTrials([cut], [base], []);
    expect(warnings).toContain(
      'base: 1 of 1 run did not finish or could not be read whole; what there is of it is shown.',
    );
    expect(warnings).toContain('a.jsonl, line 9 was dropped: it is not JSON.');
  });

  test('for one run on both sides', () => {
    expect(compareTrials([base], [base], []).warnings.join()).toContain('base and head hold the same run');
  });

  test('for targets and work that one side alone has', () => {
    const more = resultOf([
      ...trialsOf(4),
      ...trialsOf(1).map((trial) => ({ ...trial, target: 'uws' })),
      trialLine({ target: 'ws', workload }),
    ]);
    const { warnings, rows } = compareTrials([base], [more], []);
    expect(warnings).toContain('Only head has results of uws.');
    expect(warnings.join('\n')).toMatch(/Only head has results of ws with kind echo.*load open loop, rate 20000\/s/);
    expect(new Set(rows.map(({ target }) => target))).toEqual(new Set(['ws']));
  });
});
