/** Which trials a run leaves out, which invalid ones it does not try again, and which valid ones it does. */

import { describe, expect, it } from 'vitest';
import type { Reason } from '../dist/core/measure/reason.js';
import type { Trial } from '../dist/core/plan.js';
import { Attempts, isGeneratorsLimit, OmittedTrials } from '../dist/runners/run/trials-to-run.js';
import { latencyOf, trialLine, workload } from './fixtures/result-lines.js';

const limit: Reason = { code: 'generator-limit', busyShare: 1, mostShare: 0.9 };
const trialOf = (block: number, target = 'ws'): Trial => ({ id: block, block, target, workload, seed: 1 });
const endedBy = (...invalidBecause: Reason[]) => trialLine({ valid: invalidBecause.length === 0, invalidBecause });

describe('a run', () => {
  it('leaves out a target and workload once the generator was the limit in two trials', () => {
    const omitted = new OmittedTrials(undefined);
    omitted.learn(trialOf(1), endedBy(limit));
    expect(omitted.has(trialOf(2))).toBe(false);
    omitted.learn(trialOf(2), endedBy(limit));
    expect(omitted.has(trialOf(3))).toBe(true);
    expect(omitted.has(trialOf(3, 'uws'))).toBe(false);
    expect(omitted.has({ ...trialOf(3), workload: { ...workload, connections: 7 } })).toBe(false);
  });

  it('goes on with a target whose trials were invalid for another reason', () => {
    const omitted = new OmittedTrials(undefined);
    for (const block of [1, 2, 3]) omitted.learn(trialOf(block), endedBy({ code: 'no-data' }));
    expect(omitted.has(trialOf(4))).toBe(false);
  });

  it('leaves out the rest of a ladder in the block in which a step was too slow', () => {
    const omitted = new OmittedTrials(500_000);
    const slow = trialLine({ latencyUs: { response: latencyOf([600_000]), service: latencyOf([1]) } });
    omitted.learn(trialOf(1), slow);
    expect([omitted.has(trialOf(1)), omitted.has(trialOf(2)), omitted.has(trialOf(1, 'uws'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('goes on with a ladder after a step that was slow because others had the time of the cores', () => {
    const omitted = new OmittedTrials(500_000);
    const latencyUs = { response: latencyOf([600_000]), service: latencyOf([1]) };
    const shared: Reason = { code: 'server-core-shared', othersShare: 0.3 };
    omitted.learn(trialOf(1), trialLine({ latencyUs, valid: false, invalidBecause: [shared] }));
    expect(omitted.has(trialOf(1))).toBe(false);
  });
});

describe('a trial in which the generator was the limit', () => {
  it('would be so again', () => {
    expect(isGeneratorsLimit({ invalidBecause: [{ code: 'no-data' }, limit] })).toBe(true);
  });

  it('is worth another attempt where others had the time of its cores', () => {
    const shared: Reason = { code: 'generator-cores-shared', othersShare: 0.3 };
    expect(isGeneratorsLimit({ invalidBecause: [limit, shared] })).toBe(false);
    expect(isGeneratorsLimit({ invalidBecause: [shared] })).toBe(false);
  });
});

describe('a trial of which few messages left late', () => {
  const late: Reason = { code: 'sends-late', late: 1, sends: 75, lagUs: 3_400, mostLagUs: 1_000 };
  const busy: Reason = { code: 'generator-busy', busyShare: 0.8 };
  const other: Reason = { code: 'steal-time', stolenShare: 0.03 };
  const line = trialLine({ doubts: [other, late] });

  it('is invalid while an attempt is left, and keeps its other warnings', () => {
    const attempts = new Attempts(3, 30);
    expect(attempts.judge(line)).toEqual({ ...line, valid: false, invalidBecause: [late], doubts: [other] });
    expect(attempts.judge({ ...line, attempt: 2 }).valid).toBe(false);
    const held: Reason = { ...late, code: 'sends-held' };
    expect(attempts.judge(trialLine({ doubts: [late, held] })).invalidBecause).toEqual([late, held]);
    const last = { ...line, attempt: 3 };
    expect(attempts.judge(last)).toBe(last);
  });

  it('is measured again as often as there is one for ten trials of the run', () => {
    for (const [trials, again] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [30, 3],
    ] as const) {
      const attempts = new Attempts(3, trials);
      const valid = Array.from({ length: 5 }, () => attempts.judge(line).valid);
      expect(valid.filter((isValid) => !isValid)).toHaveLength(again);
    }
  });

  it('is the only one', () => {
    const failed: Reason = { code: 'failure', text: 'the server ended with code 1' };
    for (const unchanged of [
      trialLine({ doubts: [busy] }),
      trialLine({ doubts: [busy, late] }),
      trialLine({ valid: false, invalidBecause: [failed], doubts: [late] }),
    ])
      expect(new Attempts(3, 30).judge(unchanged)).toBe(unchanged);
  });
});
