/** How `bench ab` ends: the exit code and the sentence that follow from the forks in its result file. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conclude } from '../dist/cli/ab/ab-looks.js';
import type { TrialLine } from '../dist/core/result.js';
import { temporaryFolder } from './bench-command.js';
import { forks, gate, sidedRun, textOf } from './fixtures/compared-results.js';

const looks = [{ forks: 12, alpha: 0.05 }];
const gates = [gate('cpuPerDelivery', 0.05)];
const late = { code: 'other', text: 'the generator was late' } as const;

function concluded(trials: readonly TrialLine[], changes: { strict?: boolean; interrupted?: boolean } = {}) {
  const path = join(temporaryFolder(), 'result.jsonl');
  writeFileSync(path, textOf(trials, sidedRun({ looks })));
  const { strict = false, interrupted = false } = changes;
  const count = trials.length / 2;
  return conclude({ path, forks: count, invalid: 0, interrupted }, looks, gates, { strict, format: 'text' });
}

const invalid = (trials: readonly TrialLine[]): TrialLine[] =>
  trials.map((trial) => ({ ...trial, valid: false, invalidBecause: [late] }));

describe('bench ab', () => {
  it('passes two versions that are the same', () => {
    const { comparison: _, ...outcome } = concluded(forks());
    expect(outcome).toEqual({ code: 0, text: expect.stringContaining('no change') });
  });

  it('fails the gate of a head that costs a fifth more', () => {
    const { code, text } = concluded(forks({ cpu: 1.2 }));
    expect(code).toBe(1);
    expect(text).toContain('regression');
  });

  it('is invalid where the generator was starved in most forks, whatever the others show', () => {
    const [few, most] = [forks({ cpu: 1.2 }).slice(0, 4), forks({ cpu: 1.2 }).slice(4)];
    const { code, invalidity } = concluded([...few, ...invalid(most)]);
    expect(code).toBe(3);
    expect(invalidity).toContain('only 2 of 12 forks could be used');
  });

  it('is invalid where no fork is valid', () => {
    expect(concluded(invalid(forks()))).toMatchObject({ code: 3 });
  });

  it('fails a head that loses messages, even when too few forks are valid', () => {
    const [base, head] = forks().slice(0, 2) as [TrialLine, TrialLine];
    const losing = { ...head, counts: { ...head.counts, delivered: head.counts.delivered - 5, lost: 5 } };
    const { code, text } = concluded([base, losing]);
    expect(code).toBe(1);
    const [answer] = text.split('\n').filter((line) => line.startsWith('Contract broken by head'));
    expect(answer).toMatch(/^Contract broken by head: 5 of [\d,]+ deliveries lost/);
  });

  it('says that it was interrupted', () => {
    expect(concluded(forks(), { interrupted: true })).toMatchObject({ code: 130 });
  });
});
