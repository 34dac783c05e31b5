/** How a report shows what only some workloads measure, and names what went wrong in them. */

import { describe, expect, test } from 'vitest';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import { summarise } from '../dist/reports/report.js';
import {
  broadcast,
  costs,
  counts,
  cut,
  fieldsOf,
  markdownOf,
  pushed,
  reconnection,
  reportOf,
  resultOf,
  roomed,
  rowOf,
  saidOf,
  slow,
  slowReaders,
  storm,
  textOf,
  triple,
} from './fixtures/catalogue-results.js';
import { latencyOf, trialLine, workload } from './fixtures/result-lines.js';

describe('the time to the last receiver', () => {
  const measured = { scheduled: 20_000, sent: 20_000, owed: 1_000_000, delivered: 1_000_000 };
  const last = latencyOf(Array.from({ length: 20_000 }, (_, i) => 200 + (i % 100)));
  const report = reportOf(broadcast, { measured, latencyUs: { ...trialLine().latencyUs, last } });

  test('stands below service and response', () => {
    expect(textOf(report)).toMatch(/ws +service +~110 µs.*\n +response +~120 µs.*\n +last receiver +~249 µs +~298 µs/);
    expect(markdownOf(report)).toMatch(/\| {2}\| last receiver \| \S*249 µs \| \S*298 µs \|/);
    expect(fieldsOf(report)).toMatchObject({
      last_receiver_p50_us: '249',
      last_receiver_p99_firm: 'false',
      last_receiver_p999_firm: 'false',
      last_receiver_count: '20000',
    });
  });

  test('counts messages, however many deliveries each had', () => {
    expect(rowOf(report).last).toMatchObject({ count: 20_000, sent: 20_000, unanswered: 0 });
  });

  test('is firm where five trials or more agree, however few messages each has, as every latency of many receivers', () => {
    const near = latencyOf([100, 101]);
    const far = (us: number) => latencyOf([us, us + 1]);
    const trialsOf = (times: readonly ReturnType<typeof latencyOf>[]) =>
      rowOf(reportOf(broadcast, ...times.map((last) => ({ latencyUs: { response: last, service: last, last } }))));
    const firm = ({ last, service }: ReturnType<typeof trialsOf>) => [
      last?.quantiles.p99.firm,
      service.quantiles.p50.firm,
    ];
    expect(firm(trialsOf(Array(5).fill(near)))).toEqual([true, true]);
    expect(firm(trialsOf(Array(4).fill(near)))).toEqual([false, false]);
    expect(firm(trialsOf([near, near, near, near, far(200)]))).toEqual([false, false]);
    const four = textOf(reportOf(broadcast, ...Array(4).fill({})));
    expect(four.replace(/\s+/g, ' ').split('or there are fewer than 5 trials.')).toHaveLength(2);
  });

  test('is merged over trials and never averaged', () => {
    const of = (us: number) => ({
      measured: { ...measured, sent: 1 },
      latencyUs: { ...trialLine().latencyUs, last: latencyOf([us]) },
    });
    expect(rowOf(reportOf(broadcast, of(100), of(900))).last?.quantiles.p50.us).toBe(100);
  });

  test('of a message that a receiver never had ranks above all others', () => {
    const some = latencyOf(Array(90).fill(200));
    const lossy = { scheduled: 100, sent: 100, owed: 5000, delivered: 4980 };
    const row = rowOf(reportOf(broadcast, { measured: lossy, latencyUs: { ...trialLine().latencyUs, last: some } }));
    expect(row.last).toMatchObject({ unanswered: 10, sent: 100 });
    expect(row.last?.quantiles.p99).toMatchObject({ us: 1_000_000, atLeast: true });
    expect(row.last?.quantiles.p50).toMatchObject({ us: 200, atLeast: false });
  });

  test('counts no message as missing where nothing is, however few could be followed', () => {
    const whole = { scheduled: 100, sent: 100, owed: 5000, delivered: 5000 };
    const followed = { ...trialLine().latencyUs, last: latencyOf(Array(60).fill(200)) };
    const found = reportOf(broadcast, { measured: whole, latencyUs: followed });
    expect(rowOf(found).last).toMatchObject({ unanswered: 0, sent: 60 });
  });
});

describe('what opening connections took', () => {
  const opened = { connectCosts: costs, connectPeakPerSecond: 480 };

  test('is told by stage, with round trips, bytes and the busiest second', () => {
    const report = reportOf(workload, opened, { ...opened, target: 'uws' });
    const text = textOf(report);
    expect(text).toMatch(/tcp +ws +80\.0 µs +300 µs +900 µs +1 +0 B +0 B\n/);
    expect(text).toMatch(/ready +ws +410 µs +1\.90 ms +4\.10 ms +2\.3 +129 B +4\.00 KiB +480\/s\n +uws /);
    expect(markdownOf(report)).toContain(
      '| ready | ws | 410 µs | 1.90 ms | 4.10 ms | 2.3 | 129 B | 4.00 KiB | 480/s |',
    );
    expect(fieldsOf(report)).toMatchObject({
      connect_ready_p99_us: '1900',
      connect_ready_round_trips: '2.25',
      connect_ready_out_bytes: '4096',
      connect_peak_per_second: '480',
    });
  });

  test('puts the first message after being ready', () => {
    const times = { message: triple, ready: triple, engineio: triple, tcp: triple };
    expect(rowOf(reportOf(storm, { connectUs: times })).connect.map(({ stage }) => stage)).toEqual([
      'tcp',
      'engineio',
      'ready',
      'message',
    ]);
  });

  test('is shown without costs for files of earlier versions', () => {
    const text = textOf(reportOf(workload, {}));
    expect(text).toMatch(/ready +ws +410 µs +1\.90 ms +4\.10 ms\n/);
    expect(text).not.toContain('Round trips');
  });

  test('is the subject of kind connect: connections that got their first message back, and nothing is folded away', () => {
    const report = reportOf(storm, {
      measured: { scheduled: 100, sent: 98, owed: 98, delivered: 97 },
      deliveredPerSecond: 9.7,
    });
    const text = textOf(report);
    expect(text).toMatch(/answered +TCP bytes\n.*answered +of asked/);
    expect(text).toMatch(/ws +wire +9\.70\/s +97\.00 %/);
    expect(text).toContain('Answered are connections that got their first message back.');
    expect(markdownOf(report)).not.toContain('<summary>Connecting');
    expect(markdownOf(reportOf(workload, {}))).toContain('<summary>Connecting');
  });
});

