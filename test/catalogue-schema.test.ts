/** What of the catalogue a result file may hold when it comes from a stranger. */

import { describe, expect, test } from 'vitest';
import { readTrials } from '../dist/reports/results/read-trial.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import {
  costs,
  counts,
  cut,
  everything,
  holding,
  idle,
  reconnection,
  reportOf,
  roomed,
  rowOf,
  saidOf,
  slow,
  slowReaders,
} from './fixtures/catalogue-results.js';
import { endLine, fileOf, runLine, trialLine, workload } from './fixtures/result-lines.js';

describe('on reading', () => {
  const read = (trial: object) => readResult(fileOf(runLine(), trial, endLine()), 'a.jsonl');
  const whole = trialLine({ ...everything, workload: { ...cut, ...roomed, slowReaders: 5, blocking: 'cut' } });

  test('every part is given back as it was written', () => {
    expect(read(whole).trials).toEqual(readTrials([whole]));
    const ladder = { ...runLine().scenario, workloads: [idle, whole.workload], stopAboveP95Us: 500_000 };
    expect(readResult(fileOf(runLine({ scenario: ladder }), endLine()), 'a.jsonl').run.scenario).toEqual(ladder);
  });

  test.each<[string, object, RegExp]>([
    ['a count of strays below nought', { counts: { ...counts, misrouted: -1 } }, /counts\.misrouted: /],
    [
      'a histogram of last receivers that is none',
      { latencyUs: { ...whole.latencyUs, last: { ...whole.latencyUs.last, histogram: 'AAAA' } } },
      /latencyUs\.last\.histogram: /,
    ],
    [
      'round trips that are text',
      { connectCosts: { tcp: { ...costs.tcp, roundTrips: '1' } } },
      /connectCosts\.tcp\.round/,
    ],
    [
      'stages without end',
      { connectCosts: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`s${i}`, costs.tcp])) },
      /connectCosts: more than 200 keys/,
    ],
    ['a peak beyond all measure', { connectPeakPerSecond: 1e300 }, /connectPeakPerSecond: /],
    ['a lag that is not whole', { pushLagUs: { p50: 1 } }, /pushLagUs\.p99: /],
    ['a fraction of a delivery', { slowReaders: { ...slowReaders, owed: 1.5 } }, /slowReaders\.owed: /],
    ['visits below nought', { visits: { made: -1, delivered: 0 } }, /visits\.made: /],
    [
      'more connections than there are numbers',
      { reconnection: { ...reconnection, cutOff: 1e20 } },
      /reconnection\.cutOff: /,
    ],
    ['CPU below nought', { holding: { ...holding, serverCpuUsPerHour: -1 } }, /holding\.serverCpuUsPerHour: /],
    ['no room at all', { workload: { ...roomed, rooms: 0 } }, /workload\.rooms: /],
    ['an unknown way of blocking', { workload: { ...workload, blocking: 'shred' } }, /workload\.blocking: /],
    ['an unknown outage', { workload: { ...cut, outage: { ...cut.outage, how: 'flood' } } }, /workload\.outage\.how: /],
    [
      'visitors of no rate',
      { workload: { ...roomed, visitors: { stayMs: 1 } } },
      /workload\.visitors\.ratePerSecond: /,
    ],
    ['half a slow reader', { workload: { ...slow, slowReaders: 0.5 } }, /workload\.slowReaders: /],
    ['an unknown load', { workload: { ...workload, load: { model: 'some' } } }, /workload\.load/],
  ])('%s is refused', (_, changes, reason) => {
    const { trials, warnings } = read({ ...whole, ...changes });
    expect(trials).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(reason);
  });

  test('figures that contradict each other are shown without a negative one', () => {
    const report = reportOf(cut, {
      slowReaders: { ...slowReaders, delivered: 40_000 },
      reconnection: { ...reconnection, reconnected: 300 },
    });
    expect(rowOf(report).slowReaders?.dropped).toBe(0);
    expect(saidOf(report)).toEqual([]);
  });
});
