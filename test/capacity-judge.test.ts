/** What a trial of a search says of its load: held, not held, the generator's limit, or nothing. */

import { describe, expect, it } from 'vitest';
import type { Reason } from '../dist/core/measure/reason.js';
import type { TrialLine } from '../dist/core/result.js';
import { judge } from '../dist/core/search/judge.js';
import { gatesOf } from '../dist/core/search/objective.js';
import { latencyOf, serverMetrics, trialLine } from './fixtures/result-lines.js';

const objective = gatesOf(['p99 < 50ms', 'delivered = 100%']);
const counts = trialLine().counts;
const late = (us: number) => ({ response: latencyOf(Array(100).fill(us)), service: latencyOf([1]) });
const busy = { ...serverMetrics, cpuPercent: 99 };
const judged = (changes: Partial<TrialLine>) => judge(trialLine(changes), objective);
const invalid = (...invalidBecause: Reason[]) => ({ valid: false, invalidBecause });
const shared: Reason = { code: 'server-core-shared', othersShare: 0.4 };
const limit: Reason = { code: 'generator-limit', busyShare: 0.97, mostShare: 0.9 };

describe('connections that the server has ended', () => {
  const ended = { counts: { ...counts, errors: { 'closed:1006': 3 } } };

  it('fail the load, valid or not, and are never the generator’s limit', () => {
    const failed = [{ metric: 'ended', value: 3 }];
    const unsent: Reason = { code: 'load-not-sent', sentShare: 0.4, leastShare: 0.99 };
    expect(judged(ended)).toMatchObject({ verdict: 'fails', failed });
    expect(judged({ ...ended, ...invalid(unsent) })).toMatchObject({ verdict: 'fails', failed });
    expect(judged(invalid(unsent)).verdict).toBe('generator');
  });

  it('are left to an objective about errors', () => {
    expect(judge(trialLine(ended), gatesOf(['p99 < 50ms', 'errors < 9'])).verdict).toBe('holds');
  });
});

describe('a valid trial', () => {
  it('holds the load when every gate of the objective is kept', () => {
    expect(judged({ latencyUs: late(1_000) })).toMatchObject({ verdict: 'holds', isClear: true, failed: [] });
  });

  it('is not enough alone near the bound', () => {
    expect(judged({ latencyUs: late(40_000) })).toMatchObject({ verdict: 'holds', isClear: false });
    expect(judged({ latencyUs: late(60_000), server: busy })).toMatchObject({ verdict: 'fails', isClear: false });
    expect(judged({ latencyUs: late(110_000), server: busy })).toMatchObject({ verdict: 'fails', isClear: true });
  });

  it('is not enough alone where messages are late and the server has time', () => {
    expect(judged({ latencyUs: late(110_000) })).toMatchObject({ verdict: 'fails', isClear: false });
  });

  it('names what was not kept, with its figure', () => {
    const { failed } = judged({ latencyUs: late(60_032), counts: { ...counts, delivered: 239_999, lost: 1 } });
    expect(failed.map(({ metric }) => metric)).toEqual(['p99', 'delivered']);
    expect(failed[0]!.value / 60_000).toBeCloseTo(1, 2);
    expect(failed[1]!.value).toBe(239_999 / 240_000);
  });

  it('has a p99 of at least the drain where one message in a hundred was never answered', () => {
    const measured = { scheduled: 100, sent: 100, owed: 100, delivered: 90 };
    const { failed } = judged({ latencyUs: late(1_000), measured });
    expect(failed).toContainEqual({ metric: 'p99', value: 1_000_000, atLeast: true });
  });

  it('does not hold the load where the server falls behind, however short the queue is', () => {
    const behind = { latencyUs: late(5_000), deliveredPerSecond: 19_700 };
    expect(judged(behind)).toMatchObject({ verdict: 'fails', failed: [{ metric: 'pace', value: 0.985 }] });
    expect(judged({ ...behind, deliveredPerSecond: 19_900 }).verdict).toBe('holds');
  });

  it('is the generator’s limit where its own part may be all that is too much, and the server has time', () => {
    const waited = (us: number) => ({ atLeast: latencyOf([1]), atMost: latencyOf([us]) });
    const latencyUs = late(60_000);
    expect(judged({ latencyUs, receiveWaitUs: waited(20_000) })).toMatchObject({
      verdict: 'generator',
      isClear: false,
    });
    expect(judged({ latencyUs, receiveWaitUs: waited(5_000) }).verdict).toBe('fails');
    expect(judged({ latencyUs, receiveWaitUs: waited(20_000), server: busy }).verdict).toBe('fails');
    const lost = { ...counts, delivered: counts.owed - 1, lost: 1 };
    expect(judged({ latencyUs, receiveWaitUs: waited(20_000), counts: lost }).verdict).toBe('fails');
    const behind = { latencyUs: late(5_000), deliveredPerSecond: 19_700 };
    const doubts: Reason[] = [{ code: 'generator-busy', busyShare: 0.84 }];
    expect(judged({ ...behind, doubts }).verdict).toBe('generator');
    expect(judged({ ...behind, doubts, server: busy }).verdict).toBe('fails');
    expect(judged({ ...behind, doubts, deliveredPerSecond: 10_000 }).verdict).toBe('fails');
  });

  it('tells how busy server and generator are, whichever is busier', () => {
    expect(judged({}).utilization).toBeCloseTo(0.3);
    expect(judged({ server: busy }).utilization).toBeCloseTo(0.99);
    expect(judged({ server: null }).utilization).toBeUndefined();
  });
});

describe('an invalid trial', () => {
  it('says nothing where the machine was disturbed and the load not held', () => {
    expect(judged({ ...invalid(shared), latencyUs: late(60_000) })).toMatchObject({ verdict: 'disturbed' });
    expect(judged({ ...invalid(shared, limit), latencyUs: late(60_000) })).toMatchObject({ verdict: 'disturbed' });
  });

  it('holds the load where it is held in spite of what only makes it slower', () => {
    expect(judged({ ...invalid(shared), latencyUs: late(1_000) })).toMatchObject({ verdict: 'holds' });
    expect(judged({ ...invalid(limit), latencyUs: late(1_000) })).toMatchObject({ verdict: 'holds' });
  });

  it('does not hold a load that was not sent', () => {
    const unsent: Reason = { code: 'load-not-sent', sentShare: 0.9, leastShare: 0.99 };
    expect(judged({ ...invalid(unsent), latencyUs: late(1_000) })).toMatchObject({ verdict: 'generator' });
  });

  it('is the generator’s limit where the generator was', () => {
    expect(judged({ ...invalid(limit), latencyUs: late(60_000) })).toMatchObject({
      verdict: 'generator',
      isClear: true,
    });
  });

  it('does not hold the load where the server died, or took no connections', () => {
    const died: Reason = { code: 'failure', text: 'the server exited with code 1' };
    const refused: Reason = { code: 'connections-failed', failed: 3, connections: 50 };
    expect(judged(invalid(died))).toMatchObject({ verdict: 'fails', isClear: false });
    expect(judged(invalid(refused))).toMatchObject({ verdict: 'fails', isClear: false });
  });

  it('says nothing where the accounting does not add up', () => {
    const wrong: Reason = { code: 'sends-unaccounted', scheduled: 3, sent: 1, dropped: 1 };
    expect(judged(invalid(wrong))).toMatchObject({ verdict: 'disturbed' });
  });
});