describe('an outage', () => {
  test('shows who came back, when, and what was missed', () => {
    const report = reportOf(cut, { reconnection }, { reconnection: { ...reconnection, peakPerSecond: 160 } });
    expect(textOf(report)).toMatch(/ws +400 of 400 +1\.50 ms +9\.00 ms +21\.0 ms +170\/s +80 +14\n/);
    expect(markdownOf(report)).toContain('| ws | 400 of 400 | 1.50 ms | 9.00 ms | 21.0 ms | 170/s | 80 | 14 |');
    expect(fieldsOf(report)).toMatchObject({
      outage: 'reset',
      outage_recovery: 'true',
      cut_off: '400',
      reconnect_max_us: '21000',
      missed_lost: '14',
    });
    expect(saidOf(report)).toEqual([]);
  });

  test('names connections that never came back, and knows no time after which all were there', () => {
    const report = reportOf(cut, { reconnection: { ...reconnection, reconnected: 197 } });
    expect(textOf(report)).toMatch(/ws +197 of 200 +1\.50 ms +9\.00 ms +never /);
    expect(saidOf(report)).toEqual(['bad: 3 of 200 connections never came back']);
  });

  test('after which nobody came back has no times', () => {
    const zero = { p50: 0, p99: 0, max: 0 };
    const gone = { ...reconnection, reconnected: 0, reconnectUs: zero, peakPerSecond: 0 };
    expect(textOf(reportOf(cut, { reconnection: gone }))).toMatch(/ws +0 of 200 +– +– +never /);
  });
});

describe('slow readers', () => {
  test('that the server dropped messages for are named as a fault', () => {
    const report = reportOf(slow, { slowReaders }, { slowReaders });
    expect(textOf(report)).toMatch(/ws +5 +60,000 +36,000 +24,000 +3\.00 MiB\n/);
    expect(markdownOf(report)).toContain('| ws | 5 | 60,000 | 36,000 | 24,000 | 3.00 MiB |');
    expect(fieldsOf(report)).toMatchObject({ slow_readers: '5', slow_reader_dropped: '24000' });
    expect(saidOf(report)).toEqual(['bad: the server dropped 24,000 of 60,000 messages owed to slow readers']);
    const closed = reportOf(slow, { slowReaders, counts: { ...counts, errors: { 'closed:1008': 2 } } });
    expect(saidOf(closed)).toContainEqual(expect.stringMatching(/^bad: the server .*, or closed their connections$/));
  });

  test('that got everything when they read again are none', () => {
    const whole = { ...slowReaders, delivered: 30_000, serverRssGrowthBytes: -4096 };
    const report = reportOf(slow, { slowReaders: whole });
    expect(textOf(report)).toMatch(/ws +5 +30,000 +30,000 +0 +-4\.00 KiB\n/);
    expect(saidOf(report)).toEqual([]);
  });
});

test('a push shows how late the server itself was, and no lag of a generator that sent nothing', () => {
  const report = reportOf(pushed, { pushLagUs: triple });
  expect(textOf(report)).toMatch(/ws +1\.50 ms +9\.00 ms +21\.0 ms\n {2}Late by/);
  expect(textOf(report)).toMatch(/Generator\n(.*\n){3}ws +1 +30 % +– /);
  expect(markdownOf(report)).toContain('| ws | 1.50 ms | 9.00 ms | 21.0 ms |');
  expect(fieldsOf(report)).toMatchObject({ push_lag_p99_us: '9000' });
});

describe('rooms', () => {
  test('show deliveries outside of them and connections that came and went', () => {
    const quiet = { counts: { ...counts, misrouted: 0 }, visits: { made: 412, delivered: 9000 } };
    const report = reportOf(roomed, quiet);
    expect(textOf(report)).toMatch(/outside +came +TCP bytes\n.*its room +and went +in \/ out/);
    expect(textOf(report)).toMatch(/100 % +0 +412 visits +66 B/);
    expect(markdownOf(report)).toContain('| 100 % | 0 | 412 visits |');
    expect(fieldsOf(report)).toMatchObject({ rooms: '5', misrouted: '0', visits: '412', visit_deliveries: '9000' });
    expect(saidOf(report)).toEqual([]);
  });

  test('with strays are a fault, for a gate too', () => {
    const stray = (misrouted: number) => ({ counts: { ...counts, misrouted } });
    const result = resultOf(roomed, [stray(1), stray(2)]);
    expect(saidOf(summarise(result))).toEqual(['bad: 3 deliveries reached connections outside their room']);
    expect(saidOf(reportOf(roomed, stray(1)))).toEqual(['bad: 1 delivery reached a connection outside its room']);
    expect(evaluateGates(result, []).outcomes).toMatchObject([
      { outcome: 'failed', reason: 'contract broken: 3 outside the room that they were sent to' },
    ]);
  });
});
